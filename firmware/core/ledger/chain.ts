/**
 * All blocks that a gateway holds, as a tree; which of its tips is the head; and the facts that wait for a block.
 *
 * Heads are ordered totally (protocol 2.12): the greater score of the whole chain first, then the lower id. So two
 * gateways that hold the same blocks have the same head, in whatever order the blocks arrived.
 */
import { compareBytes, toHex } from "#base/bytes.ts";
import { assert } from "#base/assert.ts";
import { fail, ok, type Result } from "#base/result.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import { FUTURE_SECONDS_MAX } from "#core/limits.ts";
import { applyBlock, executeFacts, replayBlock, type BlockFault, type LedgerContext } from "./apply-block.ts";
import { applyFact, type FactFault } from "./apply-fact.ts";
import { mayComeToStand } from "./fact-fault.ts";
import { compareFacts } from "./block-order.ts";
import type { Block, Header } from "./block.ts";
import type { Fact } from "./fact.ts";
import type { Genesis } from "./genesis.ts";
import { Link, type ChainLink } from "./link.ts";
import { LinkStore } from "./link-store.ts";
import { Mempool } from "./mempool.ts";
import type { RecordArchive } from "./record-archive.ts";
import { nextLayer, stateOfGenesis, type LedgerState } from "./state.ts";

/**
 * How far below the head a block may still be added: a week of blocks each 30 s. Parts of a region that were apart for
 * longer do not come together by themselves; without the limit a member could fill everybody's flash with old blocks.
 */
export const BRANCH_DEPTH_MAX = 20_160;

const SCORE_MAX = 16;

export type { ChainLink } from "./link.ts";

export type ChainFault =
  | BlockFault
  | { readonly code: "CHAIN_UNKNOWN_PARENT"; readonly parent: string; readonly serial: number }
  | { readonly code: "CHAIN_BRANCH_TOO_DEEP"; readonly serial: number; readonly head: number }
  | { readonly code: "CHAIN_FROM_THE_FUTURE"; readonly sealedAt: number; readonly now: number };

/** What a new block did to the head. */
export interface HeadChange {
  readonly known: boolean;
  readonly added: readonly ChainLink[];
  readonly abandoned: readonly ChainLink[];
}

export class Chain {
  readonly genesis: Genesis;
  readonly context: LedgerContext;
  /** While one's own store is read back: what was checked before it was stored need not be verified again. */
  believesSignatures = false;
  readonly mempool = new Mempool();
  readonly #links = new Map<string, Link>();
  /** The links of the head's chain by serial. */
  readonly #main: Link[];
  /** Keeps old blocks out of memory; undefined where all of them are kept in it. */
  readonly #store: LinkStore | undefined;
  /** The mempool's facts applied on the head: what the state would be if a block were sealed now. */
  #pending: LedgerState;

  readonly #branchDepthMax: number;

  /** @param archive where old blocks can be read again; without it all are kept in memory */
  constructor(
    crypto: Cryptography,
    genesis: Genesis,
    branchDepthMax: number = BRANCH_DEPTH_MAX,
    archive?: RecordArchive,
  ) {
    this.genesis = genesis;
    this.#branchDepthMax = branchDepthMax;
    const verify: Cryptography["verify"] = (publicKey, message, signature) =>
      this.believesSignatures || crypto.verify(publicKey, message, signature);
    const checking: Cryptography = Object.assign(Object.create(crypto) as Cryptography, { verify });
    this.context = { crypto: checking, network: genesis.network, verified: new WeakMap() };
    const state = stateOfGenesis(crypto, genesis);
    const root = new Link({ key: toHex(genesis.id), block: undefined, parent: undefined, state, score: 0 }, undefined);
    this.#store = archive === undefined ? undefined : new LinkStore(archive, this.context, branchDepthMax);
    this.#links.set(root.key, root);
    this.#main = [root];
    this.#pending = nextLayer(state);
  }

  get head(): ChainLink {
    return this.#head;
  }

  get #head(): Link {
    const head = this.#main.at(-1);
    assert(head !== undefined, "a chain has its genesis");
    return head;
  }

  /** The head's state with the waiting facts on top: what a party of a charge acts on. */
  get pending(): LedgerState {
    return this.#pending;
  }

  has(key: string): boolean {
    return this.#links.has(key);
  }

  link(key: string): ChainLink | undefined {
    return this.#links.get(key);
  }

  /** The link of the head's chain at a serial. */
  at(serial: number): ChainLink | undefined {
    return this.#main[serial];
  }

  /** Whether the block is one of the head's chain. */
  isOfHead(link: ChainLink): boolean {
    return this.#main[link.serial] === link;
  }

  /** Puts a fact among those that wait, if it may stand after them. `now` is unix seconds. */
  addFact(fact: Fact, now: number): Result<void, FactFault> {
    if (this.mempool.get(fact.key) !== undefined) return fail({ code: "FACT_KNOWN" });
    // Before it is applied: what stands in `pending` must be in the pool, or nobody would ever seal it.
    if (this.mempool.isFull) return fail({ code: "FACT_NO_ROOM", waiting: this.mempool.size });
    const applied = applyFact(this.#pending, fact, { ...this.context, now });
    if (!applied.ok) {
      if (mayComeToStand(applied.fault)) this.mempool.park(fact);
      return applied;
    }
    this.mempool.add(fact);
    this.#retryParked(now);
    return ok(undefined);
  }

  /** Checks a block and puts it into the tree. `now` is undefined when stored blocks are read back. */
  addBlock(block: Block, now: number | undefined): Result<HeadChange, ChainFault> {
    const known = this.#links.get(block.key);
    if (known !== undefined) return ok({ known: true, added: [], abandoned: [] });
    const { serial, previous, sealedAt } = block.header;
    const parent = this.#links.get(toHex(previous));
    if (parent === undefined) {
      return fail({ code: "CHAIN_UNKNOWN_PARENT", parent: toHex(previous), serial });
    }
    if (serial + this.#branchDepthMax <= this.head.serial) {
      return fail({ code: "CHAIN_BRANCH_TOO_DEEP", serial, head: this.head.serial });
    }
    if (now !== undefined && sealedAt > now + FUTURE_SECONDS_MAX) {
      return fail({ code: "CHAIN_FROM_THE_FUTURE", sealedAt, now });
    }
    const applied = applyBlock(parent.state, block, this.context);
    if (!applied.ok) return applied;
    const link = this.#linkOf(parent, block, applied.value.state);
    if (isBetter(link, this.#head)) return ok(this.#moveHead(link, now ?? sealedAt));
    // Who sealed it may never be heard again: what it alone held waits for a block of the head's chain (invariant S15).
    for (const fact of block.facts) this.addFact(fact, now ?? sealedAt);
    return ok({ known: false, added: [], abandoned: [] });
  }

  /** A block from its header and facts: the results follow from both. */
  assemble(header: Header, facts: readonly Fact[]): Result<Block, ChainFault> {
    const { previous, serial, sealedAt } = header.header;
    const parent = this.#links.get(toHex(previous));
    if (parent === undefined) return fail({ code: "CHAIN_UNKNOWN_PARENT", parent: toHex(previous), serial });
    const executed = executeFacts(parent.state, facts, sealedAt, this.context);
    if (!executed.ok) return executed;
    return ok({ ...header, facts, results: executed.value.encodedResults });
  }

  /**
   * Puts a block into the tree that was checked before it was stored. What waits is not looked at: `resume` does that
   * when all blocks are there.
   */
  replay(header: Header, facts: readonly Fact[]): Result<HeadChange, ChainFault> {
    const { previous, serial } = header.header;
    const parent = this.#links.get(toHex(previous));
    if (parent === undefined) return fail({ code: "CHAIN_UNKNOWN_PARENT", parent: toHex(previous), serial });
    const replayed = replayBlock(parent.state, { ...header, facts }, this.context);
    if (!replayed.ok) return replayed;
    const { state, encodedResults } = replayed.value;
    const link = this.#linkOf(parent, { ...header, facts, results: encodedResults }, state);
    return ok(isBetter(link, this.#head) ? this.#switchTo(link) : { known: false, added: [], abandoned: [] });
  }

  /** After the last `replay`: the facts that are in no block of the head's chain wait for one. */
  resume(waiting: readonly Fact[]): void {
    this.#rebuildPending(waiting, this.head.sealedAt);
  }

  #linkOf(parent: Link, block: Block, state: LedgerState): Link {
    const score = parent.score + Math.max(1, SCORE_MAX - block.header.rank[0]);
    const link = new Link({ key: block.key, block, parent, state, score }, this.#store);
    this.#links.set(block.key, link);
    this.#store?.add(link, this.#head, (each) => this.isOfHead(each));
    return link;
  }

  #moveHead(link: Link, now: number): HeadChange {
    const change = this.#switchTo(link);
    this.#rebuildPending(
      change.abandoned.flatMap((lost) => lost.block?.facts ?? []),
      now,
    );
    return change;
  }

  #switchTo(link: Link): HeadChange {
    const added: Link[] = [];
    let fork: Link | undefined = link;
    for (; fork !== undefined && this.#main[fork.serial] !== fork; fork = fork.parent) added.unshift(fork);
    assert(fork !== undefined, "every link descends from the genesis");
    const abandoned = this.#main.splice(fork.serial + 1);
    this.#main.push(...added);
    return { known: false, added, abandoned };
  }

  /** Facts of the abandoned branch wait again; what the new head holds already waits no more (protocol 2.12). */
  #rebuildPending(returned: readonly Fact[], now: number): void {
    const waiting = new Map([...returned, ...this.mempool.facts()].map((fact) => [fact.key, fact]));
    this.#pending = nextLayer(this.head.state);
    for (const fact of waiting.values()) this.mempool.remove(fact);
    for (const fact of [...waiting.values()].sort(compareFacts)) {
      if (this.mempool.isFull) break;
      const applied = applyFact(this.#pending, fact, { ...this.context, now });
      if (applied.ok) this.mempool.add(fact);
      else if (mayComeToStand(applied.fault)) this.mempool.park(fact);
    }
    this.#retryParked(now);
  }

  #retryParked(now: number): void {
    for (let progress = true; progress;) {
      progress = false;
      for (const fact of [...this.mempool.parked()].sort(compareFacts)) {
        if (this.mempool.isFull) return;
        const applied = applyFact(this.#pending, fact, { ...this.context, now });
        if (!applied.ok && mayComeToStand(applied.fault)) continue;
        this.mempool.unpark(fact);
        if (applied.ok) progress = this.mempool.add(fact) || progress;
      }
    }
  }
}

function isBetter(link: Link, head: Link): boolean {
  return link.score > head.score || (link.score === head.score && compareBytes(link.id, head.id) < 0);
}
