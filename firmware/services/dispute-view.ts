/**
 * One disputed charge as the people see it who have to end it: what each side says, where the two parted, what has been
 * proposed, and what each way out costs. Ids are hex, energies mWh, amounts minor units, instants unix seconds.
 */
import { toHex } from "#base/bytes.ts";
import { diagnose } from "#core/comparison/diagnose.ts";
import type { Cause } from "#core/comparison/diagnosis.ts";
import type { ResultBody } from "#core/ledger/block.ts";
import { chargeFactsOf } from "#core/ledger/close-transactions.ts";
import { objectionToSaying } from "#core/ledger/contract-program.ts";
import type { LedgerState, Transaction } from "#core/ledger/state.ts";
import { disputableUntil } from "#core/ledger/time-limits.ts";
import { chargeCost } from "#core/session/charge-cost.ts";
import type { AdjudicateBody, CompletionReason, Ending, ResolveBody, Role } from "#core/session/facts.ts";
import { judgeAgreement, type Judgement } from "#core/session/judge-agreement.ts";
import { settle } from "#core/session/settle.ts";
import { comparedReadings, type ComparedReadings } from "./compared-readings.ts";

/** What this gateway is in the charge. */
export type Standing = Role | "arbiter" | "none";

/** What fits into a list. */
export interface DisputeSummary {
  readonly address: string;
  readonly standing: Standing;
  readonly station: string;
  readonly vehicle: string;
  readonly arbiter: string | null;
  readonly startedAt: number;
  readonly currency: string;
  readonly currencyDigits: number;
  /** As the newest block has it. */
  readonly state: Transaction["state"];
  readonly ending: Ending | null;
  readonly revision: number;
  /** Whether something may still be said about it, and until when. */
  readonly isOpen: boolean;
  readonly lastAt: number;
  /** What each side signed last. */
  readonly stationMilliWh: number;
  readonly vehicleMilliWh: number;
  readonly billedMilliWh: number;
  readonly contestedMilliWh: number;
  readonly amount: number;
  /** How many proposals of each side stand. */
  readonly proposed: Readonly<Record<Role, number>>;
  readonly isJudged: boolean;
}

export interface DisputeView extends DisputeSummary {
  readonly undisputedMilliWh: number;
  /** What all of the station's amount would cost: the most that can be owed. */
  readonly amountMax: number;
  /** Why each side ended; null where it has not said. */
  readonly completed: Readonly<Record<Role, CompletionReason | null>>;
  readonly judgement: Judgement | null;
  readonly causes: readonly Cause[];
  /** Null when the readings are kept in the blocks only. */
  readonly readings: ComparedReadings | null;
  readonly proposals: readonly ShownProposal[];
  readonly ruling: ShownRuling | null;
  readonly outcomes: readonly Outcome[];
}

/** `isSealed`: a block holds it. */
export interface ShownProposal extends Omit<ResolveBody, "address"> {
  readonly isSealed: boolean;
}

export interface ShownRuling extends Omit<AdjudicateBody, "address"> {
  readonly isSealed: boolean;
}

/** A way in which it can end. */
export interface Outcome {
  readonly way:
    /** What is signed is enough, and only waits for a block. */
    | "waiting"
    /** This gateway's side, or the other for `station-proposed`, accepts. */
    | "station-proposed"
    | "vehicle-proposed"
    /** The arbiter's narrowest and widest choice. */
    | "arbiter-least"
    | "arbiter-most"
    /** The vehicle that fell silent completes with an amount that matches. */
    | "late-completion"
    | "lapse";
  readonly energyMilliWh: number;
  readonly amount: number;
}

export interface DisputeContext {
  /** The head's state: what is in blocks. */
  readonly head: LedgerState;
  readonly did: Uint8Array;
  /** Unix seconds. */
  readonly now: number;
}

export function summaryOfDispute(
  transaction: Transaction,
  result: ResultBody,
  context: DisputeContext,
): DisputeSummary {
  const { open, proposals, ruling } = transaction;
  const { terms } = open;
  const { ending, revision, stationMilliWh, vehicleMilliWh, billedMilliWh, contestedMilliWh, amount } = result;
  return {
    address: toHex(transaction.address),
    standing: standingOf(transaction, context.did),
    ...{ station: toHex(open.station), vehicle: toHex(open.vehicle) },
    arbiter: terms.arbiter === null ? null : toHex(terms.arbiter),
    ...{ startedAt: open.startedAt, currency: terms.currency, currencyDigits: terms.currencyDigits },
    ...{ state: result.state, ending, revision },
    ...{ isOpen: isOpen(transaction, context), lastAt: disputableUntil(transaction) },
    ...{ stationMilliWh, vehicleMilliWh, billedMilliWh, contestedMilliWh, amount },
    proposed: { station: proposals.station.length, vehicle: proposals.vehicle.length },
    isJudged: ruling !== undefined,
  };
}

export function viewOfDispute(transaction: Transaction, result: ResultBody, context: DisputeContext): DisputeView {
  const charge = chargeFactsOf(transaction);
  const { open, logs, completes } = transaction;
  const settlement = settle(charge, true);
  // A charge that is over keeps its readings in the blocks only, and with them what was undisputed.
  const hasReadings = logs.station.reports.length > 0;
  const { stationMilliWh, vehicleMilliWh } = settlement;
  const hasVerdict = completes.station !== undefined && completes.vehicle !== undefined;
  const summary = summaryOfDispute(transaction, result, context);
  return {
    ...summary,
    ...{ stationMilliWh, vehicleMilliWh },
    undisputedMilliWh: hasReadings ? settlement.undisputedMilliWh : result.billedMilliWh,
    amountMax: chargeCost(charge, stationMilliWh).minorUnits,
    completed: { station: completes.station?.reason ?? null, vehicle: completes.vehicle?.reason ?? null },
    judgement: hasVerdict ? judgeAgreement(open.terms, stationMilliWh, vehicleMilliWh) : null,
    causes: hasReadings ? diagnose(charge).causes.slice(0, CAUSES_SHOWN) : [],
    readings: hasReadings ? comparedReadings(charge) : null,
    ...saidAbout(transaction, context.head),
    outcomes: summary.isOpen ? outcomesOf(transaction, result) : [],
  };
}

const CAUSES_SHOWN = 3;

/** Whether the two parted at some time, however it has ended since. */
export function hasBeenDisputed({ state, ending }: ResultBody): boolean {
  return state === "DISPUTED" || state === "ABANDONED" || ending === "mutual" || ending === "arbiter";
}

/** Whether the two parted: their meters did, or one fell silent, and neither agreement nor lapse has ended that. */
export function isDisputed({ state, result }: Transaction): boolean {
  if (state === "DISPUTED" || state === "ABANDONED") return result?.ending !== "lapse";
  return state === "SETTLED" && result?.ending === "arbiter";
}

export function isOpen(transaction: Transaction, { head, now }: Pick<DisputeContext, "head" | "now">): boolean {
  return isDisputed(transaction) && Math.max(now, head.sealedAt) <= disputableUntil(transaction);
}

function standingOf({ open }: Transaction, did: Uint8Array): Standing {
  const own = toHex(did);
  if (toHex(open.station) === own) return "station";
  if (toHex(open.vehicle) === own) return "vehicle";
  return open.terms.arbiter !== null && toHex(open.terms.arbiter) === own ? "arbiter" : "none";
}

function saidAbout(
  { address, proposals, ruling }: Transaction,
  head: LedgerState,
): Pick<DisputeView, "proposals" | "ruling"> {
  const sealed = head.transactions.get(toHex(address));
  const shown = ({ role, number, energyMilliWh, amount }: ResolveBody): ShownProposal => ({
    ...{ role, number, energyMilliWh, amount },
    isSealed: sealed?.proposals[role].some((each) => each.number === number) ?? false,
  });
  return {
    proposals: [...proposals.station, ...proposals.vehicle].map(shown),
    ruling:
      ruling === undefined
        ? null
        : {
            ...{ energyMilliWh: ruling.energyMilliWh, fault: ruling.fault, reason: ruling.reason },
            isSealed: sealed?.ruling !== undefined,
          },
  };
}

function outcomesOf(transaction: Transaction, result: ResultBody): readonly Outcome[] {
  const { proposals, open, completes } = transaction;
  const charge = chargeFactsOf(transaction);
  const settlement = settle(charge, true);
  const { undisputedMilliWh, stationMilliWh } = settlement;
  const priced = (way: Outcome["way"], energyMilliWh: number): Outcome => {
    return { way, energyMilliWh, amount: chargeCost(charge, energyMilliWh).minorUnits };
  };
  const offered = (role: Role): readonly Outcome[] =>
    proposals[role]
      .filter(({ energyMilliWh }) => energyMilliWh <= stationMilliWh)
      .map(({ energyMilliWh, amount }) => ({ way: `${role}-proposed`, energyMilliWh, amount }));
  const waiting = { ...priced("waiting", settlement.billedMilliWh) };
  const agreed = settlement.agreedAmount === null ? waiting : { ...waiting, amount: settlement.agreedAmount };
  const mayRule = objectionToSaying(transaction, "adjudicate", "arbiter") === undefined;
  const isRulingAwaited = open.terms.arbiter !== null && transaction.ruling === undefined && mayRule;
  // What the station would say is not known; the vehicle, to match, can only go along with what the station has said.
  const isVehicleAwaited = completes.station !== undefined && completes.vehicle === undefined;
  const lapse: Outcome = { way: "lapse", energyMilliWh: result.billedMilliWh, amount: result.amount };
  return [
    ...(settlement.state === "SETTLED" && !isWhatStands(agreed, settlement.ending, result) ? [agreed] : []),
    ...offered("station"),
    ...offered("vehicle"),
    ...(isRulingAwaited ? [priced("arbiter-least", undisputedMilliWh), priced("arbiter-most", stationMilliWh)] : []),
    ...(isVehicleAwaited ? [priced("late-completion", stationMilliWh)] : []),
    ...(result.state === "SETTLED" ? [] : [lapse]),
  ];
}

function isWhatStands({ energyMilliWh, amount }: Outcome, ending: Ending | null, result: ResultBody): boolean {
  return result.ending === ending && result.billedMilliWh === energyMilliWh && result.amount === amount;
}
