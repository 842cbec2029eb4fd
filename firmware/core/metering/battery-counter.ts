/**
 * E_cnt: what the car's own charge counter says was added while it charged. Only the moments at which the counter moves
 * say something: then it has just passed one of its steps, to within what can have flowed since it was looked at
 * before. From the first such tick of a run to the last the counter counts; before and behind them the integral does.
 *
 *     charging   |-- integral --|T1======== counter ========T2|-- integral --|
 *
 * So a step of 0.1 kWh shrinks to the few Wh of one sampling period. The counter shares its sensors with the integral:
 * it checks the sampling and the arithmetic, not the sensors.
 */
import { addSums, sumsBetween, sumsOf } from "./battery-sums.ts";
import { isGap, isUnseenCharge, type GapAnswer, type Step } from "./battery-integral.ts";
import { flowAtMost } from "./battery-flow.ts";
import type {
  BatterySample,
  ChargeEnergy,
  CounterRun,
  CounterSight,
  CounterState,
  CounterTick,
  CounterTrouble,
  Integral,
} from "./battery-state.ts";

/** So long after a gap the counter's next value may still bridge it. */
const COUNTER_WAIT_MS = 60_000;
/** A counter whose step is not known is taken for the coarsest that is looked at in one charge. */
const STEP_UNKNOWN_MILLI_WH = 100_000;
/** 10 kWh, and 1 GWh: no car counts so coarsely, or so far. */
const STEP_MILLI_WH_MAX = 10_000_000;
const COUNTER_MILLI_WH_MAX = 1_000_000_000_000;

/** E_cnt, or null while the counter has not moved twice or cannot be believed. */
export function countedMilliWh({ integral, counter }: Pick<ChargeEnergy, "integral" | "counter">): number | null {
  const isTicking = counter.covered.energyMilliWh > 0 || counter.countedMilliWh !== 0;
  return isTicking && counter.trouble === null ? followedMilliWh({ integral, counter }) : null;
}

/**
 * The integral with the counter's word where it has spoken; where a counter is not believed any more, its last word
 * stands and the integral goes on from there.
 */
export function followedMilliWh({ integral, counter }: Pick<ChargeEnergy, "integral" | "counter">): number {
  return Math.max(0, integral.energyMilliWh - counter.covered.energyMilliWh + counter.countedMilliWh);
}

/** Takes the counter's value, if the sample has one, behind the integral up to the same sample. */
export function takeCounter(before: CounterState, integral: Integral, step: Step, wasGap: boolean): CounterState {
  const { sample, counts } = step;
  // Between the ends of a run the car charged all the while.
  const counter = counts[0] && counts[1] ? before : endRun(before);
  const sight = sightOf(sample, integral);
  if (sight === null || counter.trouble !== null) return counter;
  if (counter.seen !== null && sight.counterMilliWh < counter.seen.counterMilliWh) {
    return distrust(counter, "COUNTER_FELL");
  }
  const seen = lookAt(counter, sample, sight);
  if (!counts[1]) return seen;
  if (counter.run === null || counter.seen === null) return { ...seen, run: { start: sight, ticks: null } };
  const moved = sight.counterMilliWh - counter.seen.counterMilliWh;
  if (moved === 0) return hasStopped(counter.run, seen, step) ? distrust(counter, "COUNTER_STOPPED") : seen;
  if (!wasGap && hasLeapt(counter.run, seen, step)) return distrust(counter, "COUNTER_LEAPT");
  const flowed = wasGap ? null : sight.energyMilliWh - counter.seen.energyMilliWh;
  const widthMilliWh = widthOf(moved, seen.stepMilliWh, flowed);
  // The step that was passed lies up to a width back; the middle of it is off by half of that at most.
  const contentMilliWh = sight.counterMilliWh + Math.floor(widthMilliWh / 2);
  return tick(seen, counter.run, { contentMilliWh, widthMilliWh, sums: sumsOf(integral) });
}

/** While the car does not charge: whatever the counter adds is braking or another cable's. */
export function idleCounter(before: CounterState, sample: BatterySample, integral: Integral): CounterState {
  const counter = endRun(before);
  const sight = sightOf(sample, integral);
  if (sight === null || counter.trouble !== null) return counter;
  const hasFallen = counter.seen !== null && sight.counterMilliWh < counter.seen.counterMilliWh;
  return hasFallen ? distrust(counter, "COUNTER_FELL") : lookAt(counter, sample, sight);
}

/** Both ends of a gap are idle, and the car has counted meanwhile: it may have charged and paused, as by the sun. */
export function hasChargedUnseen({ seen, trouble }: CounterState, step: Step): boolean {
  if (seen === null || trouble !== null || !isGap(step) || !isUnseenCharge(step)) return false;
  const { chargedMilliWh } = step.sample;
  if (chargedMilliWh === null || !(chargedMilliWh <= COUNTER_MILLI_WH_MAX)) return false;
  return Math.round(chargedMilliWh) > seen.counterMilliWh;
}

/**
 * The gap that waits, by the counter: its difference since it was last seen, less what has been integrated since. Also
 * whether it is to be believed any longer.
 */
export function bridgeGap(
  charge: ChargeEnergy,
  step: Step,
): { readonly answer: GapAnswer; readonly trouble: CounterTrouble | null } {
  const { counter, gaps, integral } = charge;
  const { pending } = gaps;
  if (pending === null) return { answer: { kind: "wait" }, trouble: counter.trouble };
  const unknown: GapAnswer = { kind: "bounded", mostMilliWh: pending.mostMilliWh };
  if (counter.trouble !== null || counter.seen === null) return { answer: unknown, trouble: counter.trouble };
  const sight = sightOf(step.sample, integral);
  if (sight === null) {
    const mayStillCome = step.to.atMs - pending.sinceMs <= COUNTER_WAIT_MS;
    return { answer: mayStillCome ? { kind: "wait" } : unknown, trouble: null };
  }
  const counted = sight.counterMilliWh - counter.seen.counterMilliWh;
  const integrated = sight.energyMilliWh - counter.seen.energyMilliWh;
  if (counted < 0) return { answer: unknown, trouble: "COUNTER_FELL" };
  const milliWh = Math.max(0, counted - integrated + passedSince(counter, counter.seen));
  if (!pending.isCharge)
    return { answer: { kind: "bounded", mostMilliWh: milliWh + counter.stepMilliWh }, trouble: null };
  const most = 2 * integrated + pending.mostMilliWh + 2 * counter.stepMilliWh;
  if (counted > most) return { answer: unknown, trouble: "COUNTER_LEAPT" };
  return { answer: { kind: "bridged", milliWh }, trouble: null };
}

/**
 * The middle of a step stands for what a counter shows, before the gap and behind it. Where a tick told better how far
 * into its step it was before, this is the difference; so of both readings only the one behind the gap is rounded.
 */
function passedSince({ run, stepMilliWh }: CounterState, seen: CounterSight): number {
  const last = run?.ticks?.last;
  // One that lags tells by its ticks no better where it is.
  if (last === undefined || last.widthMilliWh > stepMilliWh) return 0;
  const contentMilliWh = last.contentMilliWh + seen.energyMilliWh - last.sums.energyMilliWh;
  const middleMilliWh = seen.counterMilliWh + Math.floor(stepMilliWh / 2);
  const half = Math.ceil(stepMilliWh / 2);
  return Math.max(-half, Math.min(half, middleMilliWh - contentMilliWh));
}

/** The counter is not asked again in this session. */
export function distrust(counter: CounterState, trouble: CounterTrouble): CounterState {
  return { ...endRun(counter), seen: null, trouble };
}

export function endRun(counter: CounterState): CounterState {
  return counter.run === null ? counter : { ...counter, run: null, tickSquare: tickSquareOf(counter) };
}

/** Squares of the widths of the ticks at both ends of all runs, the present one included. */
export function tickSquareOf({ run, tickSquare }: CounterState): number {
  if (run === null || run.ticks === null) return tickSquare;
  return Math.min(
    Number.MAX_SAFE_INTEGER,
    tickSquare + run.ticks.firstWidthMilliWh ** 2 + run.ticks.last.widthMilliWh ** 2,
  );
}

function tick(counter: CounterState, run: CounterRun, next: CounterTick): CounterState {
  const { start, ticks } = run;
  if (ticks === null) {
    return { ...counter, run: { start, ticks: { firstWidthMilliWh: next.widthMilliWh, last: next } } };
  }
  return {
    ...counter,
    run: { start, ticks: { ...ticks, last: next } },
    countedMilliWh: counter.countedMilliWh + next.contentMilliWh - ticks.last.contentMilliWh,
    covered: addSums(counter.covered, sumsBetween(ticks.last.sums, next.sums)),
  };
}

/**
 * How far back the passed step may lie: what flowed since the counter was seen before, unless that is more than a step
 * or not known. A counter that moves on by more than flowed is one that lags: it may lag as much now.
 */
function widthOf(movedMilliWh: number, stepMilliWh: number, flowedMilliWh: number | null): number {
  if (flowedMilliWh === null) return stepMilliWh;
  const excess = movedMilliWh - stepMilliWh - Math.ceil(flowedMilliWh * FLOW_TOLERANCE);
  return excess > 0 ? stepMilliWh + excess : Math.min(stepMilliWh, flowedMilliWh + 1);
}

const FLOW_TOLERANCE = 1.05;

/** Since its last tick, or since the run began, the counter has moved by far more than can have flowed. */
function hasLeapt({ start, ticks }: CounterRun, { seen, stepMilliWh }: CounterState, step: Step): boolean {
  if (seen === null) return false;
  const moved = seen.counterMilliWh - (ticks?.last.contentMilliWh ?? start.counterMilliWh);
  const flowed = seen.energyMilliWh - (ticks?.last.sums.energyMilliWh ?? start.energyMilliWh);
  return moved > 2 * (flowed + stepMilliWh) + flowAtMost(step.powerMaxW, step.elapsedMs);
}

/**
 * Far more has flowed than its step since it moved: an energy that is all integral behind an old tick would still look
 * like the counter's. A minute at full power is left for counters that their unit renews now and then.
 */
function hasStopped({ start, ticks }: CounterRun, { seen, stepMilliWh }: CounterState, step: Step): boolean {
  if (seen === null) return false;
  const flowed = seen.energyMilliWh - (ticks?.last.sums.energyMilliWh ?? start.energyMilliWh);
  return flowed > 2 * stepMilliWh + STOPPED_MILLI_WH_MIN + flowAtMost(step.powerMaxW, COUNTER_WAIT_MS);
}

const STOPPED_MILLI_WH_MIN = 200_000;

function lookAt(counter: CounterState, sample: BatterySample, sight: CounterSight): CounterState {
  return { ...counter, seen: sight, stepMilliWh: Math.max(counter.stepMilliWh, stepOf(sample)) };
}

/** Whole mWh, at least 1. */
export function stepOf({ chargedResolutionMilliWh: step }: BatterySample): number {
  if (step === null || !(step <= STEP_MILLI_WH_MAX)) return STEP_UNKNOWN_MILLI_WH;
  return Math.max(1, Math.ceil(step));
}

function sightOf({ chargedMilliWh }: BatterySample, { energyMilliWh }: Integral): CounterSight | null {
  if (chargedMilliWh === null || !Number.isFinite(chargedMilliWh)) return null;
  const counterMilliWh = Math.round(chargedMilliWh);
  return counterMilliWh >= 0 && counterMilliWh <= COUNTER_MILLI_WH_MAX ? { counterMilliWh, energyMilliWh } : null;
}
