/**
 * The car's counters against its voltage times its current: a wrong scale shows as another amount, a wrong sign as
 * charge that is counted where discharge flows.
 */
import type { ContactSample } from "./first-contact.ts";

export interface EnergyTrial {
  readonly last: { readonly atMs: number; readonly powerW: number } | null;
  /** The counters at the start; null before they were read. */
  readonly start: Counters | null;
  /** As they were read last. */
  readonly now: Counters | null;
  /** What flowed since the start, by voltage and current. */
  readonly flow: Flow;
  /** The same up to the moment at which the counters were read last: a verdict must not set older ones against it. */
  readonly flowThen: Flow;
}

interface Flow {
  readonly inMilliWh: number;
  readonly outMilliWh: number;
}

interface Counters {
  readonly chargedMilliWh: number;
  /** Null where the car has none. */
  readonly dischargedMilliWh: number | null;
}

const NO_FLOW: Flow = { inMilliWh: 0, outMilliWh: 0 };

export const NO_TRIAL: EnergyTrial = { last: null, start: null, now: null, flow: NO_FLOW, flowThen: NO_FLOW };

/** Between samples that are further apart nobody knows what flowed: the trial begins anew. */
const APART_MS_MAX = 15_000;
/** Steps of the counter that must have flowed before the two are compared, and the least energy. */
const STEPS_MIN = 5;
const ENERGY_MIN_MILLI_WH = 20_000;
/** A quarter: sensors, zero offsets and what the car does not count; a wrong scale is off by more. */
const TOLERANCE = 0.25;

export function stepEnergy(trial: EnergyTrial, sample: ContactSample): EnergyTrial {
  const volts = sample.fresh.get("batteryVoltageV");
  const amperes = sample.fresh.get("batteryCurrentA");
  if (typeof volts !== "number" || typeof amperes !== "number") return trial;
  const last = { atMs: sample.monotonicMs, powerW: volts * amperes };
  const told = countersOf(sample);
  const elapsedMs = trial.last === null ? 0 : last.atMs - trial.last.atMs;
  if (trial.last === null || trial.start === null || elapsedMs > APART_MS_MAX) {
    return { ...NO_TRIAL, last, start: told, now: told };
  }
  // Half of either sample's power belongs to the time between them. 3600 W x ms are 1 mWh.
  const flowed = ((last.powerW + trial.last.powerW) / 2) * (elapsedMs / 3600);
  const flow = {
    inMilliWh: trial.flow.inMilliWh + Math.max(0, flowed),
    outMilliWh: trial.flow.outMilliWh + Math.max(0, -flowed),
  };
  const { start, now, flowThen } = trial;
  return told === null ? { last, start, now, flow, flowThen } : { last, start, now: told, flow, flowThen: flow };
}

/** `open`: too little flowed to say. */
export function judgeEnergy(trial: EnergyTrial, resolutionMilliWh: number): "open" | "agrees" | "swapped" | "differs" {
  const { start, now, flowThen } = trial;
  const flowed = flowThen.inMilliWh + flowThen.outMilliWh;
  if (start === null || now === null || flowed < Math.max(STEPS_MIN * resolutionMilliWh, ENERGY_MIN_MILLI_WH)) {
    return "open";
  }
  const charged = now.chargedMilliWh - start.chargedMilliWh;
  const [from, to] = [start.dischargedMilliWh, now.dischargedMilliWh];
  const discharged = from === null || to === null ? null : to - from;
  const errorOf = (expectedIn: number, expectedOut: number): number =>
    Math.abs(charged - expectedIn) + (discharged === null ? 0 : Math.abs(discharged - expectedOut));
  const allowed = TOLERANCE * flowed + 2 * resolutionMilliWh;
  if (errorOf(flowThen.inMilliWh, flowThen.outMilliWh) <= allowed) return "agrees";
  // A counter that stands still is nearest to nothing, and tells of no direction.
  const hasCounted = charged + (discharged ?? 0) >= flowed / 2;
  return hasCounted && errorOf(flowThen.outMilliWh, flowThen.inMilliWh) <= allowed ? "swapped" : "differs";
}

export function trialText({ start, now, flowThen }: EnergyTrial): string {
  if (start === null || now === null) return "the counter has not been read yet";
  const charged = kiloWattHours(now.chargedMilliWh - start.chargedMilliWh);
  const { inMilliWh, outMilliWh } = flowThen;
  return `counted ${charged} in, ${kiloWattHours(inMilliWh)} in and ${kiloWattHours(outMilliWh)} out flowed`;
}

function kiloWattHours(milliWh: number): string {
  return `${(milliWh / 1_000_000).toFixed(3)} kWh`;
}

/** The moment of reading counts, so only what was read for this sample does. */
function countersOf({ fresh }: ContactSample): Counters | null {
  const charged = fresh.get("chargedMilliWh");
  if (typeof charged !== "number") return null;
  return { chargedMilliWh: charged, dischargedMilliWh: fresh.get("dischargedMilliWh") ?? null };
}
