/**
 * The rules of `energy-v1` once more, in TypeScript: the oracle that the contract's program is held against. Written
 * before the program and without it; when the two differ, one of them is wrong.
 */
import { agreedPart, byBasis } from "#core/session/agreed-part.ts";
import { agreedProposal } from "#core/session/agreed-proposal.ts";
import { orderedReports, sessionReadings, signedMilliWh, type ChargeFacts } from "#core/session/charge-facts.ts";
import { leastAtStation, matches } from "#core/session/energy-bound.ts";
import type { Role } from "#core/session/facts.ts";
import { judgeAgreement, type Judgement } from "#core/session/judge-agreement.ts";
import type { Settlement } from "#core/session/settle.ts";

export function nativeSettle(charge: ChargeFacts, graceOver: boolean): Settlement {
  const compared = settleByMeasurement(charge, graceOver);
  return compared.ending === null || compared.state === "CANCELLED" ? compared : settleDispute(charge, compared);
}

/** By what the two sides measured and signed while they charged. */
function settleByMeasurement(charge: ChargeFacts, graceOver: boolean): Settlement {
  const figures = figuresOf(charge);
  if (isCancelled(charge)) return cancelled(figures);
  const isCompletedByBoth = charge.completes.station !== undefined && charge.completes.vehicle !== undefined;
  if (isCompletedByBoth) return settleCompleted(charge, figures, graceOver);
  return graceOver ? settleAbandoned(charge, figures) : stillOpen(charge, figures);
}

/**
 * What was said afterwards. Both sides may agree on anything up to what the station has signed for, also on less than
 * the measurements say: that is the first to count, since it takes both. The arbiter is asked only where the two
 * parted, and only about what is contested between them: from the undisputed minimum to what the station has signed
 * for.
 */
function settleDispute(charge: ChargeFacts, compared: Settlement): Settlement {
  const proposal = agreedProposal(charge, compared.stationMilliWh);
  const settled = { ...compared, state: "SETTLED", contestedMilliWh: 0 } as const;
  if (proposal !== undefined) {
    const { energyMilliWh: billedMilliWh, amount: agreedAmount } = proposal;
    return { ...settled, ending: "mutual", billedMilliWh, agreedAmount };
  }
  const { ruling } = charge;
  if (compared.state === "SETTLED" || ruling === undefined) return compared;
  const { undisputedMilliWh, stationMilliWh } = compared;
  const billedMilliWh = Math.min(stationMilliWh, Math.max(undisputedMilliWh, ruling.energyMilliWh));
  return { ...settled, ending: "arbiter", billedMilliWh, fault: ruling.fault };
}

/** The part of a settlement that does not depend on how the charge ends. */
type Figures = Pick<Settlement, "stationMilliWh" | "vehicleMilliWh" | "agreed" | "undisputedMilliWh">;

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
  if (!hasBegun(charge)) return { ...cancelled(figures), judgement };
  if (!isMatch) return { ...disputed(figures), judgement };
  const billedMilliWh = byBasis(terms, stationMilliWh, vehicleMilliWh);
  return { ...outcome(figures, { state: "SETTLED", ending: "comparison", billedMilliWh }), judgement };
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
  if (!hasBegun(charge)) return cancelled(figures);
  const { terms } = charge.open;
  const { stationMilliWh, undisputedMilliWh } = figures;
  if (charge.completes.station === undefined) {
    const silent: readonly Role[] = charge.completes.vehicle === undefined ? ["station", "vehicle"] : ["station"];
    return outcome(figures, { state: "ABANDONED", ending: "silence", billedMilliWh: undisputedMilliWh, silent });
  }
  // The vehicle signed that its silence costs up to the exposure; a sum beyond the safe integers is above Es anyway.
  const risked = terms.silentPays ? undisputedMilliWh + terms.exposureMilliWh : undisputedMilliWh;
  const billedMilliWh = Math.min(stationMilliWh, risked);
  const contestedMilliWh = stationMilliWh - billedMilliWh;
  const silent = ["vehicle"] as const;
  return outcome(figures, { state: "ABANDONED", ending: "silence", billedMilliWh, contestedMilliWh, silent });
}

function disputed(figures: Figures): Settlement {
  const billedMilliWh = figures.undisputedMilliWh;
  const contestedMilliWh = figures.stationMilliWh - billedMilliWh;
  return outcome(figures, { state: "DISPUTED", ending: "comparison", billedMilliWh, contestedMilliWh });
}

function stillOpen(charge: ChargeFacts, figures: Figures): Settlement {
  const isCompleting = charge.completes.station !== undefined || charge.completes.vehicle !== undefined;
  const isActive = isHeard(charge, "station") && isHeard(charge, "vehicle");
  return { ...disputed(figures), ending: null, state: isCompleting ? "COMPLETING" : isActive ? "ACTIVE" : "OPEN" };
}

function cancelled(figures: Figures): Settlement {
  return outcome(figures, { state: "CANCELLED", ending: "cancelled", billedMilliWh: 0 });
}

function outcome(
  figures: Figures,
  end: Pick<Settlement, "state" | "ending" | "billedMilliWh"> & Partial<Settlement>,
): Settlement {
  const usual = { contestedMilliWh: 0, silent: [], judgement: null, fault: "none", agreedAmount: null } as const;
  return { ...usual, ...figures, ...end };
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
