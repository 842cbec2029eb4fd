/** The last value of each quantity, for as long as it may stand for the present. */
import type { Quantities } from "./decode-signals.ts";
import type { Pace } from "./profile.ts";
import type { Quantity } from "./quantity.ts";

/** How often each is asked. 0 is for each sample. */
export const PACE_MS: Readonly<Record<Pace, number>> = { power: 0, inlet: 0, state: 10_000, slow: 60_000 };

/**
 * How long a value stands for the present: two missed turns and a half. What is asked for each sample is never
 * carried to the next.
 */
const AGE_MAX_MS: Readonly<Record<Pace, number>> = { power: 0, inlet: 0, state: 25_000, slow: 150_000 };

export class QuantityMemory {
  readonly #values = new Map<Quantity, { readonly value: number | null; readonly atMs: number; readonly pace: Pace }>();

  /** `atMs`: the time of the sample that they were read for, so that they are 0 old in it. */
  remember(quantities: Quantities, pace: Pace, atMs: number): void {
    for (const [quantity, value] of quantities) this.#values.set(quantity, { value, atMs, pace });
  }

  /** What still counts at this time; of the rest nothing is known. */
  present(nowMs: number): Quantities {
    const present = new Map<Quantity, number | null>();
    for (const [quantity, { value, atMs, pace }] of this.#values) {
      if (nowMs - atMs <= AGE_MAX_MS[pace]) present.set(quantity, value);
    }
    return present;
  }

  /** Null where nothing is known that still counts. */
  ageMs(quantity: Quantity | undefined, nowMs: number): number | null {
    const last = quantity === undefined ? undefined : this.#values.get(quantity);
    if (last?.value === undefined || last.value === null) return null;
    const ageMs = nowMs - last.atMs;
    return ageMs <= AGE_MAX_MS[last.pace] ? ageMs : null;
  }

  forget(): void {
    this.#values.clear();
  }
}
