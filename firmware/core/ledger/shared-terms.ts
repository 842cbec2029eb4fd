/**
 * Terms as bytes, each once: a station's tariff changes a few times a day, and a region has some hundred stations, so
 * many charges have the same terms.
 */
import { assert } from "#base/assert.ts";
import { terms as termsShape, type Terms } from "#core/contract/terms.ts";
import { decodeShape } from "#core/wire/schema.ts";
import { packBytes } from "./packed-bytes.ts";

export class SharedTerms {
  readonly bytes: Uint8Array;
  #value: Terms | undefined;

  private constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  static of(bytes: Uint8Array): SharedTerms {
    const key = packBytes(bytes);
    const known = KNOWN.get(key) ?? new SharedTerms(bytes);
    KNOWN.delete(key);
    KNOWN.set(key, known);
    const [oldest] = KNOWN.keys();
    if (KNOWN.size > TERMS_MAX && oldest !== undefined) KNOWN.delete(oldest);
    return known;
  }

  get value(): Terms {
    if (this.#value === undefined) {
      const read = decodeShape(termsShape, this.bytes);
      assert(read.ok, "terms that were written can be read");
      this.#value = read.value;
    }
    return this.#value;
  }
}

const TERMS_MAX = 512;
const KNOWN = new Map<string, SharedTerms>();
