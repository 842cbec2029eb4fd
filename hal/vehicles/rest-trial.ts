/**
 * What the current sensor shows when no current flows: while the car hangs on its cable and does not charge, or its
 * contactors are open. Not every load is off then, so what is found is a candidate for the sensor's zero and no more.
 */
import type { ContactSample } from "./first-contact.ts";

export interface RestTrial {
  /** The last steady rest, A; null before there was one. */
  readonly candidateA: number | null;
  readonly window: RestWindow | null;
}

export interface RestWindow {
  readonly sinceMs: number;
  readonly samples: number;
  readonly sumA: number;
  readonly minA: number;
  readonly maxA: number;
}

export const NO_REST: RestTrial = { candidateA: null, window: null };

const SAMPLES_MIN = 10;
const REST_MS = 20_000;
/** More is a load or a wrong layout, and no offset: half an ampere is usual, 0.66 A the most that was published. */
const OFFSET_MAX_A = 1.5;
const SPREAD_MAX_A = 0.6;
/** Behind open contactors nothing is left after a while. */
const OPEN_BUS_MAX_V = 60;

export function stepRest(rest: RestTrial, sample: ContactSample): RestTrial {
  const currentA = sample.fresh.get("batteryCurrentA");
  if (typeof currentA !== "number") return rest;
  if (!isResting(sample)) return { ...rest, window: null };
  const old = rest.window;
  const window: RestWindow = {
    sinceMs: old?.sinceMs ?? sample.monotonicMs,
    samples: (old?.samples ?? 0) + 1,
    sumA: (old?.sumA ?? 0) + currentA,
    minA: Math.min(old?.minA ?? currentA, currentA),
    maxA: Math.max(old?.maxA ?? currentA, currentA),
  };
  if (window.maxA - window.minA > SPREAD_MAX_A) return { ...rest, window: null };
  if (window.samples < SAMPLES_MIN || sample.monotonicMs - window.sinceMs < REST_MS) return { ...rest, window };
  const meanA = window.sumA / window.samples;
  return { candidateA: Math.abs(meanA) < OFFSET_MAX_A ? meanA : rest.candidateA, window: null };
}

function isResting({ present, isCharging, plugged }: ContactSample): boolean {
  const busV = present.get("busVoltageV");
  const isOpen = typeof busV === "number" && busV < OPEN_BUS_MAX_V;
  const stands = (present.get("motorRpm") ?? 0) === 0;
  return stands && !isCharging && (isOpen || plugged === true);
}
