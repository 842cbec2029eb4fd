/** Differences and totals of the sums that grow with the integral. */
import type { IntegralSums } from "./battery-state.ts";

export function sumsOf(sums: IntegralSums): IntegralSums {
  return combine(sums, sums, (value) => value);
}

export function addSums(left: IntegralSums, right: IntegralSums): IntegralSums {
  return combine(left, right, (one, other) => one + other);
}

/** What was added between two moments. */
export function sumsBetween(earlier: IntegralSums, later: IntegralSums): IntegralSums {
  return combine(earlier, later, (one, other) => Math.max(0, other - one));
}

function combine(left: IntegralSums, right: IntegralSums, join: (left: number, right: number) => number): IntegralSums {
  return {
    energyMilliWh: join(left.energyMilliWh, right.energyMilliWh),
    voltageMilliVMs: join(left.voltageMilliVMs, right.voltageMilliVMs),
    currentMilliAMs: join(left.currentMilliAMs, right.currentMilliAMs),
    samplingMicroWh: join(left.samplingMicroWh, right.samplingMicroWh),
    gapMilliWh: join(left.gapMilliWh, right.gapMilliWh),
    bridgeSquare: join(left.bridgeSquare, right.bridgeSquare),
  };
}
