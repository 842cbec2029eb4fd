/** What `first-boot` takes; `first-boot.ts` does it. */
import type { Command, CommandOption } from "../command.ts";

export function firstBootCommand(json: CommandOption): Command {
  return {
    name: "first-boot",
    summary: "Sets a board up from the card that a person has edited: keys and region once, configuration, network.",
    usage: "--card DIR --state DIR --config FILE [--network DIR] [--json], or --print-card ROLE",
    words: [0, 0],
    options: {
      card: { value: "DIR", summary: "where the card is mounted: tallystick.toml is read, REPORT.txt written there" },
      state: { value: "DIR", summary: "the device's own storage: keys, region, ledger" },
      config: { value: "FILE", summary: "the gateway's configuration, which is written" },
      network: { value: "DIR", summary: "write files for systemd-networkd, iwd and timesyncd below DIR" },
      "print-card": { value: "ROLE", summary: "print an example of a card's tallystick.toml: charger or vehicle" },
      "print-readme": { value: "ROLE", summary: "print the README.txt of such a card" },
      json,
    },
    details: [
      "It may run at every start: what is there and right is left alone. Keys are made once and never replaced.",
      "Exit 0 when the gateway can start, 78 when something on the card must be put right: REPORT.txt says what.",
    ],
    run: async (given, io) => (await import("./first-boot.ts")).runFirstBoot(given, io),
  };
}
