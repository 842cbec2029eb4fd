/**
 * The clock state by what the kernel says, with a bound of its own between corrections.
 *
 * The kernel lets its bound grow by 500 millionths, the worst that its own steering could do: with the half hour that
 * systemd-timesyncd waits between two questions it passes a second, and after nine hours without a time server the
 * clock counts as not synchronised, although a quartz has lost no second by then. So this bound starts at what the
 * kernel says after a correction and grows by what a quartz can do, and goes on growing when the kernel has given up,
 * until it is of no use. A date that is set by hand, which the kernel tells in the same way, shows as a step between
 * the date and the monotonic clock, and ends it.
 */
import type { Clock } from "#hal/ports/clock.ts";
import type { ClockState, ClockStateSource } from "#hal/ports/clock-state.ts";
import type { ReadKernelTime } from "./kernel-time.ts";

/** What a quartz that a time server steered before may be off (protocol 2.7 counts with the same). */
const DRIFT_PPM = 50;
/** The kernel's own limit (NTP_PHASE_LIMIT, include/linux/timex.h); at 50 millionths it is reached after 3.7 days. */
const ERROR_MS_MAX = 16_000;
/** Steering moves the date by at most 500 millionths against the monotonic clock; more is a step. */
const STEERING_PPM_MAX = 500;
const STEP_MS_MIN = 100;

export class KernelClockState implements ClockStateSource {
  readonly #clock: Pick<Clock, "monotonicMs" | "wallMs">;
  readonly #read: ReadKernelTime;
  #state: ClockState;
  #looked: { readonly atMs: number; readonly offsetMs: number };

  constructor(clock: Pick<Clock, "monotonicMs" | "wallMs">, read: ReadKernelTime) {
    this.#clock = clock;
    this.#read = read;
    this.#state = { kind: "unsynced", sinceMs: clock.monotonicMs() };
    this.#looked = { atMs: clock.monotonicMs(), offsetMs: clock.wallMs() - clock.monotonicMs() };
  }

  look(): ClockState {
    const atMs = this.#clock.monotonicMs();
    const offsetMs = this.#clock.wallMs() - atMs;
    const passedMs = Math.max(0, atMs - this.#looked.atMs);
    const hasStepped = Math.abs(offsetMs - this.#looked.offsetMs) > STEP_MS_MIN + (passedMs * STEERING_PPM_MAX) / 1e6;
    this.#looked = { atMs, offsetMs };
    const errorMs = this.#errorMs(passedMs, hasStepped);
    const isSynced = errorMs !== undefined && errorMs <= ERROR_MS_MAX;
    const sinceMs = (this.#state.kind === "synced") === isSynced ? this.#state.sinceMs : atMs;
    this.#state = isSynced ? { kind: "synced", errorMs, sinceMs } : { kind: "unsynced", sinceMs };
    return this.#state;
  }

  /** The smaller of two bounds that both hold; undefined when none does. */
  #errorMs(passedMs: number, hasStepped: boolean): number | undefined {
    const kernel = this.#read();
    const told = kernel === undefined || kernel.isUnsynced ? undefined : Math.max(0, kernel.errorMaxMs);
    // After a step only who has made it knows how right the date is now.
    if (this.#state.kind === "unsynced" || hasStepped) return told;
    const held = this.#state.errorMs + (passedMs * DRIFT_PPM) / 1e6;
    return told === undefined ? held : Math.min(told, held);
  }
}
