/**
 * S8: nobody honest signs two different things for one place: two headers of a slot, two reports of a sequence, two
 * completions, two contradicting votes, whatever happened to its power. S9: not even with an old image of its card.
 */
import { toHex } from "#base/bytes.ts";
import { contradict } from "#core/finality/contradiction.ts";
import type { VoteBody } from "#core/finality/vote.ts";
import type { Said } from "../observation.ts";
import type { RegionNode } from "../region-node.ts";
import type { RegionWorld } from "../region-world.ts";
import type { Invariant } from "./invariant.ts";

/** Of gateways whose card was never set back, or of those whose card was. */
export function oneWord(world: RegionWorld, whose: "S8" | "S9"): Invariant {
  const places = new Map<string, string>();
  const votes = new Map<RegionNode, VoteBody[]>();
  const concerns = (node: RegionNode): boolean => {
    if (world.plan.liars.has(node.name)) return false;
    return whose === "S8" ? node.setBack === undefined : node.setBack === "old image";
  };
  return {
    name: whose,
    onSaid: (said, report) => {
      // What a gateway says before its card is set back stands against what it says afterwards.
      const isWatched = concerns(said.by) || (whose === "S9" && !world.plan.liars.has(said.by.name));
      if (!isWatched) return;
      if (said.kind === "vote") {
        const own = votes.get(said.by) ?? [];
        const other = own.find((each) => contradict(each, said.vote));
        if (other !== undefined && concerns(said.by)) {
          report(`${said.by.name} voted for ${said.vote.target.serial} against its vote for ${other.target.serial}`);
        }
        votes.set(said.by, [...own, said.vote].slice(-64));
        return;
      }
      const place = placeOf(said);
      if (place === undefined) return;
      const key = said.kind === "fact" ? said.fact.key : said.key;
      const before = places.get(place);
      if (before !== undefined && before !== key && concerns(said.by)) {
        report(`${place}: signed ${before.slice(0, 8)} and ${key.slice(0, 8)}`);
      }
      places.set(place, key);
    },
  };
}

function placeOf(said: Exclude<Said, { kind: "vote" }>): string | undefined {
  const who = said.by.name;
  // Blocks of others are announced by whoever carries them on.
  if (said.kind === "header") {
    return toHex(said.header.miner) === said.by.identity.key ? `${who} block of slot ${said.header.slot}` : undefined;
  }
  const { fact } = said;
  if (fact.kind === "REPORT" || fact.kind === "COMPLETE") {
    const isOwn = fact.body.role === said.by.identity.role;
    if (!isOwn || !said.isOwn) return undefined;
    const address = toHex(fact.body.address).slice(0, 8);
    return fact.kind === "REPORT"
      ? `${who} report ${fact.body.sequence} of ${address}`
      : `${who} completion of ${address}`;
  }
  return undefined;
}
