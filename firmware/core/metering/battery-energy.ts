/**
 * The energy that a battery took, by several estimates that are kept apart, and the register that is signed. Only what
 * flows in while the car charges counts: no discharge, no regeneration, no current of a parked car.
 *
 *   idle --charging or current--> opening --charging twice--> open --60 s of none, or out of the cable--> idle
 *              ^-- 60 s without --'                             `-- 5 min silence without a contract --> idle
 */
import {
  bridgeGap,
  distrust,
  endRun,
  followedMilliWh,
  hasChargedUnseen,
  idleCounter,
  stepOf,
  takeCounter,
} from "./battery-counter.ts";
import { SILENCE_MS } from "./battery-flow.ts";
import { takeInlet, type InletStep } from "./battery-inlet.ts";
import { closeGap, integrate, isGap, noteUnclaimed, type Step } from "./battery-integral.ts";
import { lastOf, noteRest, noteSteps, STEPS_UNKNOWN } from "./battery-sample.ts";
import { blindStretch, CLOSED, pausedSince, QUIET_MS, takesAtInlet } from "./battery-stretch.ts";
import { takeStateOfCharge } from "./battery-state-of-charge.ts";
import {
  INLET_KINDS,
  NO_CHARGE,
  type BatteryEnergy,
  type BatteryLimits,
  type BatterySample,
  type BatterySession,
  type ChargeEnergy,
  type LastSample,
  type RegisterMethod,
  type Stretch,
} from "./battery-state.ts";

/**
 * The step of the register that is signed, as every want declares it. A counter that is not coarser is followed; beside
 * a coarser one the integral, which has no steps, is the finer register.
 */
export const REGISTER_STEP_MILLI_WH = 1_000;

export const NO_BATTERY_ENERGY: BatteryEnergy = {
  registerMilliWh: 0,
  aheadMilliWh: 0,
  session: { powerMaxW: null, startMilliWh: 0, method: null },
  charge: NO_CHARGE,
  stretch: CLOSED,
  last: null,
  steps: STEPS_UNKNOWN,
  rest: null,
  refused: 0,
};

export function takeSample(state: BatteryEnergy, sample: BatterySample, limits: BatteryLimits): BatteryEnergy {
  if (sample.batteryVoltageV === null || sample.batteryCurrentA === null) return takeBlind(state, sample, limits);
  const to = lastOf(sample, limits);
  if (to === null) return { ...state, refused: state.refused + 1 };
  const from = state.last;
  if (from === null) return { ...begin(noteRest(state, to, sample), sample, to), last: to };
  const elapsedMs = to.atMs - from.atMs;
  if (elapsedMs <= 0 && from.resumed === null) return state;
  const step: Step = {
    ...{ from, to, sample, elapsedMs: Math.max(0, elapsedMs) },
    counts: [from.charging, to.charging],
    powerMaxW: powerBound(state, limits),
    isContract: state.session.powerMaxW !== null,
  };
  const charge = noteUnclaimed(state.charge, step);
  const noted = { ...noteRest(noteSteps({ ...state, charge }, sample, to), to, sample), last: to };
  return state.stretch.isOpen ? goOn(noted, step) : tryToOpen(noted, step);
}

/** A new session: its estimates begin at nothing, the register stands. @param powerMaxW null without a contract */
export function openSession(state: BatteryEnergy, powerMaxW: number | null): BatteryEnergy {
  const { seen, stepMilliWh } = state.charge.counter;
  const known = seen === null ? null : { ...seen, energyMilliWh: 0 };
  const counter = { ...NO_CHARGE.counter, seen: known, stepMilliWh };
  const session: BatterySession = { powerMaxW, startMilliWh: state.registerMilliWh, method: null };
  const charge = { ...NO_CHARGE, counter };
  const method = state.stretch.isOpen ? methodAgain(state.session, charge) : null;
  const stretch = { ...state.stretch, opening: null, doubt: null };
  return { ...state, aheadMilliWh: 0, session: { ...session, method }, charge, stretch };
}

/**
 * Continues a journalled state on a clock that began anew.
 *
 * @param awayMs since its last sample; null when the wall clock cannot have told, because it has been set back
 */
export function resumeBattery(state: BatteryEnergy, nowMs: number, awayMs: number | null): BatteryEnergy {
  const at = Math.floor(nowMs - (awayMs ?? 0));
  const { last, charge, stretch } = state;
  const { pending } = charge.gaps;
  const { inlet } = charge;
  return {
    ...state,
    last: last === null ? null : { ...last, atMs: at, resumed: { awayMs } },
    charge: {
      ...charge,
      gaps: { ...charge.gaps, pending: pending === null ? null : { ...pending, sinceMs: Math.floor(nowMs) } },
      inlet: { ...inlet, last: inlet.last === null ? null : { ...inlet.last, atMs: at } },
    },
    stretch: {
      ...stretch,
      quietSinceMs: stretch.quietSinceMs === null ? null : Math.floor(nowMs),
      opening: null,
      doubt: null,
    },
  };
}

/** What the register follows. */
export function estimateMilliWh(charge: ChargeEnergy, method: RegisterMethod): number {
  if (method === "counter") return followedMilliWh(charge);
  if (method === "integral") return charge.integral.energyMilliWh;
  const kind = INLET_KINDS.find((each) => method === `inlet-${each}`);
  return kind === undefined ? 0 : charge.inlet.byKind[kind].energyMilliWh;
}

/** Some cars know it only after ten seconds, one after thirty, or a reply is lost: so much before it is charge. */
const OPENING_MS = 60_000;
const INFLOW_MILLI_A = 500;

/** A car that tells no current may still tell what it takes at its inlet. */
function takeBlind(state: BatteryEnergy, said: BatterySample, limits: BatteryLimits): BatteryEnergy {
  const { charge } = state;
  const sample = { ...said, charging: said.charging || takesAtInlet(said) };
  const atMs = Math.round(sample.monotonicMs);
  const sinceMs = state.session.powerMaxW === null ? null : (state.last?.atMs ?? null);
  const powerMaxW = powerBound(state, limits);
  const inlet = takeInlet(charge.inlet, { sample, atMs, sinceMs, powerMaxW, isResumed: false });
  const stateOfCharge = takeStateOfCharge(charge.stateOfCharge, sample.stateOfChargePercent, sample.charging);
  const counted =
    sample.charging && limits.countedInlet !== undefined ? (`inlet-${limits.countedInlet}` as const) : null;
  const method = state.session.method ?? counted;
  const after = { ...charge, inlet, stateOfCharge };
  const { charging, plugged } = sample;
  const last: LastSample = { atMs, voltageMilliV: 0, inflowMilliA: 0, charging, plugged, resumed: null };
  const seen = { ...state, session: { ...state.session, method } };
  if (method === null) return { ...seen, charge: after };
  if (limits.countedInlet === undefined) return grow(seen, state.stretch, after);
  return grow({ ...seen, last }, blindStretch(state.stretch, last), after);
}

/** The most that can flow; a tenth more than the contract lets is left for the car's own error. */
function powerBound({ session }: BatteryEnergy, limits: BatteryLimits): number {
  return session.powerMaxW === null
    ? limits.powerMaxW
    : Math.min(limits.powerMaxW, Math.ceil((session.powerMaxW * 11) / 10));
}

/** The car does not charge, or seems to begin just now. */
function begin(state: BatteryEnergy, sample: BatterySample, to: LastSample): BatteryEnergy {
  const charge = idle(state.charge, sample);
  const opening = mayOpen(to) ? { sinceMs: to.atMs, charge: start(charge, sample, to) } : null;
  return { ...state, charge, stretch: { ...CLOSED, opening } };
}

/** The same, of a car that was seen idle before: it began between the two samples. */
function beginBetween(state: BatteryEnergy, step: Step): BatteryEnergy {
  const { sample, to, isContract } = step;
  const isUnseen = !mayOpen(to) && hasChargedUnseen(state.charge.counter, step);
  if (isUnseen) return grow(state, pausedSince(to), advance(state.charge, step));
  const begun = begin(state, sample, to);
  // Without a contract nobody knows what a long gap may have held: the car may have come from the road.
  if (begun.stretch.opening === null || (isGap(step) && !isContract)) return begun;
  const charge = advance(state.charge, { ...step, counts: [false, true] });
  return { ...begun, stretch: { ...begun.stretch, opening: { sinceMs: to.atMs, charge } } };
}

/** What flows before the second word of the car is kept aside, and counts if that comes. */
function tryToOpen(state: BatteryEnergy, step: Step): BatteryEnergy {
  const { from, to } = step;
  const { opening } = state.stretch;
  if (opening === null || !mayOpen(to)) return beginBetween(state, step);
  const isConfirmed = from.charging && to.charging && from.resumed === null && step.elapsedMs <= SILENCE_MS;
  const isOld = !to.charging && to.atMs - opening.sinceMs > OPENING_MS;
  if (!isConfirmed && (isOld || isGap(step))) return beginBetween(state, step);
  const charge = advance(opening.charge, { ...step, counts: [true, true] });
  if (!isConfirmed) return { ...state, stretch: { ...state.stretch, opening: { ...opening, charge } } };
  return grow(state, { ...CLOSED, isOpen: true }, charge);
}

function goOn(state: BatteryEnergy, step: Step): BatteryEnergy {
  const { to, sample, isContract, elapsedMs, from } = step;
  const isLost = !isContract && (elapsedMs > SILENCE_MS || from.resumed?.awayMs === null);
  if (isLost) return begin(breakOff(state), sample, to);
  const doubt = doubtAt(state, step);
  const isCleared = doubt !== null && from.charging && to.charging && !isGap(step);
  const grown = isCleared ? doubt.charge : advance(state.charge, step);
  const quietSinceMs = to.charging ? null : (state.stretch.quietSinceMs ?? to.atMs);
  const isOver = to.plugged === false || (quietSinceMs !== null && to.atMs - quietSinceMs >= QUIET_MS);
  if (!isOver) return grow(state, { ...CLOSED, isOpen: true, quietSinceMs, doubt: isCleared ? null : doubt }, grown);
  // What is in doubt at the end of a stretch may be the beginning of the next.
  return grow(state, { ...CLOSED, opening: doubt }, giveUpGap(grown));
}

/** Within a charge, too, a car may be late to know that it charges again: what flows meanwhile waits for its word. */
function doubtAt({ charge, stretch }: BatteryEnergy, step: Step): Stretch["doubt"] {
  const { from, to } = step;
  const { doubt } = stretch;
  if (!mayOpen(to) || (doubt === null && to.charging)) return null;
  const isOld = doubt !== null && !to.charging && to.atMs - doubt.sinceMs > OPENING_MS;
  if (doubt !== null && !isOld && !isGap(step)) {
    return { ...doubt, charge: advance(doubt.charge, { ...step, counts: [true, true] }) };
  }
  return { sinceMs: to.atMs, charge: advance(charge, { ...step, counts: [from.charging, true] }) };
}

/** The register follows one estimate for the whole session, and waits where that has stepped back. */
function grow(state: BatteryEnergy, stretch: BatteryEnergy["stretch"], charge: ChargeEnergy): BatteryEnergy {
  const method = state.session.method ?? methodFor(charge);
  const grown = estimateMilliWh(charge, method) - estimateMilliWh(state.charge, method) - state.aheadMilliWh;
  return {
    ...state,
    registerMilliWh: state.registerMilliWh + Math.max(0, grown),
    aheadMilliWh: Math.max(0, -grown),
    session: { ...state.session, method },
    charge,
    stretch,
  };
}

/** A car that tells no current of its battery goes on to be measured at its inlet. */
function methodAgain({ method }: BatterySession, charge: ChargeEnergy): RegisterMethod {
  return method?.startsWith("inlet-") === true ? method : methodFor(charge);
}

function methodFor({ counter }: ChargeEnergy): RegisterMethod {
  const isFine = counter.seen !== null && counter.stepMilliWh <= REGISTER_STEP_MILLI_WH;
  return isFine ? "counter" : "integral";
}

function mayOpen({ plugged, charging, inflowMilliA }: LastSample): boolean {
  return plugged !== false && (charging || inflowMilliA >= INFLOW_MILLI_A);
}

/** All estimates, from one sample to the next. */
function advance(charge: ChargeEnergy, step: Step): ChargeEnergy {
  const { sample, counts } = step;
  const wasGap = isGap(step) || charge.gaps.pending !== null;
  const whole = settleGap(integrate(charge, step), step);
  const stateOfCharge = takeStateOfCharge(whole.stateOfCharge, sample.stateOfChargePercent, counts[1]);
  const counter = takeCounter(whole.counter, whole.integral, step, wasGap);
  return { ...whole, counter, stateOfCharge, inlet: takeInlet(whole.inlet, inletStep(step)) };
}

function settleGap(charge: ChargeEnergy, step: Step): ChargeEnergy {
  if (charge.gaps.pending === null) return charge;
  // A gap may be the first that shows how coarse the counter is.
  const stepMilliWh = Math.max(
    charge.counter.stepMilliWh,
    step.sample.chargedMilliWh === null ? 0 : stepOf(step.sample),
  );
  const known = { ...charge, counter: { ...charge.counter, stepMilliWh } };
  const { answer, trouble } = bridgeGap(known, step);
  if (answer.kind === "wait") return charge;
  const closed = closeGap(known, step.to.voltageMilliV, answer);
  if (trouble !== null && known.counter.trouble === null)
    return { ...closed, counter: distrust(known.counter, trouble) };
  // Ticks on both sides of a gap that the counter did not bridge have nothing to do with each other.
  return answer.kind === "bridged" ? closed : { ...closed, counter: endRun(closed.counter) };
}

function breakOff(state: BatteryEnergy): BatteryEnergy {
  return grow(state, state.stretch, giveUpGap(state.charge));
}

/** A gap that still waits when its stretch ends gets no answer any more. */
function giveUpGap(charge: ChargeEnergy): ChargeEnergy {
  const { pending } = charge.gaps;
  return pending === null ? charge : closeGap(charge, 0, { kind: "bounded", mostMilliWh: pending.mostMilliWh });
}

function start(charge: ChargeEnergy, sample: BatterySample, to: LastSample): ChargeEnergy {
  const step: Step = {
    ...{ from: to, to, sample, elapsedMs: 0, powerMaxW: 0, isContract: false },
    counts: [false, true],
  };
  return {
    ...charge,
    counter: takeCounter(charge.counter, charge.integral, step, false),
    stateOfCharge: takeStateOfCharge(charge.stateOfCharge, sample.stateOfChargePercent, true),
    inlet: takeInlet(charge.inlet, inletStep(step)),
  };
}

function inletStep({ sample, from, to, powerMaxW }: Step): InletStep {
  return { sample, atMs: to.atMs, sinceMs: from.atMs, powerMaxW, isResumed: from.resumed !== null };
}

function idle(charge: ChargeEnergy, sample: BatterySample): ChargeEnergy {
  return {
    ...charge,
    counter: idleCounter(charge.counter, sample, charge.integral),
    stateOfCharge: takeStateOfCharge(charge.stateOfCharge, null, false),
    inlet: { ...charge.inlet, last: null },
  };
}
