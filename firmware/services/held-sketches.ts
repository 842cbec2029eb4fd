/**
 * Which sets of waiting facts have been here on the present head. Whoever tells one of them holds nothing that is
 * missing here, and all that was here at that time: so nobody need be asked about it, and nothing said again for it.
 */
import { toHex } from "#base/bytes.ts";
import type { Chain, ChainLink } from "#core/ledger/chain.ts";
import { sketchOf, type TipBody } from "#core/mesh/sync-messages.ts";

/** More facts than that between two blocks, and the oldest sets are forgotten: then somebody is asked in vain. */
const SKETCHES_MAX = 1_024;
/** Among more facts than that nobody looks for two that another one lacks. */
const COMPARED_MAX = 128;

export class HeldSketches {
  readonly #chain: Chain;
  #head: ChainLink | undefined;
  #facts: readonly unknown[] | undefined;
  /** How many facts each had, by sketch in hex: on one head facts only ever come. */
  readonly #sizes = new Map<string, number>();

  constructor(chain: Chain) {
    this.#chain = chain;
  }

  /** To be called whenever facts or head may have changed. */
  note(): void {
    const { head, mempool } = this.#chain;
    const facts = mempool.facts();
    if (head === this.#head && facts === this.#facts) return;
    if (head !== this.#head) this.#sizes.clear();
    this.#head = head;
    this.#facts = facts;
    this.#sizes.set(toHex(sketchOf(facts)), facts.length);
    const [oldest] = this.#sizes.keys();
    if (this.#sizes.size > SKETCHES_MAX && oldest !== undefined) this.#sizes.delete(oldest);
  }

  /**
   * Whether all that somebody tells to be waiting waits here, too: this set has been here, or it is the present one
   * without one or two of its facts. False where that cannot be told.
   */
  holds([count, sketch]: TipBody["waiting"]): boolean {
    if (this.sizeOf(sketch) !== undefined) return true;
    const facts = this.#chain.mempool.facts();
    if (facts.length > COMPARED_MAX) return false;
    const more = joined(sketchOf(facts), sketch);
    const ids = new Set(facts.map(({ key }) => key));
    if (facts.length - count === 1) return ids.has(toHex(more));
    return (
      facts.length - count === 2 &&
      facts.some(({ id, key }) => {
        const other = toHex(joined(more, id));
        return other !== key && ids.has(other);
      })
    );
  }

  /** How many of the facts that wait here, the first ones, were in the set; undefined when it has never been here. */
  sizeOf(sketch: Uint8Array): number | undefined {
    this.note();
    return this.#sizes.get(toHex(sketch));
  }
}

function joined(left: Uint8Array, right: Uint8Array): Uint8Array {
  return left.map((byte, place) => byte ^ (right[place] ?? 0));
}
