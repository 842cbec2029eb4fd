/** What the steps of `board test` have in common: what they find, what they work with, and how they wait. */
import type { BoardLine } from "#boards/board.ts";
import type { GpioChip, GpioFault, LineRequest } from "#hal/ports/gpio-chip.ts";
import type { Clock } from "#hal/ports/clock.ts";
import { describeGpioFault } from "#hal/protocols/gpio/describe-gpio-fault.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";

/** `asked` is for the person who stands there; `note` is worth knowing and decides nothing. */
export type Finding =
  | { readonly outcome: "ok" | "note" | "asked"; readonly part: string; readonly text: string }
  | { readonly outcome: "failed"; readonly part: string; readonly text: string; readonly exitCode: ExitCode };

export interface Trial {
  readonly chip: GpioChip;
  readonly lines: readonly BoardLine[];
  readonly clock: Clock;
  readonly tell: (finding: Finding) => void;
  /** So long a person has to press what is asked for. */
  readonly waitMs: number;
  /** Ends every wait. */
  readonly stop: AbortSignal;
}

/** How long a level has to last to count; longer than contacts bounce. */
export const DEBOUNCE_MS = 30;

export function lineFor(trial: Trial, purpose: BoardLine["purpose"]): BoardLine | undefined {
  return trial.lines.find((line) => line.purpose === purpose);
}

export function requestOf({ offset, activeLow }: BoardLine): LineRequest {
  return { line: offset, ...(activeLow ? { activeLow } : {}) };
}

export function failed(part: string, text: string, exitCode: ExitCode = EXIT.unavailable): Finding {
  return { outcome: "failed", part, text, exitCode };
}

export function failedBy(part: string, fault: GpioFault): Finding {
  return failed(part, describeGpioFault(fault), exitCodeOf(fault));
}

function exitCodeOf({ code }: GpioFault): ExitCode {
  if (code === "GPIO_DENIED") return EXIT.permission;
  return code === "GPIO_LINE_BUSY" ? EXIT.temporary : EXIT.unavailable;
}

/** Resolves after so long, or as soon as the trial is stopped. */
export function pause({ clock, stop }: Trial, durationMs: number): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      cancel();
      stop.removeEventListener("abort", end);
      resolve();
    };
    const cancel = clock.wakeAt(clock.monotonicMs() + (stop.aborted ? 0 : durationMs), end);
    stop.addEventListener("abort", end);
  });
}

/** The levels of one input as they are told, so that none is missed between two waits. */
export class Levels {
  readonly #trial: Trial;
  #level: boolean;
  #onChange: () => void = () => undefined;

  constructor(trial: Trial, level: boolean) {
    this.#trial = trial;
    this.#level = level;
  }

  get level(): boolean {
    return this.#level;
  }

  take(level: boolean): void {
    this.#level = level;
    this.#onChange();
  }

  /** False when it has not come in time, or the trial was stopped. */
  async reach(level: boolean, withinMs: number): Promise<boolean> {
    const stop = new AbortController();
    this.#onChange = () => {
      if (this.#level === level) stop.abort();
    };
    const onStop = (): void => {
      stop.abort();
    };
    this.#trial.stop.addEventListener("abort", onStop);
    if (this.#level !== level && !this.#trial.stop.aborted)
      await pause({ ...this.#trial, stop: stop.signal }, withinMs);
    this.#trial.stop.removeEventListener("abort", onStop);
    this.#onChange = () => undefined;
    return this.#level === level;
  }
}
