/**
 * How a charge ends: a pure function of the set of signed facts and of one question that the ledger's clock answers,
 * whether the grace is over. Two nodes with the same facts come to the same outcome, in whatever order these arrived.
 *
 *   OPEN -> ACTIVE -> COMPLETING -> SETTLED | DISPUTED | ABANDONED | CANCELLED
 *
 * The station's legal measurement is billed or, where the two part, what both have signed to; never a mean of the two,
 * which nobody has measured.
 */
import { agreedPart, byBasis, type AgreedPart } from "./agreed-part.ts";
import { orderedReports, sessionReadings, signedMilliWh, type ChargeFacts } from "./charge-facts.ts";
import { leastAtStation, matches } from "./energy-bound.ts";
import type { Role } from "./facts.ts";
import { judgeAgreement, type Judgement } from "./judge-agreement.ts";

export type SettlementState = "OPEN" | "ACTIVE" | "COMPLETING" | "SETTLED" | "DISPUTED" | "ABANDONED" | "CANCELLED";

/** Energies in mWh since the start registers. While the charge is open, the amounts are those that are safe by now. */
export interface Settlement {
  readonly state: SettlementState;
  /** Es and Ee: what each side signed last. */
  readonly stationMilliWh: number;
  readonly vehicleMilliWh: number;
  /** a and k*, and how many readings failed. */
  readonly agreed: AgreedPart;
  /** und = max(a, min(Es, lo(Ee))): what is owed whatever else is found. */
  readonly undisputedMilliWh: number;
  readonly billedMilliWh: number;
  readonly contestedMilliWh: number;
  /** Of an ABANDONED charge: who did not complete. */
  readonly silent: readonly Role[];
  /** The verdict on the final amounts; null unless both sides have completed. */
  readonly judgement: Judgement | null;
}

export function settle(charge: ChargeFacts, graceOver: boolean): Settlement {
  const figures = figuresOf(charge);
  if (isCancelled(charge)) return outcome(figures, { state: "CANCELLED", billedMilliWh: 0 });
  const isCompletedByBoth = charge.completes.station !== undefined && charge.completes.vehicle !== undefined;
  if (isCompletedByBoth) return settleCompleted(charge, figures, graceOver);
  return graceOver ? settleAbandoned(charge, figures) : stillOpen(charge, figures);
}

/** The part of a settlement that does not depend on how the charge ends. */
type Figures = Omit<Settlement, "state" | "billedMilliWh" | "contestedMilliWh" | "silent" | "judgement">;

function figuresOf(charge: ChargeFacts): Figures {
  const { terms } = charge.open;
  const stationMilliWh = signedMilliWh(charge, "station");
  const vehicleMilliWh = signedMilliWh(charge, "vehicle");
  const agreed = agreedPart(terms, sessionReadings(charge, "station"), sessionReadings(charge, "vehicle"));
  const sure = Math.min(stationMilliWh, leastAtStation(terms, vehicleMilliWh));
  return { stationMilliWh, vehicleMilliWh, agreed, undisputedMilliWh: Math.max(agreed.milliWh, sure) };
}

/**
 * Both have completed. Nothing is decided before the log that the decision reads has arrived up to its head: the
 * station's where the amounts match, since it spreads the energy over the tariff's bands; both where they do not.
 */
function settleCompleted(charge: ChargeFacts, figures: Figures, graceOver: boolean): Settlement {
  const { terms } = charge.open;
  const { stationMilliWh, vehicleMilliWh } = figures;
  const judgement = judgeAgreement(terms, stationMilliWh, vehicleMilliWh);
  const isMatch = isMatching(charge, figures, judgement);
  const isHeard = isLogComplete(charge, "station") && (isMatch || isLogComplete(charge, "vehicle"));
  if (!isHeard && !graceOver) return { ...stillOpen(charge, figures), judgement };
  if (!hasBegun(charge)) return { ...outcome(figures, { state: "CANCELLED", billedMilliWh: 0 }), judgement };
  if (!isMatch) return { ...disputed(figures), judgement };
  const billedMilliWh = byBasis(terms, stationMilliWh, vehicleMilliWh);
  return { ...outcome(figures, { state: "SETTLED", billedMilliWh }), judgement };
}

/**
 * Amounts match unless they disagree. Below the minimum quantity no verdict is given, and that could hide a false claim
 * as large as 100 steps of a coarse register: there the amounts must match within the linear bound, or what is left
 * open must be within the exposure that both accepted.
 */
function isMatching(charge: ChargeFacts, figures: Figures, judgement: Judgement): boolean {
  const { terms } = charge.open;
  const { stationMilliWh, vehicleMilliWh, undisputedMilliWh } = figures;
  if (judgement.reason !== "MMQ") return judgement.verdict !== "DISAGREE";
  return matches(terms, stationMilliWh, vehicleMilliWh) || stationMilliWh - undisputedMilliWh <= terms.exposureMilliWh;
}

/** The grace is over and at least one side has not completed. */
function settleAbandoned(charge: ChargeFacts, figures: Figures): Settlement {
  if (!hasBegun(charge)) return outcome(figures, { state: "CANCELLED", billedMilliWh: 0 });
  const { terms } = charge.open;
  const { stationMilliWh, undisputedMilliWh } = figures;
  if (charge.completes.station === undefined) {
    const silent: readonly Role[] = charge.completes.vehicle === undefined ? ["station", "vehicle"] : ["station"];
    return outcome(figures, { state: "ABANDONED", billedMilliWh: undisputedMilliWh, silent });
  }
  // The vehicle signed that its silence costs up to the exposure; a sum beyond the safe integers is above Es anyway.
  const risked = terms.silentPays ? undisputedMilliWh + terms.exposureMilliWh : undisputedMilliWh;
  const billedMilliWh = Math.min(stationMilliWh, risked);
  const contestedMilliWh = stationMilliWh - billedMilliWh;
  return outcome(figures, { state: "ABANDONED", billedMilliWh, contestedMilliWh, silent: ["vehicle"] });
}

function disputed(figures: Figures): Settlement {
  const billedMilliWh = figures.undisputedMilliWh;
  const contestedMilliWh = figures.stationMilliWh - billedMilliWh;
  return outcome(figures, { state: "DISPUTED", billedMilliWh, contestedMilliWh });
}

function stillOpen(charge: ChargeFacts, figures: Figures): Settlement {
  const isCompleting = charge.completes.station !== undefined || charge.completes.vehicle !== undefined;
  const isActive = isHeard(charge, "station") && isHeard(charge, "vehicle");
  return { ...disputed(figures), state: isCompleting ? "COMPLETING" : isActive ? "ACTIVE" : "OPEN" };
}

function outcome(
  figures: Figures,
  ending: Pick<Settlement, "state" | "billedMilliWh"> & Partial<Settlement>,
): Settlement {
  return { contestedMilliWh: 0, silent: [], judgement: null, ...figures, ...ending };
}

/** Both took the charge back before they reported anything: a cancellation after a report is void. */
function isCancelled(charge: ChargeFacts): boolean {
  const roles: readonly Role[] = ["station", "vehicle"];
  return roles.every((role) => charge.cancelled[role] === true && !isHeard(charge, role));
}

/** Energy is owed only when both have begun to report: a charge that one side never joined costs nobody anything. */
function hasBegun(charge: ChargeFacts): boolean {
  const roles: readonly Role[] = ["station", "vehicle"];
  return roles.every((role) => isHeard(charge, role));
}

/** A completion that counts reports proves that there are some, even when they have not arrived. */
function isHeard(charge: ChargeFacts, role: Role): boolean {
  return orderedReports(charge, role).length > 0 || (charge.completes[role]?.reports ?? 0) > 0;
}

function isLogComplete(charge: ChargeFacts, role: Role): boolean {
  return orderedReports(charge, role).length >= (charge.completes[role]?.reports ?? 0);
}
