/**
 * Who may seal the next block, and in which order: the paper's rule as the first place, the rest of the same order as
 * fallback. A pure function of the parent's state, so that everybody names the same miner.
 *
 * The paper (II.C): the miner is the node with the highest transaction history among the nodes relative to the vehicle
 * and the station that trade. "Relative" is read as: has a counted settled transaction with either of them.
 */
import { compareBytes, concatBytes, fromHex } from "#base/bytes.ts";
import { knownHex } from "./known-hex.ts";
import { isRevokedAt, isStruckAt } from "./membership.ts";
import type { Hash } from "./merkle-tree.ts";
import { historyOf, isEligible } from "./reputation.ts";
import { isBusy, isTrading, type LedgerState, type Transaction } from "./state.ts";

/** 0: eligible relatives. 1: other eligible nodes. 2: authorities of the genesis. 3: parties of open transactions. */
export type Tier = 0 | 1 | 2 | 3;

export interface Place {
  readonly did: string;
  readonly tier: Tier;
}

/** The places of the schedule, first rank first. Empty when the rules let nobody seal. */
export function schedule(hash: Hash, parent: LedgerState): readonly Place[] {
  const known = SCHEDULES.get(parent);
  if (known !== undefined) return known;
  const places = findPlaces(hash, parent);
  SCHEDULES.set(parent, places);
  return places;
}

/** Whoever seals on a state, and whoever checks a block on it, asks for the same. */
const SCHEDULES = new WeakMap<LedgerState, readonly Place[]>();

function findPlaces(hash: Hash, parent: LedgerState): readonly Place[] {
  const open = tradingCharges(parent);
  const busy = new Set(open.filter(isBusy).flatMap(partiesOf));
  const { related } = relativesOf(parent, open);
  // Who judges charges must have no say in which of their facts come to stand.
  const members = parent.members.list().filter(([, { role }]) => role !== "arbiter");
  const eligible = members.filter(([, member]) => isEligible(parent, member, parent.sealedAt)).map(([did]) => did);
  const authorities = members
    .map(([did]) => did)
    .filter((did) => parent.authorities.has(did) && !eligible.includes(did))
    .filter((did) => !isRevokedAt(parent, did, parent.sealedAt));
  const standing = authorities.filter((did) => !isStruckAt(parent, did, parent.sealedAt));
  // The time of a strike passes in blocks: where nobody else is left, a region would wait for its end for ever.
  const bootstrap = eligible.length + standing.length > 0 ? standing : authorities;

  const tiers: Record<Tier, string[]> = { 0: [], 1: [], 2: [], 3: [] };
  for (const did of eligible) tiers[busy.has(did) ? 3 : related === "all" || related.has(did) ? 0 : 1].push(did);
  for (const did of bootstrap) tiers[busy.has(did) ? 3 : 2].push(did);
  if (!parent.rules.partyMaySeal) tiers[3] = [];

  const sorted = ([0, 1, 2, 3] as const).flatMap((tier) =>
    byHistory(hash, parent, tiers[tier]).map((did): Place => ({ did, tier })),
  );
  const cooled = coolDown(parent, sorted, tiers[0].length + tiers[1].length);
  return parent.rules.fallback ? cooled : cooled.slice(0, 1);
}

/** Earliest block time, unix seconds, at which a rank may seal on the parent. */
export function dueAt(parent: LedgerState, rank: number): number {
  return parent.sealedAt + parent.rules.blockSeconds + rank * parent.rules.slotSeconds;
}

export function slotOf(parent: LedgerState, sealedAt: number): number {
  return Math.floor((sealedAt - parent.genesis.startedAt) / parent.rules.slotSeconds);
}

/** Charges that are not over. */
export function tradingCharges(state: LedgerState): readonly Transaction[] {
  return [...state.unsettled]
    .map((key) => state.transactions.get(key))
    .filter((transaction): transaction is Transaction => transaction !== undefined && isTrading(transaction));
}

/** Device ids in hex. */
export function partiesOf(transaction: Transaction): readonly string[] {
  return [knownHex(transaction.open.station), knownHex(transaction.open.vehicle)];
}

export interface Relatives {
  /** Device ids of those who have settled with a party; everybody where nobody trades. */
  readonly related: ReadonlySet<string> | "all";
  /** The charges whose parties these are. */
  readonly lookedAt: readonly Transaction[];
}

export function relativesOf(state: LedgerState, open: readonly Transaction[]): Relatives {
  const [oldest] = [...open].sort(
    (left, right) => left.openedInSerial - right.openedInSerial || compareBytes(left.address, right.address),
  );
  if (oldest === undefined) return { related: "all", lookedAt: [] };
  const lookedAt = state.rules.relatedScope === "oldest" ? [oldest] : open;
  const others = lookedAt.flatMap(partiesOf).flatMap((did) => state.counterparties.get(did) ?? []);
  return { related: new Set(others), lookedAt };
}

/** Highest history first; equal histories by a hash that changes with every block. */
export function byHistory(hash: Hash, parent: LedgerState, dids: readonly string[]): readonly string[] {
  const draws = new Map<string, Uint8Array>();
  // Drawn for those only who are level with another.
  const drawOf = (did: string): Uint8Array => {
    const draw = draws.get(did) ?? hash(concatBytes(parent.id, fromHex(did) ?? new Uint8Array()));
    draws.set(did, draw);
    return draw;
  };
  return dids
    .map((did) => ({ did, history: historyOf(parent, did, parent.sealedAt) }))
    .sort((left, right) => right.history - left.history || compareBytes(drawOf(left.did), drawOf(right.did)))
    .map(({ did }) => did);
}

/** Moves the sealers of the last blocks to the end, the one that waited longest first; never drops anybody. */
function coolDown(parent: LedgerState, places: readonly Place[], eligibleCount: number): readonly Place[] {
  const lookBack = Math.min(parent.rules.cooldownBlocks, Math.max(0, eligibleCount - 1));
  const recent = lookBack === 0 ? [] : parent.lastMiners.slice(-lookBack);
  const waited = (place: Place): number => recent.lastIndexOf(place.did);
  return [
    ...places.filter((place) => waited(place) < 0),
    ...places.filter((place) => waited(place) >= 0).sort((left, right) => waited(left) - waited(right)),
  ];
}
