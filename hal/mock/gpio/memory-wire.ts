/**
 * A wire from one line to another through something slow, such as a contactor: its coil at the output, its feedback
 * contact at the input. It follows late, does not follow pulses shorter than its delay, and can weld.
 */
import type { Cancel, Clock } from "#hal/ports/clock.ts";
import type { Level, MemoryLine } from "./memory-line.ts";

export interface WireSettings {
  /** From a level at its beginning to the level at its end; the default is at once. */
  readonly delayMs?: number;
  /** The end is low when the beginning is high, as with a contact that opens when the coil pulls. */
  readonly isInverted?: true;
}

export class MemoryWire {
  readonly #clock: Clock;
  readonly #from: MemoryLine;
  readonly #to: MemoryLine;
  readonly #settings: WireSettings;
  #position: Level;
  #stuck: Level | undefined;
  #isCut = false;
  #cancel: Cancel | undefined;

  constructor(clock: Clock, ends: { readonly from: MemoryLine; readonly to: MemoryLine }, settings: WireSettings) {
    this.#clock = clock;
    this.#from = ends.from;
    this.#to = ends.to;
    this.#settings = settings;
    this.#position = ends.from.level;
    ends.from.onLevel(() => {
      this.#follow();
    });
    this.#show();
  }

  /** It welds (1) or never pulls again (0), in the beginning's terms, until `free`. */
  stickAt(level: Level): void {
    this.#stuck = level;
    this.#show();
  }

  free(): void {
    this.#stuck = undefined;
    this.#show();
  }

  /** The end hangs open: what the chip's own pull makes of it is seen. */
  cut(): void {
    this.#isCut = true;
    this.#show();
  }

  mend(): void {
    this.#isCut = false;
    this.#show();
  }

  #follow(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    const goal = this.#from.level;
    if (goal === this.#position) return;
    const arrive = (): void => {
      this.#cancel = undefined;
      this.#position = goal;
      this.#show();
    };
    const delayMs = this.#settings.delayMs ?? 0;
    if (delayMs <= 0) arrive();
    else this.#cancel = this.#clock.wakeAt(this.#clock.monotonicMs() + delayMs, arrive);
  }

  #show(): void {
    const position = this.#stuck ?? this.#position;
    const level = this.#settings.isInverted === true ? opposite(position) : position;
    this.#to.drive(this.#isCut ? undefined : level);
  }
}

function opposite(level: Level): Level {
  return level === 1 ? 0 : 1;
}
