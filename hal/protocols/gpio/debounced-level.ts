/**
 * From the levels that a contact shows to the changes that count: a level counts when it has lasted.
 *
 * ```
 *   settled --other level--> waiting --lasted--> settled (told)
 *                              | ^ disturbed: wait anew
 *                              \--back again--> settled (nothing told)
 * ```
 */
import type { Cancel, Clock } from "#hal/ports/clock.ts";

export interface LevelSample {
  readonly isActive: boolean;
  /** The level has changed since the last sample, even if it is the same again. */
  readonly wasDisturbed: boolean;
}

export interface DebouncedLevelSettings {
  readonly clock: Clock;
  readonly debounceMs: number;
  readonly isActive: boolean;
  /** Looks at the contact now; undefined when it cannot be read. Asked once more before a change is told. */
  readonly sample: () => LevelSample | undefined;
  readonly onChange: (isActive: boolean) => void;
}

export class DebouncedLevel {
  readonly #settings: DebouncedLevelSettings;
  #settled: boolean;
  #cancel: Cancel | undefined;
  #isStopped = false;

  constructor(settings: DebouncedLevelSettings) {
    this.#settings = settings;
    this.#settled = settings.isActive;
  }

  /** Looks at the contact; to be called when it has changed, or often enough. */
  look(): void {
    if (this.#isStopped) return;
    const sample = this.#settings.sample();
    if (sample === undefined || sample.isActive === this.#settled) this.#stopWaiting();
    else if (this.#cancel === undefined || sample.wasDisturbed) this.#waitAnew(sample.isActive);
  }

  /** Nothing is told after this. */
  stop(): void {
    this.#isStopped = true;
    this.#stopWaiting();
  }

  #waitAnew(isActive: boolean): void {
    this.#stopWaiting();
    const { clock, debounceMs } = this.#settings;
    if (debounceMs <= 0) {
      this.#settle(isActive);
      return;
    }
    this.#cancel = clock.wakeAt(clock.monotonicMs() + debounceMs, () => {
      this.#confirm();
    });
  }

  /** In a program that was held up, news of the contact may be older than this wake-up and still unread. */
  #confirm(): void {
    this.#cancel = undefined;
    const sample = this.#settings.sample();
    if (sample === undefined || sample.isActive === this.#settled) return;
    if (sample.wasDisturbed) this.#waitAnew(sample.isActive);
    else this.#settle(sample.isActive);
  }

  #settle(isActive: boolean): void {
    this.#settled = isActive;
    this.#settings.onChange(isActive);
  }

  #stopWaiting(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
