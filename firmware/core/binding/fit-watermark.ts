/**
 * How much of the pattern is in somebody's readings of power: a straight line and the pattern, fitted by least squares
 * at one delay,
 *
 *     P(t) = c + d·t + a·h(t − delay),  h = 1 in a high chip, 0 in a low one
 *
 * `a` is the step of power. Its standard error comes from the residuals; a heater that switches or a grid that wanders
 * is no white noise, so it is taken twice. Floating point: what is signed of it is the verdict alone.
 */
import { CHIPS, type WatermarkPattern } from "./watermark-pattern.ts";
import { CHIP_MS, WATERMARK_MS } from "./watermark-plan.ts";

export interface PowerSample {
  readonly atMs: number;
  readonly powerW: number;
}

export interface WatermarkFit {
  readonly delayMs: number;
  readonly stepW: number;
  /** Of `stepW`, one standard error, taken twice. */
  readonly errorW: number;
  /** Partial correlation, -1 to 1: 1 is the pattern and nothing else. */
  readonly likeness: number;
  readonly meanW: number;
}

/** Chips of which at least one reading must be there. */
const CHIPS_SEEN_MIN = 13;
const SAMPLES_MIN = CHIPS_SEEN_MIN;
const COLORED = 2;

/**
 * @param startMs when the first chip began, in the samples' time
 * @returns undefined where too few chips were read, or all of one kind
 */
export function fitWatermark(
  samples: readonly PowerSample[],
  pattern: WatermarkPattern,
  startMs: number,
  delayMs: number,
): WatermarkFit | undefined {
  const fromMs = startMs + delayMs;
  const inside = samples.filter(({ atMs }) => atMs >= fromMs && atMs < fromMs + WATERMARK_MS);
  const chipOf = ({ atMs }: PowerSample): number => Math.min(CHIPS - 1, Math.floor((atMs - fromMs) / CHIP_MS));
  if (inside.length < SAMPLES_MIN || new Set(inside.map(chipOf)).size < CHIPS_SEEN_MIN) return undefined;
  const height = centred(inside.map((sample) => (pattern[chipOf(sample)] === true ? 0 : 1)));
  const time = centred(inside.map(({ atMs }) => (atMs - fromMs) / WATERMARK_MS));
  const power = centred(inside.map(({ powerW }) => powerW));
  // What of the pattern a straight line explains is taken off both.
  const own = without(height, time);
  const seen = without(power, time);
  const ownSquare = product(own, own);
  const seenSquare = product(seen, seen);
  if (ownSquare < 1) return undefined;
  const stepW = product(own, seen) / ownSquare;
  const restSquare = Math.max(0, seenSquare - stepW * stepW * ownSquare);
  return {
    delayMs,
    stepW,
    errorW: COLORED * Math.sqrt(restSquare / (inside.length - 3) / ownSquare),
    likeness: seenSquare > 0 ? (stepW * Math.sqrt(ownSquare)) / Math.sqrt(seenSquare) : 0,
    meanW: inside.reduce((sum, { powerW }) => sum + powerW, 0) / inside.length,
  };
}

/** At each delay from the first to the last where enough was read. */
export function fitWatermarks(
  samples: readonly PowerSample[],
  pattern: WatermarkPattern,
  startMs: number,
  [firstMs, lastMs]: readonly [number, number],
): readonly WatermarkFit[] {
  const fits: WatermarkFit[] = [];
  for (let delayMs = firstMs; delayMs <= lastMs; delayMs += DELAY_STEP_MS) {
    const fit = fitWatermark(samples, pattern, startMs, delayMs);
    if (fit !== undefined) fits.push(fit);
  }
  return fits;
}

const DELAY_STEP_MS = 250;

function centred(values: readonly number[]): readonly number[] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.map((value) => value - mean);
}

function without(values: readonly number[], direction: readonly number[]): readonly number[] {
  const share = product(values, direction) / Math.max(product(direction, direction), Number.MIN_VALUE);
  return values.map((value, place) => value - share * (direction[place] ?? 0));
}

function product(left: readonly number[], right: readonly number[]): number {
  return left.reduce((sum, value, place) => sum + value * (right[place] ?? 0), 0);
}
