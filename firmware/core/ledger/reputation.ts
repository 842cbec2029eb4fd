/**
 * The history of each node: what makes it a miner. Counted from the settled transactions of the chain and from nothing
 * else, so that everybody counts the same (invariant S13).
 */
import type { ResultBody } from "./block.ts";
import { minimumQuantityMilliWh } from "#core/contract/agreement-uncertainty.ts";
import { allowancePpm, countVote, isBiasAlarm, type BiasVote, type SlowBias } from "#core/comparison/slow-bias.ts";
import type { Role } from "#core/session/facts.ts";
import { knownHex } from "./known-hex.ts";
import { givesHistory, maySeal } from "./membership.ts";
import { NO_PAIR, NO_TALLY, type LedgerState, type PairHistory, type Member, type Transaction } from "./state.ts";
import type { CountedSession, SessionBias } from "./uncounted-sessions.ts";

const SECONDS_PER_DAY = 86_400;
/** Start times kept for a pair when every session counts. */
const RECENT_MAX = 1000;

/** A result and the time of its block, unix seconds. */
export interface NewResult {
  readonly result: ResultBody;
  readonly now: number;
}

/** Writes a new result into the tallies of both parties. */
export function recordResult(state: LedgerState, transaction: Transaction, { result, now }: NewResult): void {
  const station = knownHex(transaction.open.station);
  const vehicle = knownHex(transaction.open.vehicle);
  const before = transaction.result?.state;
  for (const did of [station, vehicle]) {
    const tally = state.tallies.get(did) ?? NO_TALLY;
    const step = (name: ResultBody["state"]): number => (result.state === name ? 1 : 0) - (before === name ? 1 : 0);
    state.tallies.set(did, {
      ...tally,
      settled: tally.settled + step("SETTLED"),
      disputed: tally.disputed + step("DISPUTED"),
      abandoned: tally.abandoned + step("ABANDONED"),
    });
  }
  // A later revision of a settled charge is no further session.
  if (result.state !== "SETTLED" || before === "SETTLED" || !counts(state, station, vehicle, result)) return;
  const session = sessionOf(state, transaction, { result, now });
  if (state.rules.finality === "off") countSession(state, session);
  // The block that is being made is the one after the state's.
  else state.uncounted.add({ ...session, serial: state.serial + 1 });
}

/** Counts what waited for the blocks up to a serial to be final, in the order in which it was settled. */
export function countFinal(state: LedgerState, finalSerial: number): void {
  for (const session of state.uncounted.takeUpTo(finalSerial)) countSession(state, session);
}

/** What the charges so far say about a node's errors: protocol 2.9, `bias`. */
export function biasOf(state: LedgerState, did: string): SlowBias & { readonly isAlarm: boolean } {
  const { bias } = state.tallies.get(did) ?? NO_TALLY;
  return { ...bias, isAlarm: isBiasAlarm(bias) };
}

/** H(n): the length of a node's history at the given time. What was before a strike is forfeited. */
export function historyOf(state: LedgerState, did: string, now: number): number {
  return countedOf(state, did, now).history;
}

/** D(n): with how many others that history was made. */
export function counterpartiesOf(state: LedgerState, did: string, now: number): number {
  return countedOf(state, did, now).others;
}

/** Whether the node's certificate and its history let it seal. */
export function isEligible(state: LedgerState, member: Member, now: number): boolean {
  const did = knownHex(member.did);
  if (!maySeal(state, member, now)) return false;
  if (state.rules.biasPenalty && biasOf(state, did).isAlarm) return false;
  return (
    historyOf(state, did, now) >= state.rules.historyMin &&
    counterpartiesOf(state, did, now) >= state.rules.counterpartiesMin
  );
}

function counts(state: LedgerState, station: string, vehicle: string, result: ResultBody): boolean {
  if (result.billedMilliWh < state.rules.countedMilliWhMin) return false;
  if (!state.rules.otherOrganisationOnly) return true;
  const own = state.members.get(station)?.organisation ?? "";
  const other = state.members.get(vehicle)?.organisation ?? "";
  return own !== other;
}

/** What the settled charge counts, by what the state knows of its parties now. */
function sessionOf(state: LedgerState, transaction: Transaction, { result, now }: NewResult): CountedSession {
  const { open } = transaction;
  const [station, vehicle] = [knownHex(open.station), knownHex(open.vehicle)];
  // A start that was signed in the future would count for longer than the rules let it.
  const startedAt = Math.min(open.startedAt, now);
  const countsFor = ROLES.filter((role) => givesHistory(state, role === "station" ? vehicle : station, startedAt));
  return { station, vehicle, startedAt, countsFor, bias: biasIn(transaction, result) };
}

const ROLES: readonly Role[] = ["station", "vehicle"];

function countSession(state: LedgerState, { station, vehicle, startedAt, countsFor, bias }: CountedSession): void {
  if (countsFor.includes("station")) recordPair(state, station, vehicle, startedAt);
  if (countsFor.includes("vehicle")) recordPair(state, vehicle, station, startedAt);
  if (bias === undefined) return;
  recordBias(state, station, { ...bias, other: vehicle, allowancePpm: bias.allowancePpm.station });
  recordBias(state, vehicle, { ...bias, other: station, allowancePpm: bias.allowancePpm.vehicle });
}

/**
 * One vote for each side. Only what was settled by comparing the two meters counts: an amount that both found
 * acceptable, or that an arbiter named, says nothing about their errors, and a DISAGREE has consequences of its own.
 */
function biasIn({ open: { terms } }: Transaction, result: ResultBody): SessionBias | undefined {
  const isCompared = result.ending === "comparison" && result.verdict !== "DISAGREE" && result.verdict !== "NONE";
  if (!isCompared || result.stationMilliWh < minimumQuantityMilliWh(terms)) return undefined;
  return {
    differencePpm: result.differencePpm,
    expandedPpm: result.rejectionLimitPpm - terms.tolerancePpm,
    allowancePpm: { station: allowancePpm(terms, "station"), vehicle: allowancePpm(terms, "vehicle") },
  };
}

function recordBias(state: LedgerState, did: string, vote: BiasVote): void {
  const tally = state.tallies.get(did) ?? NO_TALLY;
  state.tallies.set(did, { ...tally, bias: countVote(tally.bias, vote) });
}

function recordPair(state: LedgerState, did: string, other: string, startedAt: number): void {
  const key = `${did}:${other}`;
  const pair = state.pairs.get(key) ?? NO_PAIR;
  const recent = [...pair.recent, startedAt].sort((left, right) => left - right);
  state.pairs.set(key, { settled: pair.settled + 1, recent: recent.slice(-(state.rules.pairCap ?? RECENT_MAX)) });
  // Another list in any case: what is known of a node's history is kept by it.
  const others = state.counterparties.get(did) ?? [];
  state.counterparties.set(did, pair.settled === 0 ? [...others, other].sort() : [...others]);
}

/** H and D of a node, and for how long they are that while nothing new is counted. */
interface Counted {
  readonly history: number;
  readonly others: number;
  readonly by: CountedBy;
  /** Unix seconds, both included. */
  readonly from: number;
  readonly until: number;
}

/** What the counts follow from beside the sessions and the time. */
interface CountedBy {
  readonly historyDays: number | null;
  readonly pairCap: number | null;
  readonly forfeitedUntil: number | null;
}

/** Each block asks for the history of every member; it changes when one has settled, or a session is too old. */
const COUNTED = new WeakMap<readonly string[], Counted>();

function countedOf(state: LedgerState, did: string, now: number): Counted {
  const others = state.counterparties.get(did) ?? NOBODY;
  const { historyDays, pairCap } = state.rules;
  const by: CountedBy = { historyDays, pairCap, forfeitedUntil: state.misconduct.get(did)?.struckAt ?? null };
  const known = COUNTED.get(others);
  if (known !== undefined && isSame(known.by, by) && known.from <= now && now <= known.until) return known;
  let [history, counting, until] = [0, 0, Infinity];
  for (const other of others) {
    const pair = pairHistory(state.pairs.get(`${did}:${other}`) ?? NO_PAIR, by, now);
    history += pair.history;
    counting += pair.history > 0 ? 1 : 0;
    until = Math.min(until, pair.until);
  }
  const counted: Counted = { history, others: counting, by, from: now, until };
  COUNTED.set(others, counted);
  return counted;
}

const NOBODY: readonly string[] = [];

function isSame(one: CountedBy, other: CountedBy): boolean {
  return (
    one.historyDays === other.historyDays &&
    one.pairCap === other.pairCap &&
    one.forfeitedUntil === other.forfeitedUntil
  );
}

function pairHistory(
  pair: PairHistory,
  { historyDays, pairCap, forfeitedUntil }: CountedBy,
  now: number,
): Pick<Counted, "history" | "until"> {
  if (historyDays === null && forfeitedUntil === null) {
    return { history: Math.min(pair.settled, pairCap ?? pair.settled), until: Infinity };
  }
  const seconds = historyDays === null ? Infinity : historyDays * SECONDS_PER_DAY;
  const counting = pair.recent.filter(
    (startedAt) => startedAt >= now - seconds && startedAt > (forfeitedUntil ?? -Infinity),
  );
  return { history: counting.length, until: Math.min(...counting) + seconds };
}
