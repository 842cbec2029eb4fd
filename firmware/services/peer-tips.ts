/**
 * What other gateways last told of their chains. Bounded, and a word that its signature proves cannot be displaced by
 * one that nobody can check: whoever is not a member yet is heard, too, but only a few of those at a time.
 */
import { toHex } from "#base/bytes.ts";
import type { Chain } from "#core/ledger/chain.ts";
import type { TipBody } from "#core/mesh/sync-messages.ts";

/** A region has at most 300 gateways; some are replaced while their last word is still here. */
const PROVEN_MAX = 512;
const UNPROVEN_MAX = 32;

export class PeerTips {
  /** By device id in hex, in the order in which they were last heard. */
  readonly #tips = new Map<string, TipBody>();
  readonly #unproven = new Set<string>();
  /** When each said something that it had not said before, in monotonic ms. */
  readonly #heardMs = new Map<string, number>();
  #turn = 0;

  get all(): ReadonlyMap<string, TipBody> {
    return this.#tips;
  }

  /** Whether a proven word of the peer, as new as this one or newer, is here: this one will not be taken. */
  isOld(peer: string, tip: TipBody): boolean {
    const before = this.#tips.get(peer);
    return before !== undefined && !this.#unproven.has(peer) && compareOrder(before, tip) >= 0;
  }

  /** False when the peer has told something newer already. */
  take(
    peer: string,
    tip: TipBody,
    { isProven, nowMs }: { readonly isProven: boolean; readonly nowMs: number },
  ): boolean {
    const before = this.#tips.get(peer);
    const wasProven = before !== undefined && !this.#unproven.has(peer);
    if (wasProven && !isProven) return false;
    if (before !== undefined && wasProven === isProven && compareOrder(before, tip) >= 0) return false;
    this.#tips.delete(peer);
    this.#unproven.delete(peer);
    this.#tips.set(peer, tip);
    this.#heardMs.set(peer, nowMs);
    if (!isProven) this.#unproven.add(peer);
    this.#forgetOldest();
    return true;
  }

  /** How many members' newest proven words are so, and not older than that, in monotonic ms. */
  count(suits: (tip: TipBody) => boolean, sinceMs = Number.NEGATIVE_INFINITY): number {
    let count = 0;
    for (const [peer, tip] of this.#tips) {
      const isNew = (this.#heardMs.get(peer) ?? 0) >= sinceMs;
      if (isNew && !this.#unproven.has(peer) && suits(tip)) count += 1;
    }
    return count;
  }

  /** One of the peers of whose tips this is true, another one each time; those with a proven word before all others. */
  next(suits: (tip: TipBody) => boolean): string | undefined {
    const found = [...this.#tips].flatMap(([peer, tip]) => (suits(tip) ? [peer] : []));
    const proven = found.filter((peer) => !this.#unproven.has(peer));
    const candidates = proven.length > 0 ? proven : found;
    this.#turn += 1;
    return candidates[this.#turn % Math.max(1, candidates.length)];
  }

  #forgetOldest(): void {
    const [oldest] = this.#unproven;
    if (this.#unproven.size > UNPROVEN_MAX && oldest !== undefined) this.#forget(oldest);
    if (this.#tips.size - this.#unproven.size <= PROVEN_MAX) return;
    const first = [...this.#tips.keys()].find((peer) => !this.#unproven.has(peer));
    if (first !== undefined) this.#forget(first);
  }

  #forget(peer: string): void {
    this.#tips.delete(peer);
    this.#unproven.delete(peer);
    this.#heardMs.delete(peer);
  }
}

/** Whether more is justified or final there: by votes that have not come here. */
export function knowsMore({ justified, final }: TipBody, chain: Pick<Chain, "justified" | "final">): boolean {
  if (justified === undefined || final === undefined) return false;
  return justified[0] > chain.justified.serial || final[0] > chain.final.serial;
}

/** Whether what is final there is not what stands here at that height: its votes tell how that could be. */
export function standsApart({ final }: TipBody, chain: Pick<Chain, "head" | "idAt">): boolean {
  return final !== undefined && final[0] <= chain.head.serial && chain.idAt(final[0]) !== toHex(final[1]);
}

/** A name for how far it is final there. */
export function finalityOf({ justified, final }: TipBody): string {
  return [justified, final].map((checkpoint) => (checkpoint === undefined ? "" : toHex(checkpoint[1]))).join(" ");
}

function compareOrder(left: TipBody, right: TipBody): number {
  return left.order[0] - right.order[0] || left.order[1] - right.order[1];
}
