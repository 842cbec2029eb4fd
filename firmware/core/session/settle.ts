/**
 * How a charge ends: a pure function of the set of signed facts and of one question that the ledger's clock answers,
 * whether the grace is over. Two nodes with the same facts come to the same outcome, in whatever order these arrived.
 *
 *   OPEN -> ACTIVE -> COMPLETING -> SETTLED | DISPUTED | ABANDONED | CANCELLED
 *                                     ^---- mutual, arbiter ----'
 *
 * The figures are worked out natively (`charge-figures.ts`); what follows from them is the word of the contract's
 * program. The program is bounded by what both have signed, whatever it says (`bounded-outcome.ts`).
 */
import { ENERGY_V1_BYTES } from "#core/contract/energy-v1.ts";
import { knownProgram } from "#core/script/known-program.ts";
import { runOutcome } from "#core/script/run-program.ts";
import type { AgreedPart } from "./agreed-part.ts";
import { boundedOutcome, type Outcome } from "./bounded-outcome.ts";
import type { ChargeFacts } from "./charge-facts.ts";
import { chargeFigures, outcomeInputs, type ChargeFigures } from "./charge-figures.ts";
import type { FaultSide } from "./facts.ts";
import type { Judgement } from "./judge-agreement.ts";

export type { SettlementState } from "./bounded-outcome.ts";

/** Energies in mWh since the start registers. While the charge is open, the amounts are those that are safe by now. */
export interface Settlement extends Outcome {
  /** Es and Ee: what each side signed last. */
  readonly stationMilliWh: number;
  readonly vehicleMilliWh: number;
  /** a and k*, and how many readings failed. */
  readonly agreed: AgreedPart;
  /** und = max(a, min(Es, lo(Ee))): what is owed whatever else is found. */
  readonly undisputedMilliWh: number;
  /** As the arbiter has ruled. */
  readonly fault: FaultSide;
  /** Minor units that both have agreed on; null where the billed energy is priced by the tariff. */
  readonly agreedAmount: number | null;
  /** The verdict on the final amounts; null unless both sides have completed. */
  readonly judgement: Judgement | null;
}

export function settle(charge: ChargeFacts, graceOver: boolean): Settlement {
  const program = knownProgram(charge.code ?? ENERGY_V1_BYTES);
  const figures = chargeFigures(charge, graceOver);
  return settlementOf(figures, boundedOutcome(runOutcome(program, outcomeInputs(figures)).fields, figures));
}

function settlementOf(figures: ChargeFigures, outcome: Outcome): Settlement {
  const { station, vehicle, agreed, undisputedMilliWh, judgement, proposal, ruling } = figures;
  return {
    ...outcome,
    stationMilliWh: station.milliWh,
    vehicleMilliWh: vehicle.milliWh,
    agreed,
    undisputedMilliWh,
    judgement,
    fault: outcome.ending === "arbiter" ? (ruling?.fault ?? "none") : "none",
    agreedAmount: outcome.ending === "mutual" ? (proposal?.amount ?? null) : null,
  };
}
