/** What goes wrong on the lines of a region's mesh, drawn message by message and counted. */
import type { SeededRandom } from "#hal/mock/seeded-random.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { FaultCounts } from "./fault-counts.ts";

/** Probabilities are for each delivery to one client, and for each passage of a link. */
export interface MeshFaults {
  readonly loss: number;
  readonly duplication: number;
  readonly corruption: number;
  readonly delayMaxMs: number;
  readonly reordering: boolean;
}

export const QUIET_MESH: MeshFaults = { loss: 0, duplication: 0, corruption: 0, delayMaxMs: 0, reordering: false };

/** Of a site's own network, and of a link between two. */
const LOCAL_MS = 2;
const LINK_MS = 30;
const LATE_MS = 1000;
/** By so much messages may overtake each other where nothing else delays them. */
const REORDER_MS = 300;

/** What has been drawn for one client: without reordering, nothing comes before what was sent earlier. */
export interface Arrivals {
  lastArrivalMs: number;
  heldUntilMs: number;
}

export interface MeshChanceParts {
  readonly clock: Clock;
  readonly random: SeededRandom;
  readonly counts: FaultCounts;
}

export class MeshChance {
  faults = QUIET_MESH;
  readonly #parts: MeshChanceParts;

  constructor(parts: MeshChanceParts) {
    this.#parts = parts;
  }

  isLost(): boolean {
    const { random, counts } = this.#parts;
    const isLost = random.next() < this.faults.loss;
    if (isLost) counts.count("loss");
    return isLost;
  }

  /** How often a message that is not lost arrives. */
  copies(): number {
    const { random, counts } = this.#parts;
    if (random.next() >= this.faults.duplication) return 1;
    counts.count("duplication");
    return 2;
  }

  /** How long a message takes over the links to another site. */
  linkMs(): number {
    const { random, counts } = this.#parts;
    const delayMs = LINK_MS + random.next() * this.faults.delayMaxMs;
    if (delayMs > LATE_MS) counts.count("delay");
    return delayMs;
  }

  /** When a message that a broker sends to a client now comes to it; remembers that in the client. */
  arrivalMs(client: Arrivals): number {
    const { clock, random, counts } = this.#parts;
    const { delayMaxMs, reordering } = this.faults;
    // Messages that all take the same time cannot overtake each other.
    const spreadMs = reordering ? Math.max(delayMaxMs, REORDER_MS) : delayMaxMs;
    const drawnMs = clock.monotonicMs() + LOCAL_MS + (spreadMs === 0 ? 0 : random.next() * spreadMs);
    if (drawnMs - clock.monotonicMs() > LATE_MS) counts.count("delay");
    if (client.heldUntilMs > drawnMs) {
      counts.count("clog");
      return client.heldUntilMs;
    }
    if (reordering) {
      if (drawnMs < client.lastArrivalMs) counts.count("reorder");
      client.lastArrivalMs = Math.max(client.lastArrivalMs, drawnMs);
      return drawnMs;
    }
    client.lastArrivalMs = Math.max(drawnMs, client.lastArrivalMs);
    return client.lastArrivalMs;
  }

  /** One bit turned over, or the end cut off; receivers never write to what they are handed. */
  damaged(payload: Uint8Array): Uint8Array {
    const { random, counts } = this.#parts;
    if (this.faults.corruption === 0 || payload.length === 0 || random.next() >= this.faults.corruption) {
      return payload;
    }
    counts.count("corruption");
    const at = random.integer(0, payload.length - 1);
    if (random.chance(0.25)) return payload.slice(0, at);
    const copy = payload.slice();
    copy[at] = (copy[at] ?? 0) ^ (1 << random.integer(0, 7));
    return copy;
  }
}
