/** The figures of a receipt: from the result where a block holds one, else from what is signed so far. */
import { diagnose } from "#core/comparison/diagnose.ts";
import type { Diagnosis } from "#core/comparison/diagnosis.ts";
import type { ResultBody } from "#core/ledger/block.ts";
import { chargeCost } from "#core/session/charge-cost.ts";
import type { Ending, FaultSide } from "#core/session/facts.ts";
import { judgeAgreement, type Judgement } from "#core/session/judge-agreement.ts";
import { settle, type SettlementState } from "#core/session/settle.ts";
import type { Price } from "#core/tariff/price-session.ts";
import { powerCurve, type PowerCurve } from "./power-curve.ts";
import type { ReceiptView } from "./receipt-view.ts";

export interface ReceiptFigures {
  readonly state: SettlementState;
  /** Undefined while the charge has not ended. */
  readonly ending: Ending | undefined;
  readonly fault: FaultSide;
  readonly stationMilliWh: number;
  readonly vehicleMilliWh: number;
  readonly billedMilliWh: number;
  readonly contestedMilliWh: number;
  readonly verdict: ResultBody["verdict"];
  readonly judgement: Judgement | undefined;
  /** What is to be paid, in minor units. */
  readonly amount: number;
  /** Its lines; undefined where the amount is not the tariff's price, or the readings that it takes are not at hand. */
  readonly price: Price | undefined;
  /** Bits of who fell silent: 1 the station, 2 the vehicle. */
  readonly silent: 0 | 1 | 2 | 3;
  readonly revision: number | undefined;
  readonly curve: PowerCurve | undefined;
  readonly diagnosis: Diagnosis | undefined;
}

export function receiptFigures({ charge, result }: ReceiptView): ReceiptFigures {
  const settlement = result ?? unsealed(charge);
  const { stationMilliWh, vehicleMilliWh, billedMilliWh, verdict, amount } = settlement;
  const judgement = verdict === "NONE" ? undefined : judgeAgreement(charge.open.terms, stationMilliWh, vehicleMilliWh);
  const price = chargeCost(charge, billedMilliWh);
  return {
    ...{ state: settlement.state, ending: settlement.ending, fault: settlement.fault },
    ...{ stationMilliWh, vehicleMilliWh, billedMilliWh, contestedMilliWh: settlement.contestedMilliWh },
    ...{ verdict, judgement, amount },
    price: isShown(charge, price, settlement) ? price : undefined,
    silent: silentOf(settlement.silent),
    revision: result?.revision,
    curve: powerCurve(charge),
    diagnosis: charge.reports.station.length === 0 ? undefined : diagnose(charge),
  };
}

/** Without the station's readings a price may come out right, but not its times. */
function isShown(
  charge: ReceiptView["charge"],
  price: Price,
  { ending, amount }: Pick<Unsealed, "ending" | "amount">,
): boolean {
  const hasReadings = charge.reports.station.length > 0 || amount === 0;
  return hasReadings && ending !== "mutual" && price.minorUnits === amount;
}

type Unsealed = Pick<
  ReceiptFigures,
  | "state"
  | "ending"
  | "fault"
  | "stationMilliWh"
  | "vehicleMilliWh"
  | "billedMilliWh"
  | "contestedMilliWh"
  | "verdict"
  | "amount"
> & { readonly silent: number };

function unsealed(charge: ReceiptView["charge"]): Unsealed {
  const settlement = settle(charge, false);
  const { judgement, silent, agreedAmount, billedMilliWh } = settlement;
  return {
    ...settlement,
    ending: settlement.ending ?? undefined,
    verdict: judgement?.verdict ?? "NONE",
    silent: (silent.includes("station") ? 1 : 0) + (silent.includes("vehicle") ? 2 : 0),
    amount: agreedAmount ?? chargeCost(charge, billedMilliWh).minorUnits,
  };
}

function silentOf(bits: number): ReceiptFigures["silent"] {
  return bits === 1 || bits === 2 || bits === 3 ? bits : 0;
}
