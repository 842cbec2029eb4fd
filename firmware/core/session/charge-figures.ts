/**
 * What the facts of a charge amount to: the figures that its contract decides upon. Worked out here and not in the
 * contract's program, since they are the same for every contract: who signed what, and how far the two agree.
 */
import type { Terms } from "#core/contract/terms.ts";
import type { InputValues } from "#core/script/run-program.ts";
import { agreedPart, type AgreedPart } from "./agreed-part.ts";
import { agreedProposal, type Proposal } from "./agreed-proposal.ts";
import { orderedReports, sessionReadings, signedMilliWh, type ChargeFacts } from "./charge-facts.ts";
import { leastAtStation, matches, mostAtStation } from "./energy-bound.ts";
import type { AdjudicateBody, Role } from "./facts.ts";
import { judgeAgreement, type Judgement } from "./judge-agreement.ts";

/** Energies in mWh since the start registers. */
export interface ChargeFigures {
  readonly terms: Terms;
  readonly graceOver: boolean;
  readonly station: SideFigures;
  readonly vehicle: SideFigures;
  /** a and k*, and how many readings failed. */
  readonly agreed: AgreedPart;
  /** und = max(a, min(Es, lo(Ee))): what is owed whatever else is found. */
  readonly undisputedMilliWh: number;
  /** The verdict on the final amounts; null unless both sides have completed. */
  readonly judgement: Judgement | null;
  /** What both have proposed, and what the arbiter has said. */
  readonly proposal: Proposal | undefined;
  readonly ruling: AdjudicateBody | undefined;
}

export interface SideFigures {
  /** Es or Ee: what it signed last. */
  readonly milliWh: number;
  /** A completion that counts reports proves that there are some, even when they have not arrived. */
  readonly isHeard: boolean;
  readonly hasCompleted: boolean;
  readonly hasCancelled: boolean;
  /** Its reports are here up to the one that its completion names. */
  readonly isWhole: boolean;
}

export function chargeFigures(charge: ChargeFacts, graceOver: boolean): ChargeFigures {
  const { terms } = charge.open;
  const [station, vehicle] = [sideFigures(charge, "station"), sideFigures(charge, "vehicle")];
  const agreed = agreedPart(terms, sessionReadings(charge, "station"), sessionReadings(charge, "vehicle"));
  const sure = Math.min(station.milliWh, leastAtStation(terms, vehicle.milliWh));
  const isJudged = station.hasCompleted && vehicle.hasCompleted && !isTakenBack(station, vehicle);
  return {
    terms,
    graceOver,
    station,
    vehicle,
    agreed,
    undisputedMilliWh: Math.max(agreed.milliWh, sure),
    judgement: isJudged ? judgeAgreement(terms, station.milliWh, vehicle.milliWh) : null,
    proposal: agreedProposal(charge, station.milliWh),
    ruling: charge.ruling,
  };
}

/** The figures by the names that programs read them by (`energy-surface.ts`). */
export function outcomeInputs(figures: ChargeFigures): InputValues {
  const { terms, station, vehicle, agreed, undisputedMilliWh, judgement, proposal, ruling } = figures;
  return {
    ...termsInputs(terms),
    ...sideInputs("station", station),
    ...sideInputs("vehicle", vehicle),
    "agreed.milliWh": BigInt(agreed.milliWh),
    "undisputed.milliWh": BigInt(undisputedMilliWh),
    "most.milliWh": BigInt(mostAtStation(terms, vehicle.milliWh)),
    "judged.verdict": judgement?.verdict ?? "NONE",
    "judged.reason": judgement?.reason ?? "NONE",
    "judged.inBound": matches(terms, station.milliWh, vehicle.milliWh),
    "grace.isOver": figures.graceOver,
    "mutual.found": proposal !== undefined,
    "mutual.milliWh": BigInt(proposal?.energyMilliWh ?? 0),
    "ruling.found": ruling !== undefined,
    "ruling.milliWh": BigInt(ruling?.energyMilliWh ?? 0),
  };
}

export function termsInputs(terms: Terms): InputValues {
  return {
    "terms.basis": terms.basis,
    "terms.silentPays": terms.silentPays,
    "terms.exposureMilliWh": BigInt(terms.exposureMilliWh),
    "terms.energyMaxMilliWh": BigInt(terms.energyMaxMilliWh),
    "terms.durationMaxSeconds": BigInt(terms.durationMaxSeconds),
    "terms.graceSeconds": BigInt(terms.graceSeconds),
    "terms.hasArbiter": terms.arbiter !== null,
  };
}

function sideFigures(charge: ChargeFacts, role: Role): SideFigures {
  const complete = charge.completes[role];
  const reports = orderedReports(charge, role).length;
  const promised = complete?.reports ?? 0;
  return {
    milliWh: signedMilliWh(charge, role),
    isHeard: reports > 0 || promised > 0,
    hasCompleted: complete !== undefined,
    hasCancelled: charge.cancelled[role] === true,
    isWhole: reports >= promised,
  };
}

function sideInputs(role: Role, side: SideFigures): InputValues {
  return {
    [`${role}.milliWh`]: BigInt(side.milliWh),
    [`${role}.heard`]: side.isHeard,
    [`${role}.completed`]: side.hasCompleted,
    [`${role}.cancelled`]: side.hasCancelled,
    [`${role}.whole`]: side.isWhole,
  };
}

/** Both took the charge back before they reported anything: a cancellation after a report is void. */
function isTakenBack(station: SideFigures, vehicle: SideFigures): boolean {
  return [station, vehicle].every(({ hasCancelled, isHeard }) => hasCancelled && !isHeard);
}
