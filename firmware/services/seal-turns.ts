/** Whether it is this gateway's turn to seal, and with which time: by the chain, and by what its clock is worth. */
import { toHex } from "#base/bytes.ts";
import type { Chain } from "#core/ledger/chain.ts";
import { hasDueTransactions } from "#core/ledger/close-transactions.ts";
import { dueAt, schedule, slotOf, type Place } from "#core/ledger/schedule.ts";
import type { Seal } from "#core/ledger/seal-block.ts";
import { NO_TALLY, type LedgerState } from "#core/ledger/state.ts";
import type { Boot } from "./boot.ts";
import type { WorldTime } from "./world-time.ts";

/** Without a lost vote the second checkpoint after a block makes it final. */
const WAITING_CHECKPOINTS = 3;

export interface SealTurnsParts {
  readonly chain: Chain;
  readonly clock: WorldTime;
  readonly boot: Pick<Boot, "lastSlot">;
  readonly did: Uint8Array;
}

/** Rank and tier that let this gateway seal, and the time of the block. */
export type SealTurn = Pick<Seal, "rank" | "tier" | "sealedAt">;

export class SealTurns {
  readonly #parts: SealTurnsParts;
  /** Who may seal on the head: found once for each, because it is asked for every second. */
  #places: { readonly parent: LedgerState; readonly places: readonly Place[]; readonly rank: number } | undefined;
  /** The head, and since when it has been that here, in monotonic ms. */
  #head: { readonly key: string; readonly sinceMs: number } | undefined;
  /** Since when, in monotonic ms, there has been something to seal on this head; undefined while there is nothing. */
  #worth: { readonly head: string; readonly sinceMs: number } | undefined;

  constructor(parts: SealTurnsParts) {
    this.#parts = parts;
  }

  /**
   * For so long no turn can come, unless something new comes or the date is set; `mostMs` at most. To be asked after
   * `next`, which must be asked again as soon as the first rank could seal: that is when this gateway's wait begins.
   */
  quietMs(mostMs: number): number {
    const { newerCode, head } = this.#parts.chain;
    const { state } = head;
    const { rank } = this.#scheduled();
    const now = this.#sealingSeconds();
    if (newerCode !== undefined || rank < 0 || !this.#isWorthSealing(now + Math.ceil(mostMs / 1000))) return mostMs;
    const firstMs = this.#untilMs(dueAt(state, 0));
    if (firstMs > 0) return Math.min(mostMs, firstMs);
    const waitedMs = this.#waitedMs(toHex(state.id), this.#isWorthSealing(now));
    if (waitedMs === undefined) return 0;
    return Math.min(mostMs, Math.max(this.#untilMs(dueAt(state, rank)), this.#ownWaitMs() - waitedMs));
  }

  /** Its turn now, if there is something to seal. */
  next(): SealTurn | undefined {
    const { chain, boot, did } = this.#parts;
    // By rules that are not known here nothing can be sealed; charging goes on.
    if (chain.newerCode !== undefined) return undefined;
    const { state } = chain.head;
    const now = this.#sealingSeconds();
    const waitedMs = this.#waitedMs(toHex(state.id), now >= dueAt(state, 0) && this.#isWorthSealing(now));
    if (waitedMs === undefined) return undefined;
    const own = toHex(did);
    const { places, rank } = this.#scheduled();
    const place = places[rank];
    if (place === undefined || now < dueAt(state, rank)) return undefined;
    if (waitedMs < this.#ownWaitMs()) return undefined;
    const lastSlot = Math.max((state.tallies.get(own) ?? NO_TALLY).lastSlot, boot.lastSlot);
    return slotOf(state, now) > lastSlot ? { rank, tier: place.tier, sealedAt: now } : undefined;
  }

  #scheduled(): { readonly places: readonly Place[]; readonly rank: number } {
    const { chain, did } = this.#parts;
    const { state } = chain.head;
    if (this.#places?.parent === state) return this.#places;
    const own = toHex(did);
    const places = schedule((message) => chain.context.crypto.sha256(message), state);
    this.#places = { parent: state, places, rank: places.findIndex((place) => place.did === own) };
    return this.#places;
  }

  /**
   * After a quiet hour every rank is due at once. Each waits its slots all the same, or all of them seal a branch.
   * Whoever does not know the time comes after all who may know it: where one of them is within reach, it seals.
   */
  #ownWaitMs(): number {
    const { places, rank } = this.#scheduled();
    const before = rank + (this.#parts.clock.isExact ? 0 : places.length);
    return before * this.#parts.chain.head.state.rules.slotSeconds * 1000;
  }

  /** Until the time of a block that is sealed is that; below zero after it. */
  #untilMs(seconds: number): number {
    const { chain, clock } = this.#parts;
    if (clock.isExact) return 1000 * seconds - clock.wallMs();
    const sinceMs = this.#head?.sinceMs ?? clock.monotonicMs();
    return 1000 * (seconds - chain.head.state.sealedAt) - (clock.monotonicMs() - sinceMs);
  }

  /**
   * The time of a block that is sealed now. Without an exact clock it is the branch's own: that of the head, and what
   * has passed since it became the head here. Such a branch can only fall behind the true time, so that those who know
   * the time take its blocks, and it keeps its deadlines all the same (protocol 2.18).
   */
  #sealingSeconds(): number {
    const { chain, clock } = this.#parts;
    const { state } = chain.head;
    const now = clock.monotonicMs();
    const key = toHex(state.id);
    if (this.#head?.key !== key) this.#head = { key, sinceMs: now };
    if (clock.isExact) return Math.floor(clock.wallMs() / 1000);
    return state.sealedAt + Math.floor((now - this.#head.sinceMs) / 1000);
  }

  /** For how long the first rank could have sealed on this head; undefined while it could not. */
  #waitedMs(head: string, isWorth: boolean): number | undefined {
    const now = this.#parts.clock.monotonicMs();
    if (!isWorth) this.#worth = undefined;
    else if (this.#worth?.head !== head) this.#worth = { head, sinceMs: now };
    return this.#worth === undefined ? undefined : now - this.#worth.sinceMs;
  }

  /**
   * Whether the head's chain holds something that is not final, and empty blocks may still make it so: votes are for
   * checkpoints, and a checkpoint becomes final by the next one. Where no quorum is within reach they would do nothing,
   * so that only so many follow; then the heartbeat tries again.
   */
  #isWaitingForFinality(): boolean {
    const { chain } = this.#parts;
    const { rules, finality, serial } = chain.head.state;
    if (rules.finality === "off" || finality.committees.at(-1)?.length === 0) return false;
    const since = Math.max(chain.final.serial, serial - WAITING_CHECKPOINTS * rules.checkpointBlocks);
    for (let each = serial; each > since; each -= 1) {
      const block = chain.at(each)?.block;
      if (block !== undefined && block.facts.length + block.results.length > 0) return true;
    }
    return false;
  }

  /** Quiescence: nothing new and no sign of life due means no block (protocol 2.10). */
  #isWorthSealing(now: number): boolean {
    const { chain } = this.#parts;
    const { state } = chain.head;
    const { emptyBlocks, heartbeatBlocks, blockSeconds } = state.rules;
    if (emptyBlocks || chain.mempool.size > 0 || hasDueTransactions(state, now)) return true;
    if (this.#isWaitingForFinality()) return true;
    return state.serial > 0 && now >= state.sealedAt + heartbeatBlocks * blockSeconds;
  }
}
