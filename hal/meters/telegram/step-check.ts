/**
 * Whether a register can have come from one value to the other: for telegrams whose own check lets some damage pass.
 * A damaged digit makes a step that the power does not explain. Then the value waits for another telegram that goes on
 * from it; a damage does not repeat itself, a true step does.
 */
import type { MeterReading } from "#hal/ports/energy-meter.ts";

export type SteppedReading = Pick<MeterReading, "importedMilliWh" | "resolutionMilliWh" | "powerW" | "monotonicMs">;

/** @param worldSpeed seconds in which the meter counts for each second of the readings' times: 1 but in a fast world */
export function goesOn(earlier: SteppedReading, later: SteppedReading, worldSpeed: number): boolean {
  const betweenMs = (later.monotonicMs - earlier.monotonicMs) * worldSpeed;
  if (betweenMs < 0) return false;
  const stepMilliWh = later.importedMilliWh - earlier.importedMilliWh;
  if (stepMilliWh < 0) return false;
  const flowedMilliWh = (powerMaxW(earlier, later) * betweenMs) / WATT_MS_PER_MILLI_WH;
  return stepMilliWh <= flowedMilliWh + 2 * later.resolutionMilliWh;
}

/**
 * Between two telegrams the power is about that of their ends; of a meter that does not tell it, what a house is
 * connected with.
 */
function powerMaxW(earlier: SteppedReading, later: SteppedReading): number {
  if (earlier.powerW === null || later.powerW === null) return UNKNOWN_POWER_W;
  return POWER_MARGIN * Math.max(0, earlier.powerW, later.powerW) + POWER_SLACK_W;
}

const WATT_MS_PER_MILLI_WH = 3_600;
/** Three phases of 63 A. */
const UNKNOWN_POWER_W = 44_000;
const POWER_MARGIN = 1.3;
const POWER_SLACK_W = 500;
