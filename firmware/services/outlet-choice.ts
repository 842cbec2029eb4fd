/**
 * At which outlet the driver wants to charge. Somebody who has pointed at a post and drives away without a charge does
 * not take that back, and the next car there would charge on this one's account: so a choice lapses.
 */
import { equalBytes } from "#base/bytes.ts";
import type { ProvenOffer } from "#core/handshake/offer.ts";
import type { Clock } from "#hal/ports/clock.ts";

/** At which station the driver wants to charge: any that offers, or the one that was named. */
export type Choice = "any" | { readonly station: Uint8Array; readonly evse: number };

/** A post that is out of order for longer has to be pointed at again. */
export const CHOICE_HOLDS_MS = 3_600_000;

export class OutletChoice {
  readonly #clock: Pick<Clock, "monotonicMs">;
  #choice: Choice | undefined;
  #untilMs = 0;

  /** @param first from the start; undefined waits for the driver */
  constructor(clock: Pick<Clock, "monotonicMs">, first: Choice | undefined) {
    this.#clock = clock;
    this.take(first);
  }

  take(choice: Choice | undefined): void {
    this.#choice = choice;
    this.#untilMs = this.#clock.monotonicMs() + CHOICE_HOLDS_MS;
  }

  get current(): Choice | undefined {
    const isMeant = this.#choice === "any" || this.#clock.monotonicMs() < this.#untilMs;
    return isMeant ? this.#choice : undefined;
  }

  /** It holds for one charge, unless it is for any. */
  use(): void {
    if (this.#choice !== "any") this.#choice = undefined;
  }

  among(offers: readonly ProvenOffer[]): ProvenOffer | undefined {
    const choice = this.current;
    if (choice === undefined) return undefined;
    // With several posts offering, nobody but the driver knows which one this car hangs on.
    if (choice === "any") return offers.length === 1 ? offers[0] : undefined;
    return offers.find(({ body }) => equalBytes(body.station, choice.station) && body.evse === choice.evse);
  }
}
