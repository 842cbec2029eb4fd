/** How `provision` is called; what it does is loaded when it is. */
import type { Command, CommandOption } from "../command.ts";

export function provisionCommand(json: CommandOption): Command {
  return {
    name: "provision",
    summary: "Sets many gateways up from a list: cards, certificates, labels.",
    usage: "cards | certify | stickers | status LIST --out DIR [OPTION…]",
    words: [2, 2],
    options: {
      out: { value: "DIR", summary: "folder of the card folders, card-NAME for each gateway" },
      genesis: { value: "FILE", summary: "cards: of the region (default: that of the list's first charger)" },
      ca: { value: "FILE", summary: "cards: ca.pub of the office that a new region is to have" },
      office: { value: "DIR", summary: "certify: folder of the office (tallystick ca init)" },
      "passphrase-file": { value: "FILE", summary: "certify: of the office's key" },
      days: { value: "N", summary: "certify: for how long, 1 to 30 (default: 30)" },
      caps: { value: "LIST", summary: "certify: rights (default: what each role usually has)" },
      mpe: { value: "PPM", summary: "certify: largest error of the meters" },
      point: { value: "PLACE", summary: "certify: with --mpe: where they measure" },
      json,
    },
    details: [
      "LIST is CSV, with the card's keys as heads of its columns (name, role, meter.unit, …), or TOML with [[gateway]]",
      "for each and [every], [every_charger], [every_vehicle] for what they share. A list with a fault writes nothing.",
      "cards writes what belongs onto each card. When a gateway has started once, bring enrol.tally (and of the first",
      "charger genesis.tally) back into its folder: certify and stickers go by it. Exit 65 for faults, each with its",
      "line.",
    ],
    run: async (given, io) => (await import("./provision.ts")).runProvision(given, io),
  };
}
