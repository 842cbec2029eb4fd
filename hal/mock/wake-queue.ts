/** Wake-ups in order of time; equal times in the order they were asked for. A binary heap. */
import type { Cancel } from "#hal/ports/clock.ts";

export interface Wake {
  readonly atMs: number;
  readonly wake: () => void;
}

export class WakeQueue {
  #heap: Entry[] = [];
  #added = 0;
  #cancelled = 0;

  /** Wake-ups that are still to come. */
  get length(): number {
    return this.#heap.length - this.#cancelled;
  }

  /** Time of the next wake-up. */
  get nextMs(): number | undefined {
    this.#dropCancelled();
    return this.#heap[0]?.atMs;
  }

  add(atMs: number, wake: () => void): Cancel {
    const entry: Entry = { atMs, order: (this.#added += 1), wake, state: "waiting" };
    this.#heap.push(entry);
    this.#rise(this.#heap.length - 1);
    return () => {
      if (entry.state !== "waiting") return;
      entry.state = "cancelled";
      this.#cancelled += 1;
      this.#compact();
    };
  }

  takeNext(): Wake | undefined {
    this.#dropCancelled();
    return this.#takeTop();
  }

  #dropCancelled(): void {
    while (this.#heap[0]?.state === "cancelled") {
      this.#takeTop();
      this.#cancelled -= 1;
    }
  }

  /**
   * A lease renewed each second leaves a cancelled entry each time; without this they would pile up until they are due.
   */
  #compact(): void {
    if (this.#cancelled < 64 || this.#cancelled * 2 < this.#heap.length) return;
    this.#heap = this.#heap
      .filter((entry) => entry.state === "waiting")
      .sort((left, right) => (isBefore(left, right) ? -1 : 1));
    this.#cancelled = 0;
  }

  #takeTop(): Entry | undefined {
    const top = this.#heap[0];
    const last = this.#heap.pop();
    if (top === undefined || last === undefined) return undefined;
    if (top !== last) {
      this.#heap[0] = last;
      this.#sink();
    }
    if (top.state === "waiting") top.state = "taken";
    return top;
  }

  #rise(from: number): void {
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#swapIfBefore(index, parent)) return;
      index = parent;
    }
  }

  #sink(): void {
    let index = 0;
    for (;;) {
      const left = this.#heap[2 * index + 1];
      const right = this.#heap[2 * index + 2];
      if (left === undefined) return;
      const child = right !== undefined && isBefore(right, left) ? 2 * index + 2 : 2 * index + 1;
      if (!this.#swapIfBefore(child, index)) return;
      index = child;
    }
  }

  #swapIfBefore(lower: number, upper: number): boolean {
    const below = this.#heap[lower];
    const above = this.#heap[upper];
    if (below === undefined || above === undefined || !isBefore(below, above)) return false;
    this.#heap[upper] = below;
    this.#heap[lower] = above;
    return true;
  }
}

interface Entry extends Wake {
  readonly order: number;
  state: "waiting" | "taken" | "cancelled";
}

function isBefore(left: Entry, right: Entry): boolean {
  return left.atMs < right.atMs || (left.atMs === right.atMs && left.order < right.order);
}
