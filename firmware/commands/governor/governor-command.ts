/** How `governor` is called; what it does is loaded when it is. */
import type { Command, CommandOption } from "../command.ts";

/** @param shared the options that several commands have */
export function governorCommand(shared: Readonly<Record<"config" | "from" | "json", CommandOption>>): Command {
  return {
    name: "governor",
    summary:
      "Changes the rules of a region, or names voters where a quorum is gone: as many governors sign as it asks.",
    usage: "init | propose [RULE=VALUE…] | sign FILE | show FILE | submit FILE [OPTION…]",
    words: [1, 32],
    options: {
      folder: { value: "DIR", summary: "of a governor: its key (default: here)" },
      "passphrase-file": { value: "FILE", summary: "the governor's key is, or is to be, under the passphrase in it" },
      genesis: { value: "FILE", summary: "sign, show: genesis.tally of the region" },
      from: shared.from,
      epoch: { value: "N", summary: "propose: in force from that epoch on (default: the earliest that is allowed)" },
      "code-version": { value: "N", summary: "propose: the version of the code that is asked for from then on" },
      voters: { value: "LIST", summary: "propose: who is to vote, device ids with commas" },
      strike: { value: "LIST", summary: "propose: instead of --voters, whom to leave out of those who vote now" },
      out: { value: "FILE", summary: "propose: the file to write (default: decision.tally)" },
      config: shared.config,
      json: shared.json,
    },
    details: [
      "init makes a governor's key and governor.pub; a new region names them: tallystick init --governors",
      "a.pub,b.pub,c.pub --governors-needed 2. propose writes a file for a region's next change of rules, or with",
      "--voters or --strike one that names voters on its last final block, by what the chain at --from says; it has no",
      "signature yet. Each governor checks the file with show and adds a signature with sign, on any machine. submit",
      "gives it to a running gateway when enough have signed. Rules that can change: tallystick show rules.",
    ],
    run: async (given, io) => (await import("./governor.ts")).runGovernor(given, io),
  };
}
