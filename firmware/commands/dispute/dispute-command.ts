/** How `dispute` is called; what it does is loaded when it is. */
import type { Command, CommandOption } from "../command.ts";

/** @param shared the options that all commands have which speak to a running gateway */
export function disputeCommand(shared: Readonly<Record<"config" | "json", CommandOption>>): Command {
  return {
    name: "dispute",
    summary: "Shows disputed charges of a running gateway, and ends them: by agreement, or by the arbiter's ruling.",
    usage:
      "list [--all] | show ADDRESS | resolve ADDRESS --accept | resolve ADDRESS [--energy KWH] [--amount MONEY] | " +
      "adjudicate ADDRESS --energy KWH --fault SIDE --reason TEXT",
    words: [1, 2],
    options: {
      ...shared,
      all: { summary: "list: also those that have ended" },
      energy: { value: "KWH", summary: "what is to be billed; without --amount at the price of the signed tariff" },
      amount: {
        value: "MONEY",
        summary: "resolve: what is to be paid, such as 7.50; without --energy for what it buys",
      },
      accept: { summary: "resolve: what the other side has proposed; of several, the best for this side" },
      fault: { value: "SIDE", summary: "adjudicate: station, vehicle, both or none" },
      reason: { value: "TEXT", summary: "adjudicate: in one line, at most 512 bytes; everybody can read it" },
    },
    details: [
      "ADDRESS may be abbreviated to its first digits. A proposal cannot be taken back: as soon as both sides have",
      "made the same one, the charge is settled. It is stored before the command returns, and travels by itself.",
      "Only the arbiter whom both have signed can adjudicate, and only about what is contested.",
    ],
    run: async (given, io) => (await import("./dispute.ts")).runDispute(given, io),
  };
}
