/**
 * What may be said of one session: every estimate by itself with its measuring point and its uncertainty, which of them
 * is the headline, and whether they fit together. Nothing is averaged.
 */
import { compareEstimates } from "./battery-agreement.ts";
import { countedMilliWh } from "./battery-counter.ts";
import { estimateMilliWh } from "./battery-energy.ts";
import {
  INLET_KINDS,
  type BatteryEnergy,
  type BatteryLimits,
  type ChargeEnergy,
  type CounterTrouble,
  type InletKind,
  type RegisterMethod,
  type SensorSteps,
} from "./battery-state.ts";
import {
  counterUncertainty,
  inletUncertainty,
  integralUncertainty,
  stateOfChargeUncertainty,
  type BatteryUncertainty,
} from "./battery-uncertainty.ts";

export type EstimateMethod =
  | "integral"
  | "counter"
  /** A check of the order of magnitude. */
  | "state-of-charge"
  | "inlet-active"
  | "inlet-apparent"
  | "inlet-direct-current";

/** As the terms of a contract name them. */
export type BatteryPoint = "battery" | "vehicle-inlet" | "charger-output";

export interface BatteryEstimate {
  readonly method: EstimateMethod;
  /** Terminals of the battery, inlet of the car, or the DC side of its charger. */
  readonly measuringPoint: BatteryPoint;
  readonly energyMilliWh: number;
  readonly uncertainty: BatteryUncertainty;
}

export interface BatteryStatement {
  readonly headline: BatteryEstimate;
  /** The other one of integral and counter. */
  readonly crossCheck: BatteryEstimate | null;
  /** All there are, the two above among them. */
  readonly estimates: readonly BatteryEstimate[];
  /** Where the true energy is said to be: headline ± U, wide enough for both where they do not fit together. */
  readonly interval: { readonly fromMilliWh: number; readonly toMilliWh: number };
  readonly isInconsistent: boolean;
  readonly trouble: CounterTrouble | null;
  /** What has been signed, or will be: since the session began, by the estimate that the register follows. */
  readonly signed: { readonly energyMilliWh: number; readonly method: RegisterMethod };
  readonly gaps: { readonly count: number; readonly bridged: number };
}

export function batteryStatement(state: BatteryEnergy, { usableMilliWh }: BatteryLimits): BatteryStatement {
  const { charge, steps, session, registerMilliWh } = state;
  const estimates = batteryEstimates(charge, steps, usableMilliWh);
  const [integral, ...others] = estimates;
  const counter = others.find(({ method }) => method === "counter") ?? null;
  const isFine = counter !== null && charge.counter.stepMilliWh * STEPS_MIN < counter.energyMilliWh;
  // Only where the battery's current is not told does the register follow the inlet; then there is nothing beside it.
  const atInlet = others.find(({ method }) => method.startsWith("inlet-") && method === session.method);
  const chosen = atInlet ?? (isFine ? counter : integral);
  const crossCheck = atInlet === undefined ? (isFine ? integral : counter) : null;
  const { trouble } = charge.counter;
  const { bridgedMilliWh: bridged } = charge.gaps;
  const agreement = atInlet === undefined && counter !== null ? compareEstimates(integral, counter, bridged) : null;
  const fits = agreement?.fits ?? true;
  const integralAlone = { ...integral, energyMilliWh: agreement?.integralAloneMilliWh ?? integral.energyMilliWh };
  const headline = crossCheck !== null && !fits ? widened(chosen, [crossCheck, integralAlone]) : chosen;
  return {
    headline,
    crossCheck,
    estimates: (atInlet === undefined ? estimates : others).map((each) => (each === chosen ? headline : each)),
    interval: intervalOf(headline),
    isInconsistent: agreement?.isInconsistent === true || trouble !== null,
    trouble,
    signed: { energyMilliWh: registerMilliWh - session.startMilliWh, method: session.method ?? "integral" },
    gaps: { count: charge.gaps.count, bridged: charge.gaps.bridged },
  };
}

/** The integral first; the others where there are any. */
export function batteryEstimates(
  charge: ChargeEnergy,
  steps: SensorSteps,
  usableMilliWh: number | null,
): readonly [BatteryEstimate, ...BatteryEstimate[]] {
  const counted = countedMilliWh(charge);
  const integral: BatteryEstimate = {
    method: "integral",
    measuringPoint: "battery",
    energyMilliWh: estimateMilliWh(charge, "integral"),
    uncertainty: integralUncertainty(charge, steps),
  };
  const counter: BatteryEstimate[] =
    counted === null
      ? []
      : [
          {
            method: "counter",
            measuringPoint: "battery",
            energyMilliWh: counted,
            uncertainty: counterUncertainty(charge, counted, steps),
          },
        ];
  const inlets = INLET_KINDS.filter((kind) => charge.inlet.byKind[kind].energyMilliWh > 0);
  return [
    integral,
    ...counter,
    ...byStateOfCharge(charge, usableMilliWh),
    ...inlets.map((kind) => byInlet(charge, kind)),
  ];
}

function byStateOfCharge({ stateOfCharge }: ChargeEnergy, usableMilliWh: number | null): readonly BatteryEstimate[] {
  const { risenMilliPercent, stepMilliPercent, runs } = stateOfCharge;
  if (usableMilliWh === null || runs === 0) return [];
  const energyMilliWh = Math.round((Math.max(0, risenMilliPercent) / MILLI_PERCENT) * usableMilliWh);
  const stepMilliWh = Math.ceil((stepMilliPercent / MILLI_PERCENT) * usableMilliWh);
  const uncertainty = stateOfChargeUncertainty(energyMilliWh, { stepMilliWh, runs });
  return [{ method: "state-of-charge", measuringPoint: "battery", energyMilliWh, uncertainty }];
}

function byInlet({ inlet }: ChargeEnergy, kind: InletKind): BatteryEstimate {
  const sums = inlet.byKind[kind];
  const method = `inlet-${kind}` as const;
  const uncertainty = inletUncertainty(kind, sums);
  return { method, measuringPoint: INLET_POINT[kind], energyMilliWh: sums.energyMilliWh, uncertainty };
}

/** What a car calls direct current at its inlet is what its charger puts out. */
export const INLET_POINT: Readonly<Record<InletKind, BatteryPoint>> = {
  active: "vehicle-inlet",
  apparent: "vehicle-inlet",
  "direct-current": "charger-output",
};

/** As uncertain as it takes to hold the others, each with its own U: whatever of them is right, the truth is in it. */
function widened(estimate: BatteryEstimate, others: readonly BatteryEstimate[]): BatteryEstimate {
  const { energyMilliWh, uncertainty } = estimate;
  const reaches = others.map((other) => {
    return Math.abs(other.energyMilliWh - energyMilliWh) + other.uncertainty.expandedMilliWh;
  });
  const expandedMilliWh = Math.max(uncertainty.expandedMilliWh, ...reaches);
  return { ...estimate, uncertainty: { ...uncertainty, expandedMilliWh } };
}

function intervalOf({ energyMilliWh, uncertainty }: BatteryEstimate): BatteryStatement["interval"] {
  const { expandedMilliWh } = uncertainty;
  return { fromMilliWh: Math.max(0, energyMilliWh - expandedMilliWh), toMilliWh: energyMilliWh + expandedMilliWh };
}

const MILLI_PERCENT = 100_000;
/** Finer than 1 % of the session is a step that fits more than a hundred times. */
const STEPS_MIN = 100;
