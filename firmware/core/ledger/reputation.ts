/**
 * The history of each node: what makes it a miner. Counted from the settled transactions of the chain and from nothing
 * else, so that everybody counts the same (invariant S13).
 */
import { toHex } from "#base/bytes.ts";
import type { ResultBody } from "./block.ts";
import { minimumQuantityMilliWh } from "#core/contract/agreement-uncertainty.ts";
import { allowancePpm, countVote, isBiasAlarm, type BiasVote, type SlowBias } from "#core/comparison/slow-bias.ts";
import type { Role } from "#core/session/facts.ts";
import { givesHistory, maySeal } from "./membership.ts";
import { NO_PAIR, NO_TALLY, type LedgerState, type Member, type Transaction } from "./state.ts";
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
  const station = toHex(transaction.open.station);
  const vehicle = toHex(transaction.open.vehicle);
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
  return (state.counterparties.get(did) ?? []).reduce((sum, other) => sum + pairHistory(state, did, other, now), 0);
}

/** D(n): with how many others that history was made. */
export function counterpartiesOf(state: LedgerState, did: string, now: number): number {
  return (state.counterparties.get(did) ?? []).filter((other) => pairHistory(state, did, other, now) > 0).length;
}

/** Whether the node's certificate and its history let it seal. */
export function isEligible(state: LedgerState, member: Member, now: number): boolean {
  const did = toHex(member.did);
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
  const [station, vehicle] = [toHex(open.station), toHex(open.vehicle)];
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
  if (pair.settled === 0) {
    state.counterparties.set(did, [...(state.counterparties.get(did) ?? []), other].sort());
  }
}

function pairHistory(state: LedgerState, did: string, other: string, now: number): number {
  const pair = state.pairs.get(`${did}:${other}`) ?? NO_PAIR;
  const { historyDays, pairCap } = state.rules;
  const forfeitedUntil = state.misconduct.get(did)?.struckAt ?? null;
  if (historyDays === null && forfeitedUntil === null) return Math.min(pair.settled, pairCap ?? pair.settled);
  const oldest = historyDays === null ? -Infinity : now - historyDays * SECONDS_PER_DAY;
  return pair.recent.filter((startedAt) => startedAt >= oldest && startedAt > (forfeitedUntil ?? -Infinity)).length;
}
