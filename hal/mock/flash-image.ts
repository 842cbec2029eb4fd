/**
 * The bytes of one file on a simulated card: what is durable, what a reader sees, and every version of each page that
 * was written since the last sync. The card may have brought any of them to the flash by itself.
 */
import type { SeededRandom } from "./seeded-random.ts";

/** What a card writes as one; real ones tear within it, too (see `cutPower`). */
export const PAGE_BYTES = 512;

/** Pages whose newest version is gone, and pages that hold part of one version and part of another. */
export interface LostPages {
  readonly lost: number;
  readonly torn: number;
}

export class FlashImage {
  readonly #durable: Uint8Array;
  readonly #seen: Uint8Array;
  /** By page, oldest version first. */
  readonly #unsynced = new Map<number, Uint8Array[]>();

  constructor(durable: Uint8Array) {
    this.#durable = durable.slice();
    this.#seen = durable.slice();
  }

  get sizeBytes(): number {
    return this.#seen.length;
  }

  /** As a reader sees it now. */
  copy(): Uint8Array {
    return this.#seen.slice();
  }

  read(offset: number, length: number): Uint8Array {
    return this.#seen.slice(offset, offset + length);
  }

  write(offset: number, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#seen.set(bytes, offset);
    const last = Math.floor((offset + bytes.length - 1) / PAGE_BYTES);
    for (let page = Math.floor(offset / PAGE_BYTES); page <= last; page += 1) {
      const versions = this.#unsynced.get(page) ?? [];
      versions.push(this.#seen.slice(page * PAGE_BYTES, (page + 1) * PAGE_BYTES));
      this.#unsynced.set(page, versions);
    }
  }

  sync(): void {
    for (const page of this.#unsynced.keys()) {
      const from = page * PAGE_BYTES;
      this.#durable.set(this.#seen.subarray(from, from + PAGE_BYTES), from);
    }
    this.#unsynced.clear();
  }

  /**
   * A sync that failed: Linux takes the pages for clean, so readers go on seeing what no later sync writes (and what is
   * gone after a power cut) until somebody writes it again.
   */
  loseSync(): void {
    this.#unsynced.clear();
  }

  /**
   * Each page comes out as it was durable or as one of its later versions; one of them may be torn at a byte, the new
   * version in front of the old. Returns how many pages came out so.
   */
  cutPower(random: SeededRandom): LostPages {
    const torn = random.chance(0.5) ? random.integer(0, Math.max(0, this.#unsynced.size - 1)) : -1;
    const pages = { lost: 0, torn: 0 };
    for (const [position, [page, versions]] of [...this.#unsynced].entries()) {
      const kept = random.pick([undefined, ...versions]);
      if (kept !== versions.at(-1)) pages.lost += 1;
      if (kept === undefined) continue;
      const border = position === torn ? random.integer(0, kept.length) : kept.length;
      if (border > 0 && border < kept.length) pages.torn += 1;
      this.#durable.set(kept.subarray(0, border), page * PAGE_BYTES);
    }
    this.#unsynced.clear();
    this.#seen.set(this.#durable);
    return pages;
  }

  /** Turns bits over, in the flash itself. */
  rot(offset: number, mask: number): void {
    for (const bytes of [this.#durable, this.#seen]) bytes[offset] = (bytes[offset] ?? 0) ^ mask;
  }
}
