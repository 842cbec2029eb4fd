/**
 * Whether the result on a slip can be what follows from the words on it. The readings between start and end are not
 * there, so what they decide (how much of a disputed charge both had agreed to, what a price by time comes to) is
 * bounded here and proven only by the whole receipt.
 */
import { fail, ok, type Result } from "#base/result.ts";
import type { ResultBody } from "#core/ledger/block.ts";
import type { Fact } from "#core/ledger/fact.ts";
import type { Tariff } from "#core/tariff/tariff-terms.ts";
import { chargeCost } from "#core/session/charge-cost.ts";
import { signedMilliWh, type ChargeFacts } from "#core/session/charge-facts.ts";
import { byBasis } from "#core/session/agreed-part.ts";
import { leastAtStation } from "#core/session/energy-bound.ts";
import type { AdjudicateBody, CompleteBody, OpenBody, ResolveBody, Role } from "#core/session/facts.ts";
import { judgeAgreement, type Judgement } from "#core/session/judge-agreement.ts";

export interface SlipStory {
  readonly open: OpenBody;
  readonly words: readonly Fact[];
  /** Whether the contract's code is the one whose rules stand here. */
  readonly isKnownCode: boolean;
}

export interface WrongSlipResult {
  readonly code: "SLIP_WRONG_RESULT";
  readonly field: string;
  readonly claimed: string;
  readonly follows: string;
}

/** What a slip says of a charge, as far as facts are on it: no readings. */
export function chargeOfSlip({ open, words }: Pick<SlipStory, "open" | "words">): ChargeFacts {
  const proposals: Record<Role, readonly ResolveBody[]> = { station: [], vehicle: [] };
  const completes: Partial<Record<Role, CompleteBody>> = {};
  const cancelled: Partial<Record<Role, true>> = {};
  let ruling: AdjudicateBody | undefined;
  for (const { kind, body } of words) {
    if (kind === "COMPLETE") completes[body.role] = body;
    if (kind === "CANCEL") cancelled[body.role] = true;
    if (kind === "RESOLVE") proposals[body.role] = [...proposals[body.role], body];
    if (kind === "ADJUDICATE") ruling = body;
  }
  return { open, reports: { station: [], vehicle: [] }, completes, cancelled, proposals, ruling };
}

/** Says whether the amount was among what could be checked. */
export function judgeSlip(
  story: SlipStory,
  result: ResultBody | undefined,
): Result<{ readonly isPriceShown: boolean }, WrongSlipResult> {
  if (result === undefined) return ok({ isPriceShown: false });
  const charge = chargeOfSlip(story);
  const isPriceShown = isPricedByEnergyAlone(charge.open.terms.tariff) && charge.completes.station !== undefined;
  const demands = [
    ...energyDemands(charge, result),
    ...verdictDemands(charge, result),
    ...(story.isKnownCode ? endingDemands(charge, result) : []),
    ...(isPriceShown && result.ending !== "mutual" ? [priceDemand(charge, result)] : []),
  ];
  const broken = demands.find(({ holds }) => !holds);
  if (broken === undefined) return ok({ isPriceShown: isPriceShown || result.ending === "mutual" });
  const { field, claimed, follows } = broken;
  return fail({ code: "SLIP_WRONG_RESULT", field, claimed: String(claimed), follows: String(follows) });
}

interface Demand {
  readonly field: keyof ResultBody;
  readonly claimed: string | number;
  readonly follows: string | number;
  readonly holds: boolean;
}

function equal(field: keyof ResultBody, claimed: string | number, follows: string | number): Demand {
  return { field, claimed, follows, holds: claimed === follows };
}

function atMost(field: keyof ResultBody, claimed: number, most: number): Demand {
  return { field, claimed, follows: `at most ${most}`, holds: claimed <= most };
}

function atLeast(field: keyof ResultBody, claimed: number, least: number): Demand {
  return { field, claimed, follows: `at least ${least}`, holds: claimed >= least };
}

/** Who has completed has signed the amount; nobody is billed for more than the station has signed for. */
function energyDemands(charge: ChargeFacts, result: ResultBody): readonly Demand[] {
  const { station, vehicle } = charge.completes;
  const { stationMilliWh, vehicleMilliWh, billedMilliWh, contestedMilliWh } = result;
  return [
    ...(station === undefined ? [] : [equal("stationMilliWh", stationMilliWh, signedMilliWh(charge, "station"))]),
    ...(vehicle === undefined ? [] : [equal("vehicleMilliWh", vehicleMilliWh, signedMilliWh(charge, "vehicle"))]),
    atMost("billedMilliWh", billedMilliWh, stationMilliWh),
    atMost("contestedMilliWh", contestedMilliWh, stationMilliWh - billedMilliWh),
  ];
}

function judgementOf({ open, completes }: ChargeFacts, result: ResultBody): Judgement | undefined {
  if (completes.station === undefined || completes.vehicle === undefined) return undefined;
  return judgeAgreement(open.terms, result.stationMilliWh, result.vehicleMilliWh);
}

function verdictDemands(charge: ChargeFacts, result: ResultBody): readonly Demand[] {
  const judgement = judgementOf(charge, result);
  if (judgement === undefined) return [equal("verdict", result.verdict, "NONE")];
  return [
    equal("verdict", result.verdict, judgement.verdict),
    equal("differencePpm", result.differencePpm, judgement.differencePpm),
    equal("rejectionLimitPpm", result.rejectionLimitPpm, judgement.rejectionLimitPpm),
  ];
}

/** By what the charge ended: what that takes, and what it gives. */
function endingDemands(charge: ChargeFacts, result: ResultBody): readonly Demand[] {
  const { ending, state, billedMilliWh, stationMilliWh, vehicleMilliWh } = result;
  const judgement = judgementOf(charge, result);
  const sure = Math.min(stationMilliWh, leastAtStation(charge.open.terms, vehicleMilliWh));
  switch (ending) {
    case "cancelled":
      return [
        equal("state", state, "CANCELLED"),
        equal("billedMilliWh", billedMilliWh, 0),
        equal("amount", result.amount, 0),
      ];
    case "comparison": {
      if (judgement === undefined) return [equal("ending", ending, "silence")];
      // Below the minimum quantity the readings can decide, too.
      const follows = judgement.verdict === "DISAGREE" ? "DISPUTED" : "SETTLED";
      const isOpen = judgement.reason === "MMQ";
      const billed = byBasis(charge.open.terms, stationMilliWh, vehicleMilliWh);
      return [
        equal("state", state, isOpen && state === "DISPUTED" ? state : follows),
        state === "SETTLED"
          ? equal("billedMilliWh", billedMilliWh, billed)
          : atLeast("billedMilliWh", billedMilliWh, sure),
      ];
    }
    case "silence":
      return [
        equal("state", state, "ABANDONED"),
        equal("silent", result.silent, judgement === undefined ? result.silent : "none: both have completed"),
        atLeast("billedMilliWh", billedMilliWh, sure),
      ];
    case "lapse":
      return [equal("contestedMilliWh", result.contestedMilliWh, 0), atLeast("billedMilliWh", billedMilliWh, sure)];
    case "mutual":
      return mutualDemands(charge, result);
    case "arbiter":
      return arbiterDemands(charge, result);
  }
}

function mutualDemands({ proposals }: ChargeFacts, result: ResultBody): readonly Demand[] {
  const roles: readonly Role[] = ["station", "vehicle"];
  const isAgreed = roles.every((role) =>
    (proposals?.[role] ?? []).some(
      ({ energyMilliWh, amount }) => energyMilliWh === result.billedMilliWh && amount === result.amount,
    ),
  );
  return [
    equal("state", result.state, "SETTLED"),
    equal("ending", result.ending, isAgreed ? "mutual" : "no such proposal of both"),
  ];
}

function arbiterDemands({ ruling }: ChargeFacts, result: ResultBody): readonly Demand[] {
  if (ruling === undefined) return [equal("ending", result.ending, "no ruling")];
  return [
    equal("state", result.state, "SETTLED"),
    equal("fault", result.fault, ruling.fault),
    atLeast("billedMilliWh", result.billedMilliWh, Math.min(result.stationMilliWh, ruling.energyMilliWh)),
  ];
}

function priceDemand(charge: ChargeFacts, result: ResultBody): Demand {
  return equal("amount", result.amount, chargeCost(charge, result.billedMilliWh).minorUnits);
}

/** Whether only energy and flat prices without conditions can apply: then the way to the last register is no matter. */
function isPricedByEnergyAlone({ rules }: Tariff): boolean {
  return rules
    .filter(({ phase }) => phase === "charging")
    .every(
      ({ dimension, windows, energyMilliWh, durationSeconds, powerW }) =>
        (dimension === "ENERGY" || dimension === "FLAT") &&
        [windows, energyMilliWh, durationSeconds, powerW].every((condition) => condition === undefined),
    );
}
