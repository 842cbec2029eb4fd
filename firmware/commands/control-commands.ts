/** The commands that ask something of a running gateway. */
import type { Command, CommandOption } from "./command.ts";

export function controlCommands({
  config,
  json,
}: Readonly<Record<"config" | "json", CommandOption>>): readonly Command[] {
  return [
    {
      name: "status",
      summary: "Says what a running gateway is doing.",
      usage: "--config FILE [--json]",
      words: [0, 0],
      options: { config, json },
      run: async (given, io) => (await import("./control.ts")).runStatus(given, io),
    },
    {
      name: "health",
      summary: "Says whether a running gateway can do its work.",
      usage: "--config FILE [--wait SECONDS] [--parts LIST] [--json]",
      words: [0, 0],
      options: {
        config,
        wait: { value: "SECONDS", summary: "ask again for so long while it is not ready (default: 0)" },
        parts: {
          value: "LIST",
          summary: "of meter,store,ledger,broker,identity: those that must be healthy (default: all)",
        },
        json,
      },
      details: [
        "A charger's meter was read lately, the store takes a durable write, the ledger follows, the broker is there.",
        "A vehicle may wait for a broker. Exit 0 when all is healthy, 75 when not yet, 1 when waiting will not help.",
      ],
      run: async (given, io) => (await import("./health.ts")).runHealth(given, io),
    },
    {
      name: "charge",
      summary:
        "Tells a running vehicle gateway at which outlet the car stands: for one charge, if it begins within an hour.",
      usage: "--config FILE --station ID [--evse N]",
      words: [0, 0],
      options: {
        config,
        station: { value: "ID", summary: "as on the post: short id, full device id or topic id" },
        evse: { value: "N", summary: "the outlet (default: 1)" },
        json,
      },
      run: async (given, io) => (await import("./control.ts")).runCharge(given, io),
    },
    {
      name: "end",
      summary: "Ends the charge of a running gateway.",
      usage: "--config FILE",
      words: [0, 0],
      options: { config, json },
      run: async (given, io) => (await import("./control.ts")).runEnd(given, io),
    },
  ];
}
