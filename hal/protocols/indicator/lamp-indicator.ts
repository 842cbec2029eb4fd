/** Shows states as rhythms on lamps, a wake-up of the clock for every change of a lamp and none in between. */
import type { Cancel, Clock } from "#hal/ports/clock.ts";
import type { GpioFault } from "#hal/ports/gpio-chip.ts";
import type { Indicator, IndicatorState, Lamp } from "#hal/ports/indicator.ts";
import { LAMP_PATTERNS, type LampColour, type LampPattern } from "./lamp-patterns.ts";

export interface LampIndicatorSettings {
  readonly clock: Clock;
  /** A box with one lamp gives the same one for every colour. */
  readonly lamps: Readonly<Record<LampColour, Lamp>>;
  /** The first fault of a lamp, and the first after it has worked again. */
  readonly onFault?: (fault: GpioFault) => void;
}

export class LampIndicator implements Indicator {
  readonly #settings: LampIndicatorSettings;
  #state: IndicatorState | undefined;
  #cancel: Cancel | undefined;
  #isFaulty = false;
  #isClosed = false;

  constructor(settings: LampIndicatorSettings) {
    this.#settings = settings;
  }

  show(state: IndicatorState): void {
    if (this.#isClosed || state === this.#state) return;
    this.#state = state;
    const pattern = LAMP_PATTERNS[state];
    const shown = this.#settings.lamps[pattern.colour];
    this.#darkenAllBut(shown);
    this.#play(shown, pattern, 0);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#cancel?.();
    this.#darkenAllBut(undefined);
  }

  #play(lamp: Lamp, pattern: LampPattern, step: number): void {
    this.#cancel?.();
    this.#set(lamp, step % 2 === 0);
    const { clock } = this.#settings;
    const durationMs = pattern.rhythmMs[step] ?? 0;
    this.#cancel = clock.wakeAt(clock.monotonicMs() + durationMs, () => {
      this.#play(lamp, pattern, (step + 1) % pattern.rhythmMs.length);
    });
  }

  #darkenAllBut(shown: Lamp | undefined): void {
    for (const lamp of new Set(Object.values(this.#settings.lamps))) if (lamp !== shown) this.#set(lamp, false);
  }

  #set(lamp: Lamp, isLit: boolean): void {
    const done = lamp.set(isLit);
    if (!done.ok && !this.#isFaulty) this.#settings.onFault?.(done.fault);
    this.#isFaulty = !done.ok;
  }
}
