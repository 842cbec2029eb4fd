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
import { applyBlock, executeFacts, type AppliedBlock, type BlockFault, type LedgerContext } from "./apply-block.ts";
import { applyFact, type FactFault } from "./apply-fact.ts";
import { compareFacts } from "./block-order.ts";
import type { Block, Header, ResultBody } from "./block.ts";
import type { Fact } from "./fact.ts";
import type { Genesis } from "./genesis.ts";
import { Mempool } from "./mempool.ts";
import { nextLayer, stateOfGenesis, type LedgerState } from "./state.ts";

/**
 * How far below the head a block may still be added: a week of blocks each 30 s. Parts of a region that were apart for
 * longer do not come together by themselves; without the limit a member could fill everybody's flash with old blocks.
 */
export const BRANCH_DEPTH_MAX = 20_160;

const SCORE_MAX = 16;

export interface ChainLink {
  /** Absent for the genesis only. */
  readonly block: Block | undefined;
  readonly parent: ChainLink | undefined;
  readonly state: LedgerState;
  readonly results: readonly ResultBody[];
  readonly score: number;
}

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
  readonly #links = new Map<string, ChainLink>();
  /** The links of the head's chain by serial. */
  readonly #main: ChainLink[];
  /** The mempool's facts applied on the head: what the state would be if a block were sealed now. */
  #pending: LedgerState;

  readonly #branchDepthMax: number;

  constructor(crypto: Cryptography, genesis: Genesis, branchDepthMax = BRANCH_DEPTH_MAX) {
    this.genesis = genesis;
    this.#branchDepthMax = branchDepthMax;
    const verify: Cryptography["verify"] = (publicKey, message, signature) =>
      this.believesSignatures || crypto.verify(publicKey, message, signature);
    const checking: Cryptography = Object.assign(Object.create(crypto) as Cryptography, { verify });
    this.context = { crypto: checking, network: genesis.network, verified: new WeakSet() };
    const state = stateOfGenesis(crypto, genesis);
    const root: ChainLink = { block: undefined, parent: undefined, state, results: [], score: 0 };
    this.#links.set(toHex(genesis.id), root);
    this.#main = [root];
    this.#pending = nextLayer(state);
  }

  get head(): ChainLink {
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

  /** Puts a fact among those that wait, if it may stand after them. `now` is unix seconds. */
  addFact(fact: Fact, now: number): Result<void, FactFault> {
    if (this.mempool.get(fact.key) !== undefined) return fail({ code: "FACT_KNOWN" });
    // Before it is applied: what stands in `pending` must be in the pool, or nobody would ever seal it.
    if (this.mempool.isFull) return fail({ code: "FACT_NO_ROOM", waiting: this.mempool.size });
    const applied = applyFact(this.#pending, fact, { ...this.context, now });
    if (!applied.ok) {
      if (applied.fault.code === "FACT_REFERS_UNKNOWN") this.mempool.park(fact);
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
    if (serial + this.#branchDepthMax <= this.head.state.serial) {
      return fail({ code: "CHAIN_BRANCH_TOO_DEEP", serial, head: this.head.state.serial });
    }
    if (now !== undefined && sealedAt > now + FUTURE_SECONDS_MAX) {
      return fail({ code: "CHAIN_FROM_THE_FUTURE", sealedAt, now });
    }
    const applied = applyBlock(parent.state, block, this.context);
    if (!applied.ok) return applied;
    const link = linkOf(parent, block, applied.value);
    this.#links.set(block.key, link);
    if (isBetter(link, this.head)) return ok(this.#moveHead(link, now ?? sealedAt));
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

  #moveHead(link: ChainLink, now: number): HeadChange {
    const added: ChainLink[] = [];
    let fork: ChainLink | undefined = link;
    for (; fork !== undefined && this.#main[fork.state.serial] !== fork; fork = fork.parent) added.unshift(fork);
    assert(fork !== undefined, "every link descends from the genesis");
    const abandoned = this.#main.splice(fork.state.serial + 1);
    this.#main.push(...added);
    this.#rebuildPending(
      abandoned.flatMap((lost) => lost.block?.facts ?? []),
      now,
    );
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
      else if (applied.fault.code === "FACT_REFERS_UNKNOWN") this.mempool.park(fact);
    }
    this.#retryParked(now);
  }

  #retryParked(now: number): void {
    for (let progress = true; progress;) {
      progress = false;
      for (const fact of [...this.mempool.parked()].sort(compareFacts)) {
        if (this.mempool.isFull) return;
        const applied = applyFact(this.#pending, fact, { ...this.context, now });
        if (!applied.ok && applied.fault.code === "FACT_REFERS_UNKNOWN") continue;
        this.mempool.unpark(fact);
        if (applied.ok) progress = this.mempool.add(fact) || progress;
      }
    }
  }
}

function linkOf(parent: ChainLink, block: Block, { state, results }: AppliedBlock): ChainLink {
  return { block, parent, state, results, score: parent.score + Math.max(1, SCORE_MAX - block.header.rank[0]) };
}

function isBetter(link: ChainLink, head: ChainLink): boolean {
  return link.score > head.score || (link.score === head.score && compareBytes(link.state.id, head.state.id) < 0);
}
