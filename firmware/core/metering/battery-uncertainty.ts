/**
 * How well the battery's energy is known. This is no legal measurement: it is taken at the battery, with sensors that
 * nobody has calibrated, and must be stated as that.
 */
import type { BatteryEnergy } from "./battery-state.ts";
import { divideUp, saturate, squareRootUp } from "./whole-numbers.ts";

/** Standard uncertainties and what they come to, mWh, each rounded up. */
export interface BatteryUncertainty {
  /** U = 2u: the true energy is within it in about 95 of 100 sessions. */
  readonly expandedMilliWh: number;
  readonly parts: {
    /** Voltage and current sensors: 2.5 % half-width. */
    readonly gainMilliWh: number;
    /** Zero of the current sensor: 0.3 A half-width. */
    readonly offsetMilliWh: number;
    readonly samplingMilliWh: number;
    /** Gaps without a counter: rectangular from nothing to full power. */
    readonly gapMilliWh: number;
    /** Gaps that the counter bridged: two readings of it, each rounded to its step. */
    readonly counterMilliWh: number;
  };
}

export function batteryUncertainty(state: BatteryEnergy): BatteryUncertainty {
  const { energyMilliWh, offsetMilliWh, samplingMilliWh, gaps, counter } = state;
  // A gap that still waits for the counter may turn out as anything up to full power.
  const gapMilliWh = gaps.boundMilliWh + (gaps.pending?.mostMilliWh ?? 0);
  const gain = rectangular(divideUp(BigInt(energyMilliWh) * GAIN_PPM, 1_000_000n));
  const offset = rectangular(BigInt(offsetMilliWh));
  const sampling = BigInt(samplingMilliWh) ** 2n;
  const gap = rectangular(BigInt(gapMilliWh));
  const bridges = divideUp(BigInt(gaps.bridged) * BigInt(counter.stepMilliWh) ** 2n, 6n);
  const root = (square: bigint): number => saturate(squareRootUp(square));
  return {
    expandedMilliWh: root(4n * (gain + offset + sampling + gap + bridges)),
    parts: {
      gainMilliWh: root(gain),
      offsetMilliWh: root(offset),
      samplingMilliWh,
      gapMilliWh: root(gap),
      counterMilliWh: root(bridges),
    },
  };
}

const GAIN_PPM = 25_000n;

/** Square of the standard uncertainty of a rectangular error of this half-width, rounded up. */
function rectangular(halfWidth: bigint): bigint {
  return divideUp(halfWidth ** 2n, 3n);
}
