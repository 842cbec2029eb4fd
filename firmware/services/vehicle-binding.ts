/**
 * Finds out on the own battery's readings whether this vehicle hangs on the station that it has agreed with: waits for
 * the station's word on what it did and saw, and judges (core/binding). A verdict is told once; one that contradicts
 * ends the charge.
 */
import type { PowerSample } from "#core/binding/fit-watermark.ts";
import { judgeBinding, withoutProof, type BindingVerdict, type JudgedCharge } from "#core/binding/judge-watermark.ts";
import { openSight, type SightFrame } from "#core/binding/sight-message.ts";
import { watermarkPattern } from "#core/binding/watermark-pattern.ts";
import { equalBytes, toHex } from "#base/bytes.ts";
import type { Terms } from "#core/contract/terms.ts";
import type { ChannelKeys } from "#core/handshake/key-schedule.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import type { EmitEvent } from "./events.ts";
import type { PatternMemory } from "./pattern-memory.ts";

export interface VehicleBindingParts {
  readonly crypto: Cryptography;
  readonly emit: EmitEvent;
  readonly address: Uint8Array;
  readonly terms: Pick<Terms, "lossPpm">;
  /** Undefined when this process did not agree on the charge. */
  readonly keys: () => ChannelKeys | undefined;
  readonly patterns: PatternMemory;
}

export interface VehicleMoment {
  readonly nowMs: number;
  readonly flow: PowerSample | undefined;
}

type HeardSight = JudgedCharge & { readonly atMs: number };

/** The station's word comes within so long of when it was sent, by both clocks of the session. */
const LATE_MS_MAX = 20_000;
/** What contradicts has to stand so long, with what is read meanwhile: a battery may show the past. */
const CONTRADICTION_MS = 4_000;
/** Who cannot tell by then, will not. */
const JUDGED_WITHIN_MS = 12_000;
/** No word by then, after the first power: the station has played nothing, or nobody could follow, or it was lost. */
const HEARD_WITHIN_MS = 150_000;
const POWER_MIN_W = 1_000;
/** At one a second; more often is not looked. */
const SAMPLES_MAX = 150;

export class VehicleBinding {
  readonly #parts: VehicleBindingParts;
  #samples: readonly PowerSample[] = [];
  #heard: HeardSight | undefined;
  #poweredMs: number | undefined;
  #contradictedMs: number | undefined;
  #verdict: BindingVerdict | undefined;

  constructor(parts: VehicleBindingParts) {
    this.#parts = parts;
  }

  get verdict(): BindingVerdict | undefined {
    return this.#verdict;
  }

  /**
   * @param elapsedMs since t0
   * @returns why the message changes nothing, if so
   */
  takeSight(
    frame: SightFrame,
    { nowMs, elapsedMs }: { readonly nowMs: number; readonly elapsedMs: number },
  ): string | undefined {
    const { crypto, address, terms, keys } = this.#parts;
    if (!equalBytes(frame.address, address)) return "SIGHT_OF_ANOTHER";
    if (this.#heard !== undefined || this.#verdict !== undefined) return undefined;
    const known = keys();
    if (known === undefined) return "SIGHT_WITHOUT_KEY";
    const sight = openSight({ crypto, key: known.station, address }, frame);
    if (!sight.ok) return sight.fault.code;
    const { startMs, sentMs, stepW, meanW } = sight.value;
    if (startMs > sentMs || Math.abs(elapsedMs - sentMs) > LATE_MS_MAX) return "SIGHT_LATE";
    this.#heard = {
      pattern: watermarkPattern(known.watermark),
      startMs: nowMs - (sentMs - startMs),
      sight: { stepW, meanW },
      lossPpm: terms.lossPpm,
      atMs: nowMs,
    };
    return undefined;
  }

  /** To be called with each reading; gives the verdict when there is one. */
  async look({ nowMs, flow }: VehicleMoment): Promise<BindingVerdict | undefined> {
    if (this.#verdict !== undefined) return this.#verdict;
    if (flow !== undefined && flow.atMs !== this.#samples.at(-1)?.atMs) {
      this.#samples = [...this.#samples, flow].slice(-SAMPLES_MAX);
      if (flow.powerW >= POWER_MIN_W) this.#poweredMs ??= nowMs;
    }
    const heard = this.#heard;
    if (heard !== undefined) await this.#judge(heard, nowMs);
    else if (this.#poweredMs !== undefined && nowMs - this.#poweredMs > HEARD_WITHIN_MS) await this.#giveUp();
    return this.#verdict;
  }

  /** The charge is over. */
  async end(): Promise<void> {
    if (this.#verdict === undefined) await this.#giveUp();
  }

  async #judge(heard: HeardSight, nowMs: number): Promise<void> {
    const judged = judgeBinding(this.#samples, heard);
    const verdict = this.#parts.patterns.isProven ? judged : withoutProof(judged);
    this.#contradictedMs = verdict.outcome === "contradicted" ? (this.#contradictedMs ?? nowMs) : undefined;
    const isSure =
      verdict.outcome === "confirmed" ||
      (this.#contradictedMs !== undefined && nowMs - this.#contradictedMs >= CONTRADICTION_MS) ||
      (verdict.outcome === "not-seen" && nowMs - heard.atMs >= JUDGED_WITHIN_MS);
    if (isSure) await this.#tell(verdict);
  }

  #giveUp(): Promise<void> {
    return this.#tell({ outcome: "not-seen", code: this.#parts.keys() === undefined ? "NO_KEY" : "NOTHING_HEARD" });
  }

  async #tell(verdict: BindingVerdict): Promise<void> {
    this.#verdict = verdict;
    await this.#parts.patterns.note(verdict.code);
    this.#parts.emit("bindingChecked", { address: toHex(this.#parts.address), ...verdict });
  }
}
