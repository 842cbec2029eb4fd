/**
 * The clock state by the file that systemd-timesyncd touches after each answer of a time server: for systems on which
 * the kernel cannot be asked.
 */
import { statSync } from "node:fs";
import type { Clock } from "#hal/ports/clock.ts";
import type { ClockState, ClockStateSource } from "#hal/ports/clock-state.ts";

/** Documented in systemd-timesyncd.service(8); gone after a restart of the machine. */
export const TIMESYNC_FILE = "/run/systemd/timesync/synchronized";

/** The file does not say how good the answer was: a server over a poor mobile line is within this. */
const ANSWER_ERROR_MS = 500;
const DRIFT_PPM = 50;
const ERROR_MS_MAX = 16_000;

export class FileClockState implements ClockStateSource {
  readonly #clock: Pick<Clock, "monotonicMs" | "wallMs">;
  readonly #path: string;
  #state: ClockState;

  constructor(clock: Pick<Clock, "monotonicMs" | "wallMs">, path: string = TIMESYNC_FILE) {
    this.#clock = clock;
    this.#path = path;
    this.#state = { kind: "unsynced", sinceMs: clock.monotonicMs() };
  }

  look(): ClockState {
    const errorMs = this.#errorMs();
    const isSynced = errorMs !== undefined && errorMs <= ERROR_MS_MAX;
    const sinceMs = (this.#state.kind === "synced") === isSynced ? this.#state.sinceMs : this.#clock.monotonicMs();
    this.#state = isSynced ? { kind: "synced", errorMs, sinceMs } : { kind: "unsynced", sinceMs };
    return this.#state;
  }

  #errorMs(): number | undefined {
    const file = statSync(this.#path, { throwIfNoEntry: false });
    if (file === undefined) return undefined;
    const ageMs = this.#clock.wallMs() - file.mtimeMs;
    // Touched in the future: the date has been set back since.
    return ageMs < -ANSWER_ERROR_MS ? undefined : ANSWER_ERROR_MS + (Math.max(0, ageMs) * DRIFT_PPM) / 1e6;
  }
}
