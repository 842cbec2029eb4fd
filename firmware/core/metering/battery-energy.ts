/**
 * The energy that a battery took, from the car's own voltage and current: the integral by trapezoids of what flows in,
 * kept as a register that only grows. Where sampling broke off, the car's charge counter bridges the gap if it has one.
 *
 * Discharge and regeneration do not count, nor does anything while the car is not charging.
 */
import { compareCounter, countedSince, markCounter, NO_COUNTER } from "./battery-counter.ts";
import type { BatteryEnergy, BatterySample, LastSample } from "./battery-state.ts";
import { divideUp, saturate } from "./whole-numbers.ts";

/** Longer than this, two samples do not say what was between them. */
const GAP_MS = 30_000;
/** So long after a gap the counter's next value may still bridge it. */
const COUNTER_WAIT_MS = 60_000;

export function startBattery(sample: BatterySample): BatteryEnergy {
  return {
    energyMilliWh: 0,
    remainder: 0,
    last: isReal(sample) ? lastOf(sample) : { atMs: 0, powerMilliW: 0, voltageMilliV: 0, charging: false },
    counter: markCounter(NO_COUNTER, sample, 0),
    gaps: { count: 0, bridged: 0, boundMilliWh: 0, pending: null },
    samplingMilliWh: 0,
    offsetMilliWh: 0,
    refused: 0,
  };
}

/** Continues a journalled state on a clock that began anew, so long after its last sample at most. */
export function resumeBattery(state: BatteryEnergy, nowMs: number, elapsedMs: number): BatteryEnergy {
  const atMs = Math.floor(nowMs - Math.max(0, elapsedMs));
  const { pending } = state.gaps;
  const gaps = { ...state.gaps, pending: pending === null ? null : { ...pending, sinceMs: Math.floor(nowMs) } };
  return { ...state, last: { ...state.last, atMs }, gaps };
}

/** @param powerMaxW the most that can flow into this battery here: bounds a sample, and what a gap can hide */
export function takeSample(state: BatteryEnergy, sample: BatterySample, powerMaxW: number): BatteryEnergy {
  const refused = { ...state, refused: state.refused + 1 };
  if (!isReal(sample)) return refused;
  const next = lastOf(sample);
  // A quarter more than full power is left for overshoot and for the sensor's own error.
  if (next.powerMilliW > powerMaxW * 1_250) return refused;
  const elapsedMs = next.atMs - state.last.atMs;
  if (elapsedMs <= 0) return state;
  const mostMilliWh = flowAt(powerMaxW, elapsedMs);
  if (elapsedMs > GAP_MS) return closeGap(openGap(state, next, elapsedMs, mostMilliWh), sample, next.atMs);
  const grown = integrate(state, next, elapsedMs);
  if (grown.gaps.pending !== null) return closeGap(grown, sample, next.atMs);
  return { ...grown, counter: compareCounter(grown, sample, mostMilliWh) };
}

function integrate(state: BatteryEnergy, next: LastSample, elapsedMs: number): BatteryEnergy {
  const { flowedMilliWh, remainder } = trapezoid(state, next, elapsedMs);
  const isCharging = state.last.charging || next.charging;
  return {
    ...state,
    energyMilliWh: state.energyMilliWh + flowedMilliWh,
    remainder,
    last: next,
    samplingMilliWh: state.samplingMilliWh + Math.ceil((flowedMilliWh * samplingPpm(elapsedMs)) / 1_000_000),
    offsetMilliWh: state.offsetMilliWh + (isCharging ? offsetFlow(next.voltageMilliV, elapsedMs) : 0),
  };
}

/** Nothing is added yet: the register may only grow, and the counter may say less than the estimate. */
function openGap(state: BatteryEnergy, next: LastSample, elapsedMs: number, mostMilliWh: number): BatteryEnergy {
  const { flowedMilliWh } = trapezoid(state, next, elapsedMs);
  const waiting = state.gaps.pending ?? { sinceMs: next.atMs, estimateMilliWh: 0, mostMilliWh: 0 };
  const pending = {
    sinceMs: waiting.sinceMs,
    estimateMilliWh: waiting.estimateMilliWh + Math.min(mostMilliWh, flowedMilliWh),
    mostMilliWh: waiting.mostMilliWh + mostMilliWh,
  };
  return { ...state, last: next, gaps: { ...state.gaps, count: state.gaps.count + 1, pending } };
}

/**
 * The counter's difference since its last value, less what has been integrated since, is what the gap took. Without a
 * counter the trapezoid stands for the gap, and the uncertainty takes in everything from nothing to full power.
 */
function closeGap(state: BatteryEnergy, sample: BatterySample, nowMs: number): BatteryEnergy {
  const { gaps, counter, energyMilliWh } = state;
  const { pending } = gaps;
  if (pending === null) return state;
  const integrated = energyMilliWh - (counter.mark?.energyMilliWh ?? 0);
  const counted = countedSince(counter, sample, integrated + pending.mostMilliWh);
  if (counted !== null) {
    const grown = energyMilliWh + Math.min(pending.mostMilliWh, Math.max(0, counted - integrated));
    const bridged = { ...gaps, bridged: gaps.bridged + 1, pending: null };
    return { ...state, energyMilliWh: grown, gaps: bridged, counter: markCounter(counter, sample, grown) };
  }
  const isAnswered = sample.chargedMilliWh !== null;
  const mayStillCome = counter.mark !== null && !isAnswered && nowMs - pending.sinceMs <= COUNTER_WAIT_MS;
  if (mayStillCome) return state;
  const { estimateMilliWh, mostMilliWh } = pending;
  const grown = energyMilliWh + estimateMilliWh;
  const boundMilliWh = gaps.boundMilliWh + Math.max(estimateMilliWh, mostMilliWh - estimateMilliWh);
  // A counter that was there before and after the gap, and says what cannot be, is not asked again.
  const isBroken = counter.isBroken || (isAnswered && counter.mark !== null);
  return {
    ...state,
    energyMilliWh: grown,
    gaps: { ...gaps, boundMilliWh, pending: null },
    counter: markCounter({ ...counter, isBroken }, sample, grown),
  };
}

/** Mean power of both ends for the time between them; whole mWh flow, the rest waits for the next. */
function trapezoid(
  state: BatteryEnergy,
  next: LastSample,
  elapsedMs: number,
): { readonly flowedMilliWh: number; readonly remainder: number } {
  const sum = BigInt(state.last.powerMilliW) + BigInt(next.powerMilliW);
  const total = sum * BigInt(elapsedMs) + BigInt(state.remainder);
  return {
    flowedMilliWh: saturate(total / TWICE_MILLI_W_MS_PER_MILLI_WH),
    remainder: saturate(total % TWICE_MILLI_W_MS_PER_MILLI_WH),
  };
}

function isReal({ batteryVoltageV, batteryCurrentA, monotonicMs }: BatterySample): boolean {
  const isFinite = [batteryVoltageV, batteryCurrentA, monotonicMs].every((value) => Number.isFinite(value));
  return isFinite && batteryVoltageV >= 0 && batteryVoltageV <= VOLTAGE_MAX && Math.abs(batteryCurrentA) <= CURRENT_MAX;
}

function lastOf({ batteryVoltageV, batteryCurrentA, charging, monotonicMs }: BatterySample): LastSample {
  const voltageMilliV = Math.round(batteryVoltageV * 1000);
  const inflowMilliA = Math.max(0, Math.round(batteryCurrentA * 1000));
  const powerMilliW = charging ? Math.round((voltageMilliV * inflowMilliA) / 1000) : 0;
  return { atMs: Math.round(monotonicMs), powerMilliW, voltageMilliV, charging };
}

/** Energy at this power for this time, rounded up. */
function flowAt(powerW: number, ms: number): number {
  return saturate(divideUp(BigInt(Math.ceil(Math.max(0, powerW))) * BigInt(ms), WATT_MS_PER_MILLI_WH));
}

/** What the zero of the current sensor may be off by: 0.3 A at the pack's voltage. */
function offsetFlow(voltageMilliV: number, ms: number): number {
  return flowAt((voltageMilliV * OFFSET_MILLI_A) / 1_000_000, ms);
}

/** Error of the trapezoid by the time between samples, for power that follows the sun: found on recordings. */
function samplingPpm(elapsedMs: number): number {
  if (elapsedMs <= 1_000) return 600;
  return elapsedMs <= 10_000 ? 3_500 : 9_000;
}

/** No pack of a car or lorry is beyond these. */
const VOLTAGE_MAX = 1_500;
const CURRENT_MAX = 5_000;
const OFFSET_MILLI_A = 300;
const WATT_MS_PER_MILLI_WH = 3_600n;
/** 1 mWh is 3,600,000 mW x ms, twice because the trapezoid adds both ends. */
const TWICE_MILLI_W_MS_PER_MILLI_WH = 7_200_000n;
