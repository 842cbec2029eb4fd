/** How `key` and `submit` are called; what they do is loaded when they are. */
import type { Command, CommandOption } from "../command.ts";

/** @param shared the options that all commands have which speak to a running gateway */
export function keyCommands(shared: Readonly<Record<"config" | "json", CommandOption>>): readonly Command[] {
  return [
    {
      name: "key",
      summary: "Replaces a gateway's key by the one that it has promised; makes further identities of a vehicle.",
      usage: "rotate --config FILE [--lost] [--json] | pseudonyms --config FILE [--count N] [--json]",
      words: [1, 1],
      options: {
        ...shared,
        count: { value: "N", summary: "pseudonyms: so many further ones, 1 to 40 (default: only lists them)" },
        lost: { summary: "rotate: the old key is not to be used: writes rotation.tally for `tallystick ca recover`" },
      },
      details: [
        "rotate draws the key after it, replaces the key file, and has a running gateway publish the rotation; one",
        "that does not run does so at its next start. The key before is kept until the one after that: blocks may",
        "still need it. Exit 75 while the rotation before is not on the chain yet. The device id stays.",
        "pseudonyms makes identities in which nothing is the same, each with its enrol.tally for an office that",
        "certifies one after the other (tallystick ca issue --every 90). The vehicle goes on with the next when the",
        "pseudonym_days of the one in use are over; where nobody certifies it makes them by itself.",
      ],
      run: async (given, io) => (await import("./key.ts")).runKey(given, io),
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
