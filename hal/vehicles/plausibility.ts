/**
 * What framing cannot see: the head of one reply with the tail of the next is a well-formed message. Cell voltages
 * times the number of cells must give the pack's voltage, and a counter neither falls nor outruns the car.
 */
import type { Quantities } from "./decode-signals.ts";
import type { Quantity, VehicleProfile } from "./profile.ts";

export interface CounterMemory {
  readonly chargedMilliWh: number;
  readonly monotonicMs: number;
}

export interface Implausible {
  readonly quantity: Quantity;
  readonly value: number;
  readonly expected: string;
}

/**
 * `memory`: the counter of the last good sample, null at the start. Undefined when nothing speaks against the sample.
 */
export function findImplausible(
  profile: VehicleProfile,
  sample: { readonly quantities: Quantities; readonly monotonicMs: number },
  memory: CounterMemory | null,
): Implausible | undefined {
  return (
    checkPresent(sample.quantities) ??
    checkCurrent(profile, sample.quantities) ??
    checkCells(profile, sample.quantities) ??
    checkCounter(profile, sample, memory)
  );
}

/** The table's worst cell voltage step, 20 mV of 3.6 V, is 0.6 %; two cells that differ add to it. */
const CELL_TOLERANCE = 0.02;
/** One step of the coarsest counter, and another for the moment of its reading. */
const COUNTER_SLACK_MILLI_WH = 200_000;

function checkPresent(quantities: Quantities): Implausible | undefined {
  const missing = (["batteryVoltageV", "batteryCurrentA"] as const).find(
    (quantity) => typeof quantities.get(quantity) !== "number",
  );
  return missing === undefined ? undefined : { quantity: missing, value: Number.NaN, expected: "a value" };
}

function checkCurrent(profile: VehicleProfile, quantities: Quantities): Implausible | undefined {
  const value = quantities.get("batteryCurrentA") ?? 0;
  if (Math.abs(value) <= profile.currentMaxA) return undefined;
  return { quantity: "batteryCurrentA", value, expected: `at most ${profile.currentMaxA} A` };
}

function checkCells(profile: VehicleProfile, quantities: Quantities): Implausible | undefined {
  const packV = quantities.get("batteryVoltageV") ?? 0;
  const maxV = quantities.get("cellVoltageMaxV");
  const minV = quantities.get("cellVoltageMinV");
  if (profile.cellCounts.length === 0 || typeof maxV !== "number" || typeof minV !== "number") return undefined;
  const cells = packV / ((maxV + minV) / 2);
  const fits = profile.cellCounts.some((count) => Math.abs(cells / count - 1) <= CELL_TOLERANCE);
  if (maxV >= minV && fits) return undefined;
  const expected = `${profile.cellCounts.join(", ")} cells of ${minV} to ${maxV} V`;
  return { quantity: "batteryVoltageV", value: packV, expected };
}

function checkCounter(
  profile: VehicleProfile,
  sample: { readonly quantities: Quantities; readonly monotonicMs: number },
  memory: CounterMemory | null,
): Implausible | undefined {
  const value = sample.quantities.get("chargedMilliWh");
  if (memory === null || typeof value !== "number") return undefined;
  const hours = (sample.monotonicMs - memory.monotonicMs) / 3_600_000;
  const max = memory.chargedMilliWh + profile.powerMaxW * 1000 * hours + COUNTER_SLACK_MILLI_WH;
  if (value >= memory.chargedMilliWh && value <= max) return undefined;
  return { quantity: "chargedMilliWh", value, expected: `${memory.chargedMilliWh} to ${Math.round(max)}` };
}
