/**
 * What framing cannot see: the head of one reply with the tail of the next is a well-formed message. Cell voltages
 * times the number of cells must give the pack's voltage, and a counter neither falls nor outruns the car.
 */
import type { Quantities } from "./decode-signals.ts";
import type { VehicleProfile } from "./profile.ts";
import type { Quantity } from "./quantity.ts";

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
 * Of what was read for this sample. `memory`: the counter when it was last read, null at the start. Undefined when
 * nothing speaks against the sample.
 */
export function findImplausible(
  profile: VehicleProfile,
  sample: { readonly quantities: Quantities; readonly monotonicMs: number },
  memory: CounterMemory | null,
): Implausible | undefined {
  return (
    checkPresent(profile, sample.quantities) ??
    checkCurrent(profile, sample.quantities) ??
    checkCells(profile, sample.quantities) ??
    checkCounter(profile, sample, memory)
  );
}

/** Cells in series by the voltages of one sample; undefined where they are not all in it. */
export function countCells(quantities: Quantities): number | undefined {
  const [packV, maxV, minV] = (["batteryVoltageV", "cellVoltageMaxV", "cellVoltageMinV"] as const).map((quantity) =>
    quantities.get(quantity),
  );
  if (typeof packV !== "number" || typeof maxV !== "number" || typeof minV !== "number") return undefined;
  return packV / ((maxV + minV) / 2);
}

export function isCellCount(profile: VehicleProfile, cells: number): boolean {
  return profile.cellCounts.some((count) => Math.abs(cells / count - 1) <= CELL_TOLERANCE);
}

/** The table's worst cell voltage step, 20 mV of 3.6 V, is 0.6 %; two cells that differ add to it. */
const CELL_TOLERANCE = 0.02;
/** One step of the coarsest counter, and another for the moment of its reading. */
const COUNTER_SLACK_MILLI_WH = 200_000;

/** Whether the profile measures at the battery: not where its current cannot be trusted. */
export function measuresBattery(profile: VehicleProfile): boolean {
  const known = MEASURES.get(profile);
  if (known !== undefined) return known;
  const measures = profile.requests.some(({ signals, grade }) => {
    const signal = signals.batteryCurrentA;
    return signal !== undefined && (signal.grade ?? grade) !== "untrusted";
  });
  MEASURES.set(profile, measures);
  return measures;
}

/** A profile does not change, and this is asked several times for each sample. */
const MEASURES = new WeakMap<VehicleProfile, boolean>();

function checkPresent(profile: VehicleProfile, quantities: Quantities): Implausible | undefined {
  if (!measuresBattery(profile)) return undefined;
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
  const cells = countCells(quantities);
  if (profile.cellCounts.length === 0 || cells === undefined) return undefined;
  const maxV = quantities.get("cellVoltageMaxV") ?? 0;
  const minV = quantities.get("cellVoltageMinV") ?? 0;
  if (maxV >= minV && isCellCount(profile, cells)) return undefined;
  const expected = `${profile.cellCounts.join(", ")} cells of ${minV} to ${maxV} V`;
  return { quantity: "batteryVoltageV", value: quantities.get("batteryVoltageV") ?? Number.NaN, expected };
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
