/**
 * Requests that wait for the line. The most urgent goes first; among equals the unit that was served longest ago, so
 * that one chatty device does not keep the others waiting; and nobody is passed over for ever.
 */
import type { BusPriority } from "#hal/ports/register-bus.ts";

export interface WaitingRequest {
  readonly unit: number;
  readonly priority: BusPriority;
  /** Rest of the unit after its last exchange. */
  readonly pauseMs: number;
}

export class RequestQueue<Waiting extends WaitingRequest> {
  readonly #lengthMax: number;
  #entries: readonly Entry<Waiting>[] = [];
  /** At most one entry a unit, and there are 256 units. */
  readonly #served = new Map<number, { readonly atMs: number; readonly order: number }>();
  #order = 0;

  constructor(lengthMax: number) {
    this.#lengthMax = lengthMax;
  }

  get waiting(): readonly Waiting[] {
    return this.#entries.map((entry) => entry.request);
  }

  /** False when the queue is full. */
  add(request: Waiting): boolean {
    if (this.#entries.length >= this.#lengthMax) return false;
    this.#entries = [...this.#entries, { request, passedOver: 0 }];
    return true;
  }

  remove(request: Waiting): void {
    this.#entries = this.#entries.filter((entry) => entry.request !== request);
  }

  /** Takes out the request whose turn it is, among those whose unit has rested. */
  takeNext(nowMs: number): Waiting | undefined {
    const [first] = this.#entries
      .filter((entry) => this.#readyAtMs(entry) <= nowMs)
      .toSorted((left, right) => this.#rank(left) - this.#rank(right) || this.#turn(left) - this.#turn(right));
    if (first === undefined) return undefined;
    this.#entries = this.#entries.filter((entry) => entry !== first);
    for (const entry of this.#entries) entry.passedOver += 1;
    return first.request;
  }

  /** When the next unit will have rested; undefined when nobody waits. */
  get nextReadyMs(): number | undefined {
    if (this.#entries.length === 0) return undefined;
    return Math.min(...this.#entries.map((entry) => this.#readyAtMs(entry)));
  }

  /** To be told at the end of each exchange. */
  noteServed(unit: number, atMs: number): void {
    this.#order += 1;
    this.#served.set(unit, { atMs, order: this.#order });
  }

  #readyAtMs({ request }: Entry<Waiting>): number {
    const served = this.#served.get(request.unit);
    return served === undefined ? Number.NEGATIVE_INFINITY : served.atMs + request.pauseMs;
  }

  #rank({ request, passedOver }: Entry<Waiting>): number {
    return passedOver >= PASSED_OVER_MAX ? RANKS.urgent : RANKS[request.priority];
  }

  #turn({ request }: Entry<Waiting>): number {
    return this.#served.get(request.unit)?.order ?? 0;
  }
}

interface Entry<Waiting> {
  readonly request: Waiting;
  passedOver: number;
}

const RANKS = { urgent: 0, normal: 1, background: 2 } as const;
/** After so many others have gone first, a request is as urgent as any. */
const PASSED_OVER_MAX = 8;
