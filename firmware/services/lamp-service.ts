/** Keeps the lamps of a box at what its gateway has told last. */
import type { Role } from "#core/session/facts.ts";
import type { Cancel, Clock } from "#hal/ports/clock.ts";
import type { Indicator } from "#hal/ports/indicator.ts";
import type { EmitEvent } from "./events.ts";
import { indicatorStateOf, lampsAtStart, lookAtTime, stepLamps, type LampState } from "./lamp-state.ts";

/** How often is looked at what no event tells. */
const LOOK_MS = 5_000;

export interface LampServiceParts {
  readonly indicator: Indicator;
  /** The machine's time: a person looks at the lamps. */
  readonly clock: Clock;
  readonly role: Role;
}

export class LampService {
  /** Takes what the gateway tells. */
  readonly take: EmitEvent;
  readonly #parts: LampServiceParts;
  #state: LampState;
  #isClockKnown: () => boolean = () => true;
  #cancel: Cancel = () => undefined;

  constructor(parts: LampServiceParts) {
    this.#parts = parts;
    this.#state = lampsAtStart(parts.role);
    this.take = (name, event) => {
      this.#show(stepLamps(this.#state, name, event, parts.clock.monotonicMs()));
    };
  }

  start(): void {
    this.#look();
  }

  /** Whether the date can be right is asked from now on. */
  watchClock(isClockKnown: () => boolean): void {
    this.#isClockKnown = isClockKnown;
  }

  /** The gateway ends with an error; nothing else is shown any more. */
  fail(): void {
    this.#show({ ...this.#state, hasFailed: true });
  }

  stop(): void {
    this.#cancel();
    this.#parts.indicator.close();
  }

  #look(): void {
    const { clock } = this.#parts;
    const monotonicMs = clock.monotonicMs();
    this.#show(lookAtTime(this.#state, { monotonicMs, isClockKnown: this.#isClockKnown() }));
    this.#cancel = clock.wakeAt(monotonicMs + LOOK_MS, () => {
      this.#look();
    });
  }

  #show(state: LampState): void {
    this.#state = state;
    this.#parts.indicator.show(indicatorStateOf(state));
  }
}
