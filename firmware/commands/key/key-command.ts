/** How `key` and `submit` are called; what they do is loaded when they are. */
import type { Command, CommandOption } from "../command.ts";

/** @param shared the options that all commands have which speak to a running gateway */
export function keyCommands(shared: Readonly<Record<"config" | "json", CommandOption>>): readonly Command[] {
  return [
    {
      name: "key",
      summary: "Replaces a gateway's key by the one that it has promised; the device id stays.",
      usage: "rotate --config FILE [--lost] [--json]",
      words: [1, 1],
      options: {
        ...shared,
        lost: { summary: "the old key is not to be used: writes rotation.tally for `tallystick ca recover`" },
      },
      details: [
        "Draws the key after it, replaces the key file, and has a running gateway publish the rotation; one that does",
        "not run does so at its next start. The key before is kept until the one after that: blocks may still need it.",
        "Exit 75 while the rotation before is not on the chain yet.",
      ],
      run: async (given, io) => (await import("./rotate-key.ts")).runKey(given, io),
    },
    {
      name: "submit",
      summary: "Gives a running gateway signed facts from files, such as a revocation or renewed certificates.",
      usage: "FACT… --config FILE [--json]",
      words: [1, 1000],
      options: { ...shared },
      run: async (given, io) => (await import("./submit-fact.ts")).runSubmit(given, io),
    },
  ];
}
