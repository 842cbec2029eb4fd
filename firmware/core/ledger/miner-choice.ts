/** Why the next miner is who it is, for whoever reads a chain: the schedule with what it was made from. */
import { toHex } from "#base/bytes.ts";
import type { Hash } from "./merkle-tree.ts";
import { historyOf } from "./reputation.ts";
import { partiesOf, relativesOf, schedule, tradingCharges, type Tier } from "./schedule.ts";
import { isBusy, type LedgerState } from "./state.ts";

export interface Candidate {
  /** In hex. */
  readonly did: string;
  /** Undefined for a node with no place: it charges, or has neither the history nor the genesis behind it. */
  readonly tier: Tier | undefined;
  /** H(n). */
  readonly history: number;
  /** Party of a charge that is under way. */
  readonly isCharging: boolean;
  /** Has settled with a party of the charges that are looked at; true of everybody where nobody charges. */
  readonly isRelative: boolean;
}

export interface MinerChoice {
  /** Addresses of the charges whose relatives come first, in hex; none where nobody charges. */
  readonly lookedAt: readonly string[];
  /** Those with a place in their order, also where the rules let only the first seal; then the others. */
  readonly candidates: readonly Candidate[];
}

/** Of the block behind a state. */
export function minerChoice(hash: Hash, parent: LedgerState): MinerChoice {
  const open = tradingCharges(parent);
  const { lookedAt, related } = relativesOf(parent, open);
  const charging = new Set(open.filter(isBusy).flatMap(partiesOf));
  const places = schedule(hash, { ...parent, rules: { ...parent.rules, fallback: true } });
  const candidateOf = (did: string, tier: Tier | undefined): Candidate => ({
    did,
    tier,
    history: historyOf(parent, did, parent.sealedAt),
    isCharging: charging.has(did),
    isRelative: related === "all" || related.has(did),
  });
  const placed = new Set(places.map(({ did }) => did));
  const others = [...parent.members.entries()].filter(([did, { role }]) => !placed.has(did) && role !== "arbiter");
  return {
    lookedAt: lookedAt.map(({ address }) => toHex(address)),
    candidates: [
      ...places.map(({ did, tier }) => candidateOf(did, tier)),
      ...others.map(([did]) => candidateOf(did, undefined)),
    ],
  };
}
