/**
 * E_inlet: the integral of what the car says it takes at its inlet. Active, apparent and direct-current power are
 * summed apart, because apparent energy is none. No counter bridges its gaps.
 */
import { flowAtMost, GAP_MS, samplingMicroWh, SILENCE_MS, trapezoid } from "./battery-flow.ts";
import { middleOf } from "./battery-integral.ts";
import type { BatterySample, InletKind, InletState, InletSums } from "./battery-state.ts";

export interface InletStep {
  readonly sample: Pick<BatterySample, "inlet" | "charging">;
  readonly atMs: number;
  /** When the car was seen before, whatever it said then; null for the first sight of it. */
  readonly sinceMs: number | null;
  readonly powerMaxW: number;
  /** The value before this one is of the time before a restart: how long ago is not sure. */
  readonly isResumed: boolean;
}

/** The inlet may be read more rarely than the battery, so it keeps its own last value: one while the car charged. */
export function takeInlet(state: InletState, step: InletStep): InletState {
  const { inlet, charging } = step.sample;
  const { last } = state;
  const isReal = inlet !== null && inlet.powerW >= 0 && inlet.powerW <= POWER_W_MAX;
  if (!isReal && charging) return state;
  const powerMilliW = isReal && charging ? Math.round(inlet.powerW * 1000) : 0;
  const kind = isReal ? inlet.kind : last?.kind;
  const next = charging && kind !== undefined ? { atMs: step.atMs, powerMilliW, kind } : null;
  const elapsedMs = last === null ? 0 : step.atMs - last.atMs;
  if (last === null && next !== null && kind !== undefined) return beginBetween({ ...state, last: next }, kind, step);
  if (last === null || last.kind !== kind || elapsedMs < 0) return { ...state, last: next };
  const sums = state.byKind[last.kind];
  const isGap = step.isResumed || elapsedMs > GAP_MS;
  const grown = isGap
    ? bound(sums, step, elapsedMs)
    : join(sums, { kind: last.kind, ends: [last.powerMilliW, powerMilliW] }, elapsedMs);
  return { last: next, byKind: { ...state.byKind, [last.kind]: grown } };
}

/** It has charged since some time in a gap. */
function beginBetween(state: InletState, kind: InletKind, step: InletStep): InletState {
  const gapMs = step.sinceMs === null ? 0 : step.atMs - step.sinceMs;
  if (gapMs <= GAP_MS) return state;
  return { ...state, byKind: { ...state.byKind, [kind]: bound(state.byKind[kind], step, gapMs) } };
}

/** The most of this apparent power that may be no active power. */
export function reactiveShare(powerW: number): number {
  return REACTIVE.find(({ upToW }) => powerW <= upToW)?.share ?? 0;
}

/** Beside the gain of its sensors. */
function doubtfulShare(kind: InletKind, powerW: number): number {
  if (kind === "apparent") return reactiveShare(powerW);
  return powerW > 0 ? Math.min(1, STEPS_W[kind] / powerW) : 0;
}

function join(
  sums: InletSums,
  { kind, ends }: { readonly kind: InletKind; readonly ends: readonly [number, number] },
  elapsedMs: number,
): InletSums {
  const flow = trapezoid(ends, elapsedMs, sums.remainder);
  const meanW = (ends[0] + ends[1]) / 2_000;
  const doubtful = doubtfulShare(kind, meanW);
  return {
    ...sums,
    energyMilliWh: sums.energyMilliWh + flow.milliWh,
    remainder: flow.remainder,
    samplingMicroWh: sums.samplingMicroWh + samplingMicroWh(flow.milliWh, elapsedMs),
    reactiveMilliWh: sums.reactiveMilliWh + Math.ceil(flow.milliWh * doubtful),
  };
}

function bound(sums: InletSums, { powerMaxW, isResumed }: InletStep, elapsedMs: number): InletSums {
  const isShort = !isResumed && elapsedMs <= SILENCE_MS;
  const { energyMilliWh, halfWidthMilliWh } = middleOf(flowAtMost(powerMaxW, elapsedMs), { isShort });
  return {
    ...sums,
    energyMilliWh: sums.energyMilliWh + energyMilliWh,
    gapMilliWh: sums.gapMilliWh + halfWidthMilliWh,
  };
}

/**
 * The most of apparent power that is no active power. A class A analyser found the worst car's power factor to be 0.5
 * below 6 A and 1.0 above 19 A; the watts are those currents in one phase. Judged, not measured, for other cars.
 */
const REACTIVE = [
  { upToW: 1_400, share: 0.5 },
  { upToW: 4_400, share: 0.25 },
  { upToW: Number.POSITIVE_INFINITY, share: 0.05 },
] as const;

/** Half a step of 100 W, in which some tell the power; one makes the active power by a table of power factors. */
const STEPS_W = { active: 100, "direct-current": 50 } as const;

/** No inlet takes more. */
const POWER_W_MAX = 1_000_000;
