/** Ids of a chain's blocks by serial, one after the other: 32 bytes each, where a million strings would be 80 MB. */
import { assert } from "#base/assert.ts";
import { fromHex, toHex } from "#base/bytes.ts";
import { HASH_BYTES } from "#core/identity/cryptography.ts";
import type { Chain } from "./chain.ts";
import { inclusionPath } from "./merkle-tree.ts";

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

/** The ids of a chain's blocks from one serial up to, but without, another; all of them are known. */
export function idsOf(chain: Pick<Chain, "idAt">, from: number, to: number): readonly Uint8Array[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, place) => {
    const id = fromHex(chain.idAt(from + place) ?? "");
    assert(id !== undefined, "a chain knows the ids of its blocks");
    return id;
  });
}

/** The path from a block to the `logRoot` in the header of a later one, whether the block itself is here or not. */
export function logPath(
  chain: Pick<Chain, "idAt" | "context">,
  serial: number,
  laterSerial: number,
): readonly Uint8Array[] {
  return inclusionPath((message) => chain.context.crypto.sha256(message), idsOf(chain, 0, laterSerial), serial);
}
