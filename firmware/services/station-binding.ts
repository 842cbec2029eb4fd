/**
 * Plays the pattern of the physical binding on the current limit of one charge, once, in the first minute after power
 * flows; looks at the own meter whether the car followed, and tells the vehicle what it saw (core/binding).
 *
 *   waiting --power--> rising --steady--> playing --16 chips--> looking --followed, or too late--> done
 *
 * What stands in the way ends it without a word: power that is taken back, a car without room below what it takes, a
 * start of this process in mid-charge, which does not know the key. The limit of the charge then stands again by
 * itself, for it is told anew at every look.
 */
import type { PowerSample } from "#core/binding/fit-watermark.ts";
import { seeFollowed, type StationSight } from "#core/binding/judge-watermark.ts";
import { sealSight } from "#core/binding/sight-message.ts";
import { watermarkPattern } from "#core/binding/watermark-pattern.ts";
import {
  limitAt,
  planWatermark,
  untilNextChipMs,
  WATERMARK_MS,
  type WatermarkPlan,
} from "#core/binding/watermark-plan.ts";
import { toHex } from "#base/bytes.ts";
import type { ChannelKeys } from "#core/handshake/key-schedule.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import type { EmitEvent } from "./events.ts";
import type { MeterFlow } from "./meter-watch.ts";

/** With whom this process has agreed on a charge: the keys of the two, and where the other one listens. */
export interface PrivateLine {
  readonly keys: ChannelKeys;
  /** Of the reply topic. */
  readonly token: Uint8Array;
}

export interface StationBindingParts {
  readonly crypto: Cryptography;
  readonly emit: EmitEvent;
  readonly address: Uint8Array;
  /** What the charge may take, A a phase. */
  readonly limitA: number;
  /** Undefined before the handshake has told, and for ever after a restart. */
  readonly line: () => PrivateLine | undefined;
  readonly tell: (token: Uint8Array, sight: Uint8Array) => void;
}

export interface StationMoment {
  readonly nowMs: number;
  /** Since t0. */
  readonly elapsedMs: number;
  readonly mayFlow: boolean;
  readonly flow: MeterFlow | undefined;
}

type Phase =
  | { readonly kind: "waiting" }
  | { readonly kind: "rising"; readonly sinceMs: number; readonly before: MeterFlow }
  | Playing
  | { readonly kind: "telling"; readonly sight: Uint8Array; readonly token: Uint8Array; readonly times: number }
  | { readonly kind: "done" };

interface Playing {
  readonly kind: "playing";
  readonly plan: WatermarkPlan;
  readonly line: PrivateLine;
  readonly begunMs: number;
  readonly begunAtMs: number;
  readonly expectedW: number;
}

/** Less flows while a car checks its cable, or is full. */
const POWER_MIN_W = 1_000;
/** So long the power is left to rise, unless it is steady before. */
const RISE_MS = 8_000;
const STEADY_SHARE = 0.97;
/** A car may be so much later than its limit. */
const FOLLOW_MS = 8_000;
/** The mesh may lose a message; the same bytes again. */
const TELLINGS = 3;
const SAMPLES_MAX = 120;

export class StationBinding {
  readonly #parts: StationBindingParts;
  #phase: Phase = { kind: "waiting" };
  #samples: readonly PowerSample[] = [];

  constructor(parts: StationBindingParts) {
    this.#parts = parts;
  }

  /** The limit for now, A a phase; never more than the charge's. */
  look(moment: StationMoment): number {
    this.#keep(moment.flow);
    this.#phase = this.#next(this.#phase, moment);
    const phase = this.#phase;
    const { limitA } = this.#parts;
    return phase.kind === "playing" ? Math.min(limitA, limitAt(phase.plan, moment.nowMs - phase.begunMs)) : limitA;
  }

  /** How soon it is to be looked at again, where that is sooner than usual. */
  nextChipMs(nowMs: number): number | undefined {
    return this.#phase.kind === "playing" ? untilNextChipMs(nowMs - this.#phase.begunMs) : undefined;
  }

  #keep(flow: MeterFlow | undefined): void {
    if (flow === undefined || flow.atMs === this.#samples.at(-1)?.atMs) return;
    this.#samples = [...this.#samples, flow].slice(-SAMPLES_MAX);
  }

  #next(phase: Phase, moment: StationMoment): Phase {
    switch (phase.kind) {
      case "done":
        return phase;
      case "telling":
        return this.#tellAgain(phase);
      case "waiting":
      case "rising":
        return moment.mayFlow ? this.#await(phase, moment) : { kind: "waiting" };
      case "playing":
        return moment.mayFlow ? this.#listen(phase, moment) : this.#end(false);
    }
  }

  #await(phase: Phase, { nowMs, elapsedMs, flow }: StationMoment): Phase {
    if (flow === undefined || flow.powerW < POWER_MIN_W) return { kind: "waiting" };
    if (phase.kind !== "rising") return { kind: "rising", sinceMs: nowMs, before: flow };
    const isNew = flow.atMs !== phase.before.atMs;
    const isSteady = isNew && phase.before.powerW >= STEADY_SHARE * flow.powerW;
    if (!isSteady && nowMs - phase.sinceMs < RISE_MS) return { ...phase, before: flow };
    const line = this.#parts.line();
    const { limitA } = this.#parts;
    const takenA = Math.min(limitA, flow.currentA ?? limitA);
    const plan = line && planWatermark(watermarkPattern(line.keys.watermark), limitA, takenA);
    if (line === undefined || plan === undefined) return { kind: "done" };
    const expectedW = flow.powerW * (1 - plan.lowA / takenA);
    return { kind: "playing", plan, line, begunMs: nowMs, begunAtMs: elapsedMs, expectedW };
  }

  #listen(phase: Playing, { nowMs, elapsedMs }: StationMoment): Phase {
    const { plan, line, begunMs, begunAtMs, expectedW } = phase;
    if (nowMs < begunMs + WATERMARK_MS) return phase;
    const seen = seeFollowed(this.#samples, plan.pattern, begunMs, expectedW);
    if (seen === undefined) return nowMs < begunMs + WATERMARK_MS + FOLLOW_MS ? phase : this.#end(false);
    const sight = this.#seal(line, { startMs: Math.floor(begunAtMs), sentMs: Math.floor(elapsedMs) }, seen);
    this.#end(true);
    return this.#tellAgain({ kind: "telling", sight, token: line.token, times: 0 });
  }

  #seal(
    line: PrivateLine,
    times: { readonly startMs: number; readonly sentMs: number },
    seen: StationSight,
  ): Uint8Array {
    const { crypto, address } = this.#parts;
    return sealSight({ crypto, key: line.keys.station, address }, { ...times, ...seen });
  }

  #tellAgain(phase: Extract<Phase, { readonly kind: "telling" }>): Phase {
    const { sight, token, times } = phase;
    this.#parts.tell(token, sight);
    return times + 1 < TELLINGS ? { ...phase, times: times + 1 } : { kind: "done" };
  }

  #end(followed: boolean): Phase {
    this.#parts.emit("patternPlayed", { address: toHex(this.#parts.address), followed });
    return { kind: "done" };
  }
}
