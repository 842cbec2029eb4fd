/**
 * How well each estimate is known. This is no legal measurement: sensors that nobody has calibrated, of which only the
 * class is known. Half-widths are taken as rectangular and added as squares; U is twice their root (k = 2, about 95 %).
 * Everything is whole mWh, rounded up.
 */
import { tickSquareOf } from "./battery-counter.ts";
import type { ChargeEnergy, InletKind, InletSums, IntegralSums, SensorSteps } from "./battery-state.ts";
import { sumsBetween } from "./battery-sums.ts";
import { divideUp, saturate, squareRootUp } from "./whole-numbers.ts";

/** Standard uncertainties and what they come to, mWh, each rounded up. */
export interface BatteryUncertainty {
  /** U = 2u: the true energy is within it in about 95 of 100 sessions. */
  readonly expandedMilliWh: number;
  readonly parts: {
    /** Voltage and current sensors. */
    readonly gainMilliWh: number;
    /** Zero of the current sensor: 0.3 A half-width. Inlet: what of apparent power may be none, steps of active. */
    readonly offsetMilliWh: number;
    /** Steps of what was read: voltage and current, or the counter's ticks at its ends. */
    readonly quantisationMilliWh: number;
    readonly samplingMilliWh: number;
    /** Gaps: the counter's steps where it bridged them, everything up to full power where it did not. */
    readonly gapMilliWh: number;
  };
}

export function integralUncertainty({ integral }: ChargeEnergy, steps: SensorSteps): BatteryUncertainty {
  return combine({
    gain: rectangular(share(integral.energyMilliWh, GAIN_PPM)),
    offset: offsetOf(integral),
    quantisation: stepsOf(integral, steps),
    sampling: samplingOf(integral),
    gap: gapOf(integral),
  });
}

/** Between the ticks of the counter there is neither sampling nor a gap; the sensors are the same ones. */
export function counterUncertainty(
  charge: ChargeEnergy,
  energyMilliWh: number,
  steps: SensorSteps,
): BatteryUncertainty {
  const { integral, counter } = charge;
  const outside = sumsBetween(counter.covered, integral);
  // A tick is known to within its width, evenly: w²/12.
  const ticks = divideUp(BigInt(tickSquareOf(counter)), 12n);
  return combine({
    gain: rectangular(share(energyMilliWh, GAIN_PPM)),
    offset: offsetOf(integral),
    quantisation: stepsOf(outside, steps) + ticks,
    sampling: samplingOf(outside),
    gap: gapOf(outside),
  });
}

/** @param stepsMilliWh what one step of the state of charge comes to, and how often one was rounded at both ends */
export function stateOfChargeUncertainty(
  energyMilliWh: number,
  { stepMilliWh, runs }: { readonly stepMilliWh: number; readonly runs: number },
): BatteryUncertainty {
  return combine({
    gain: rectangular(share(energyMilliWh, STATE_OF_CHARGE_PPM)),
    offset: 0n,
    quantisation: divideUp(BigInt(runs) * BigInt(stepMilliWh) ** 2n, 6n),
    sampling: 0n,
    gap: 0n,
  });
}

export function inletUncertainty(kind: InletKind, sums: InletSums): BatteryUncertainty {
  return combine({
    gain: rectangular(share(sums.energyMilliWh, kind === "direct-current" ? DIRECT_CURRENT_PPM : INLET_PPM)),
    offset: rectangular(BigInt(sums.reactiveMilliWh)),
    quantisation: 0n,
    sampling: samplingOf(sums),
    gap: rectangular(BigInt(sums.gapMilliWh)),
  });
}

/** A pack sensor's gain, linearity and drift; several per cent of the lifetime charge of known cars is unexplained. */
const GAIN_PPM = 25_000n;
/** i-MiEV: 0.66 A seen, so 0.3 A is no worst case. It can be measured at rest. */
const OFFSET_MILLI_A = 300n;
/** The state of charge is not linear, and how much a battery of some years holds is not known. */
const STATE_OF_CHARGE_PPM = 100_000n;
/** Of an on-board charger's own meter: 3 to 5 %. At a direct-current inlet 5 % of voltage and 3 % of current. */
const INLET_PPM = 50_000n;
const DIRECT_CURRENT_PPM = 60_000n;

type Squares = Readonly<Record<"gain" | "offset" | "quantisation" | "sampling" | "gap", bigint>>;

function combine(squares: Squares): BatteryUncertainty {
  const { gain, offset, quantisation, sampling, gap } = squares;
  const root = (square: bigint): number => saturate(squareRootUp(square));
  return {
    expandedMilliWh: root(4n * (gain + offset + quantisation + sampling + gap)),
    parts: {
      gainMilliWh: root(gain),
      offsetMilliWh: root(offset),
      quantisationMilliWh: root(quantisation),
      samplingMilliWh: root(sampling),
      gapMilliWh: root(gap),
    },
  };
}

/** 0.3 A at the pack's voltage, for as long as it charged. */
function offsetOf({ voltageMilliVMs }: IntegralSums): bigint {
  return rectangular(divideUp(BigInt(voltageMilliVMs) * OFFSET_MILLI_A, MICRO_W_MS_PER_MILLI_WH));
}

/** A reading that stands still is off by up to half a step all the while. */
function stepsOf({ voltageMilliVMs, currentMilliAMs }: IntegralSums, steps: SensorSteps): bigint {
  const byCurrent = BigInt(voltageMilliVMs) * BigInt(steps.currentMilliA);
  const byVoltage = BigInt(currentMilliAMs) * BigInt(steps.voltageMilliV);
  const halfOf = (product: bigint): bigint => divideUp(product, 2n * MICRO_W_MS_PER_MILLI_WH);
  return rectangular(halfOf(byCurrent)) + rectangular(halfOf(byVoltage));
}

/** Two readings of the counter for each gap that it bridged, each rounded to its step; else rectangular. */
function gapOf({ gapMilliWh, bridgeSquare }: IntegralSums): bigint {
  return rectangular(BigInt(gapMilliWh)) + divideUp(BigInt(bridgeSquare), 6n);
}

/** 1 mWh is 3.6 J; mV x mA is µW. */
const MICRO_W_MS_PER_MILLI_WH = 3_600_000_000n;

function share(milliWh: number, ppm: bigint): bigint {
  return divideUp(BigInt(milliWh) * ppm, 1_000_000n);
}

function samplingOf({ samplingMicroWh }: Pick<IntegralSums, "samplingMicroWh">): bigint {
  return divideUp(BigInt(samplingMicroWh), 1_000n) ** 2n;
}

/** Square of the standard uncertainty of a rectangular error of this half-width, rounded up. */
function rectangular(halfWidth: bigint): bigint {
  return divideUp(halfWidth ** 2n, 3n);
}
