/** Ids of a chain's blocks by serial, one after the other: 32 bytes each, where a million strings would be 80 MB. */
import { assert } from "#base/assert.ts";
import { toHex } from "#base/bytes.ts";
import { HASH_BYTES } from "#core/identity/cryptography.ts";

const FIRST = 1024;

export class BlockIds {
  #bytes = new Uint8Array(FIRST * HASH_BYTES);
  #size = 0;

  /** Serials below it have their id here. */
  get size(): number {
    return this.#size;
  }

  /** In hex. */
  at(serial: number): string | undefined {
    return serial >= 0 && serial < this.#size ? toHex(this.slice(serial, serial + 1)) : undefined;
  }

  /** The ids from one serial up to, but without, another. */
  slice(from: number, to: number): Uint8Array {
    return this.#bytes.slice(from * HASH_BYTES, to * HASH_BYTES);
  }

  /** Ids of the next blocks. */
  push(ids: Uint8Array): void {
    assert(ids.length % HASH_BYTES === 0, "ids have their length");
    const size = this.#size + ids.length / HASH_BYTES;
    if (size * HASH_BYTES > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(2 * this.#bytes.length, size * HASH_BYTES));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes.set(ids, this.#size * HASH_BYTES);
    this.#size = size;
  }

  /** Forgets those from a serial on. */
  cut(size: number): void {
    this.#size = Math.min(size, this.#size);
  }
}
