/** Until when what can be said about a charge, by block time in unix seconds. */
import type { OpenBody } from "#core/session/facts.ts";
import { deadline } from "./contract-program.ts";
import type { Transaction } from "./state.ts";

/** After its end a disputed or abandoned charge can still be settled for so long (protocol 2.6, healing window). */
const HEALING_SECONDS = 30 * 86_400;

/** What limits in time follow from. */
export type TimedCharge = Pick<Transaction, "open" | "code" | "openedAt" | "completingSince">;

/** From the second after it, a side that has not completed has fallen silent. */
export function graceEndsAt(transaction: TimedCharge): number {
  return knownIn(GRACE_ENDS, transaction, graceEndFor);
}

/** The last second in which a charge that is over can still be completed late, agreed on or judged. */
export function disputableUntil(transaction: TimedCharge): number {
  return knownIn(DISPUTABLE_UNTIL, transaction, healingEndFor);
}

interface KnownLimit extends Omit<TimedCharge, "open"> {
  readonly limit: number;
}

/** Each block asks for the limits of every charge that goes on, and a contract's program has to be run for them. */
const GRACE_ENDS = new WeakMap<TimedCharge["open"], KnownLimit>();
const DISPUTABLE_UNTIL = new WeakMap<TimedCharge["open"], KnownLimit>();

function knownIn(
  limits: WeakMap<TimedCharge["open"], KnownLimit>,
  charge: TimedCharge,
  limitOf: (charge: TimedCharge) => number,
): number {
  const { open, code, openedAt, completingSince } = charge;
  const known = limits.get(open);
  const isSame = known?.code === code && known.openedAt === openedAt && known.completingSince === completingSince;
  if (isSame) return known.limit;
  const limit = limitOf(charge);
  limits.set(open, { code, openedAt, completingSince, limit });
  return limit;
}

function graceEndFor(transaction: TimedCharge): number {
  const { completingSince } = transaction;
  const endsAt = endOf(transaction);
  const latest = Math.min(endsAt, completingSince ?? Infinity) + transaction.open.terms.graceSeconds;
  return deadline(transaction, "grace", { endsAt, completingSince }, latest);
}

function healingEndFor(transaction: TimedCharge): number {
  const { completingSince } = transaction;
  const endsAt = endOf(transaction);
  const latest = endsAt + transaction.open.terms.graceSeconds + HEALING_SECONDS;
  return deadline(transaction, "healing", { endsAt, completingSince }, latest);
}

/**
 * The last second in which an OPEN may come to stand. It follows from the OPEN alone, and nothing that can be said
 * about the charge is heard any later: so what is over by then can be forgotten, and the same OPEN cannot begin it
 * again.
 */
export function openableUntil({ notAfter, terms }: OpenBody): number {
  return notAfter + terms.graceSeconds + HEALING_SECONDS;
}

/** By which a charge has ended, whatever start its parties have signed. */
function endOf({ open, openedAt }: TimedCharge): number {
  return Math.min(open.notAfter, openedAt + open.terms.durationMaxSeconds);
}
