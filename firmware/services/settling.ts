/**
 * The time after a start in which this gateway does not rely on what its card says of its own words: the card may be an
 * old copy that looks whole, and what was signed since must not be signed again with another content (invariant S9).
 *
 * Over when nothing has been missing here for a while, by what others tell; or when nobody has told that although a
 * broker was there for so long that waiting is of no more use. Without a broker nobody can tell anything, nor would
 * anybody hear what is signed: a car whose card was set back on the road waits until it is somewhere.
 */
import type { Clock } from "#hal/ports/clock.ts";
import { DOUBT_MS } from "./own-votes.ts";

/** What is on its way comes in this time. */
const LEVEL_MS = 5_000;

export class Settling {
  readonly #clock: Clock;
  readonly #connectedMs: () => number;
  /** Since when, in monotonic ms, nobody has told of anything that is not here. */
  #levelSinceMs: number | undefined;
  #isOver = false;
  #hasHeardVotes = false;

  /** @param connectedMs for how long a broker has been there since the start, all in all */
  constructor({ clock, connectedMs }: { readonly clock: Clock; readonly connectedMs: () => number }) {
    this.#clock = clock;
    this.#connectedMs = connectedMs;
  }

  get isOver(): boolean {
    const now = this.#clock.monotonicMs();
    this.#isOver ||= this.#waitsInVain || now - (this.#levelSinceMs ?? now) >= LEVEL_MS;
    return this.#isOver;
  }

  /** The same for votes, which are asked for by themselves: somebody has told which votes it has heard. */
  get isOverForVotes(): boolean {
    return this.isOver && (this.#hasHeardVotes || this.#waitsInVain);
  }

  /** Whether whoever is heard is to be asked which votes it knows. */
  get lacksVotes(): boolean {
    return !this.#hasHeardVotes && !this.#waitsInVain;
  }

  /** Somebody has told of the votes that it knows, and they have been looked at. */
  noteVotes(): void {
    this.#hasHeardVotes = true;
  }

  /** Somebody with the same head lets nothing wait that is not here. */
  noteLevel(): void {
    this.#levelSinceMs ??= this.#clock.monotonicMs();
  }

  /** Somebody holds what is not here, or it has just come: more may follow. */
  noteBehind(): void {
    this.#levelSinceMs = undefined;
  }

  /** Whoever is within reach has had the time to tell. */
  get #waitsInVain(): boolean {
    return this.#connectedMs() >= DOUBT_MS;
  }
}
