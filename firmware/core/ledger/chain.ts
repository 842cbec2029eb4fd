/**
 * All blocks that a gateway holds, as a tree; which of its tips is the head; what is final; and the facts that wait for
 * a block.
 *
 * Heads are ordered totally (protocol 2.12, `block-tree.ts`). So two gateways that hold the same blocks and
 * certificates have the same head, in whatever order they arrived.
 */
import { assert } from "#base/assert.ts";
import { toHex } from "#base/bytes.ts";
import { fail, ok, type Result } from "#base/result.ts";
import type { QuorumCertificate } from "#core/finality/quorum-certificate.ts";
import type { VotePool } from "#core/finality/vote-pool.ts";
import type { Vote } from "#core/finality/vote.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import { applyBlock, executeFacts, replayBlock, type LedgerContext } from "./apply-block.ts";
import { certificatesOn } from "./apply-certificates.ts";
import type { FactFault } from "./apply-fact.ts";
import type { BlockTree } from "./block-tree.ts";
import type { BareBlock, Block } from "./block.ts";
import { objectionToPlace, type ChainFault } from "./chain-fault.ts";
import type { Fact } from "./fact.ts";
import type { Genesis } from "./genesis.ts";
import { HandoffBook } from "./handoff-book.ts";
import { NO_CHANGE, type HeadChange, type Level, type Taken, type VoteChange } from "./head-change.ts";
import type { HeardVotes, HeardFault } from "./heard-votes.ts";
import { Link, type ChainLink } from "./link.ts";
import { weightOf } from "./link-store.ts";
import type { Mempool } from "./mempool.ts";
import { PendingFacts } from "./pending-facts.ts";
import type { LedgerState } from "./state.ts";
import { beginTree, believingContext, factBytesIn, type BegunTree, type TreeParts } from "./stored-blocks.ts";
import type { ChainStart, StoredBlocks } from "./stored-blocks.ts";

/**
 * How far below the head a block may still be added: a week of blocks each 30 s. Parts of a region that were apart for
 * longer do not come together by themselves; without the limit a member could fill everybody's flash with old blocks.
 */
export const BRANCH_DEPTH_MAX = 20_160;

export type { ChainFault } from "./chain-fault.ts";
export type { HeardFault } from "./heard-votes.ts";
export type { HeadChange, Level, VoteChange } from "./head-change.ts";
export type { ChainLink } from "./link.ts";

export class Chain {
  readonly genesis: Genesis;
  readonly context: LedgerContext;
  /** While one's own store is read back: what was checked before it was stored need not be verified again. */
  believesSignatures = false;
  /** Who has voted from the genesis on. */
  readonly handoffs: HandoffBook;
  readonly #waiting: PendingFacts;
  readonly #parts: TreeParts;
  #begun: BegunTree;

  /** @param stored where old blocks can be read again; without it all are kept in memory */
  constructor(
    crypto: Cryptography,
    genesis: Genesis,
    branchDepthMax: number = BRANCH_DEPTH_MAX,
    stored?: StoredBlocks,
  ) {
    this.genesis = genesis;
    this.context = believingContext(crypto, genesis.network, () => this.believesSignatures);
    this.#parts = { genesis, context: this.context, branchDepthMax, archive: stored?.archive };
    this.#begun = beginTree(this.#parts, stored?.start);
    this.handoffs = new HandoffBook((key) => this.factBytes(key));
    this.#waiting = new PendingFacts(this.#tree.genesis.state, this.context);
  }

  get head(): ChainLink {
    return this.#tree.head;
  }

  /** The head's state with the waiting facts on top: what a party of a charge acts on. */
  get pending(): LedgerState {
    return this.#waiting.state;
  }

  get mempool(): Mempool {
    return this.#waiting.mempool;
  }

  /** The highest checkpoint that is final by all that is known here, the genesis at first. The head always holds it. */
  get final(): ChainLink {
    return this.#tree.final;
  }

  /** The highest justified one above it, or it itself. The head holds this one, too. */
  get justified(): ChainLink {
    return this.#tree.known.justified;
  }

  /** Votes that were heard and may still be of use. */
  get votes(): Pick<VotePool, "newest" | "votes"> {
    return this.#heard.pool;
  }

  /** Serial of the highest block that ever was here, on whichever branch. */
  get tallest(): number {
    return this.#tree.tallest;
  }

  has(key: string): boolean {
    return this.#tree.link(key) !== undefined;
  }

  link(key: string): ChainLink | undefined {
    return this.#tree.link(key);
  }

  /** The link of the head's chain at a serial. */
  at(serial: number): ChainLink | undefined {
    return this.#tree.at(serial);
  }

  /** Whether the block is one of the head's chain. */
  isOfHead(link: ChainLink): boolean {
    return this.#tree.isOfHead(link);
  }

  /** Of a block of the head's chain. */
  levelOf(serial: number): Level {
    return serial > 0 && serial <= this.#tree.final.serial ? "C2" : "C1";
  }

  isJustified(link: ChainLink): boolean {
    return link instanceof Link && this.#tree.known.isJustified(link);
  }

  /** Certificates for targets above the serial that are in blocks or were heard, lowest target first. */
  certificatesAbove(serial: number): readonly QuorumCertificate[] {
    return this.#tree.known.certificatesAbove(serial);
  }

  /** What a block on that parent is to carry: the certificates that its chain does not hold yet. */
  certificatesFor({ state }: ChainLink): readonly QuorumCertificate[] {
    return certificatesOn(state, this.#tree.known, this.context);
  }

  /** Puts a fact among those that wait, if it may stand after them. `now` is unix seconds. */
  addFact(fact: Fact, now: number): Result<void, FactFault> {
    return this.#waiting.add(fact, now);
  }

  /** Checks a block and puts it into the tree. `now` is undefined when stored blocks are read back. */
  addBlock(block: Block, now: number | undefined): Result<HeadChange, ChainFault> {
    const known = this.#tree.link(block.key);
    if (known !== undefined) return ok({ ...NO_CHANGE, known: true });
    const parent = this.#tree.link(toHex(block.header.previous));
    const { final, head } = this.#tree;
    const { branchDepthMax } = this.#parts;
    const objection = objectionToPlace(block.header, { parent, final, head, branchDepthMax, now });
    if (objection !== undefined) return fail(objection);
    assert(parent !== undefined, "a block in its place has a parent");
    const applied = applyBlock(parent.state, block, this.context);
    if (!applied.ok) return applied;
    const link = this.#linkOf(parent, block, applied.value.state);
    const at = now ?? block.header.sealedAt;
    const change = this.#follow(this.#takeFrom(link, block), at);
    // Who sealed it may never be heard again: what it alone held waits for a block of the head's chain (invariant S15).
    if (!this.isOfHead(link)) for (const fact of block.facts) this.addFact(fact, at);
    return ok(change);
  }

  /** Takes a vote that was heard. `now` is unix seconds; the head's time while stored ones are read back. */
  addVote(vote: Vote, now = this.head.sealedAt): Result<VoteChange, HeardFault> {
    const heard = this.#heard.addVote(vote);
    if (!heard.ok) return heard;
    const { pool, certificate } = heard.value;
    const change = certificate === undefined ? NO_CHANGE : this.#takeHeard(certificate, now);
    return ok({ ...change, known: pool === "known", pool });
  }

  /**
   * Takes a certificate that was heard; one whose target is not here yet is kept for a while, and refused all the same.
   */
  addCertificate(certificate: QuorumCertificate, now = this.head.sealedAt): Result<HeadChange, HeardFault> {
    if (this.#tree.known.holds(certificate)) return ok({ ...NO_CHANGE, known: true });
    const checked = this.#heard.check(certificate);
    return checked.ok ? ok(this.#takeHeard(certificate, now)) : checked;
  }

  /** The block from which on all are in memory: the genesis, or where a start has begun. */
  get base(): ChainLink {
    return this.#tree.base;
  }

  /** A fact of the head's chain by its id, or the newest JOIN of a device by its did, in hex; as it travels. */
  factBytes(key: string): Uint8Array | undefined {
    return factBytesIn(this, key, this.#parts.archive);
  }

  /** Whether the state after a block is at hand, and has not to be computed again. */
  hasStateOf(link: ChainLink): boolean {
    return link instanceof Link && link.hasState;
  }

  /** The id of the head's chain at a serial, in hex: without reading the block. */
  idAt(serial: number): string | undefined {
    return this.#tree.idAt(serial);
  }

  /** A block from its header and facts: the results follow from both. */
  assemble({ certificates, ...header }: BareBlock, facts: readonly Fact[]): Result<Block, ChainFault> {
    const { previous, serial, sealedAt } = header.header;
    const parent = this.#tree.link(toHex(previous));
    if (parent === undefined) return fail({ code: "CHAIN_UNKNOWN_PARENT", parent: toHex(previous), serial });
    const executed = executeFacts(parent.state, facts, sealedAt, this.context);
    if (!executed.ok) return executed;
    return ok({ ...header, facts, results: executed.value.encodedResults, certificates });
  }

  /**
   * Puts a block into the tree that was checked before it was stored. What waits is not looked at: `resume` does that
   * when all blocks are there.
   */
  replay(bare: BareBlock, facts: readonly Fact[]): Result<HeadChange, ChainFault> {
    const { previous, serial } = bare.header;
    const parent = this.#tree.link(toHex(previous));
    if (parent === undefined) return fail({ code: "CHAIN_UNKNOWN_PARENT", parent: toHex(previous), serial });
    const replayed = replayBlock(parent.state, { ...bare, facts }, this.context);
    if (!replayed.ok) return replayed;
    const { state, encodedResults } = replayed.value;
    const block = { ...bare, facts, results: encodedResults };
    return ok(this.#reorder(this.#takeFrom(this.#linkOf(parent, block, state), block)));
  }

  /** The same with a certificate that was stored. */
  replayCertificate(certificate: QuorumCertificate): Result<HeadChange, HeardFault> {
    const checked = this.#heard.check(certificate);
    if (!checked.ok) return checked;
    this.#tree.known.take(certificate);
    return ok(this.#reorder({ added: undefined, certificates: [certificate] }));
  }

  /** After the last `replay`: the facts that are in no block of the head's chain wait for one. */
  resume(waiting: readonly Fact[]): void {
    this.#waiting.rebuild(this.head.state, waiting, this.head.sealedAt);
  }

  /**
   * Goes on from a later final checkpoint whose state was proven and stored: what is here leads to it, or is beside it.
   * The facts that are given may be in no block behind it.
   */
  restart(start: ChainStart, waiting: readonly Fact[]): HeadChange {
    assert(start.block.header.serial > this.final.serial, "what is final stays so");
    this.#begun = beginTree(this.#parts, start);
    this.resume(waiting);
    return { ...NO_CHANGE, added: [this.#tree.head] };
  }

  get #tree(): BlockTree {
    return this.#begun.tree;
  }

  get #heard(): HeardVotes {
    return this.#begun.heard;
  }

  #linkOf(parent: Link, block: Block, state: LedgerState): Link {
    const score = parent.score + weightOf(block.header);
    const link = new Link({ key: block.key, block, parent, state, score }, this.#begun.store);
    this.#tree.add(link);
    this.#begun.store?.add(link, this.#tree.head, (each) => this.isOfHead(each));
    return link;
  }

  /** What a new block of the tree brings: its certificates, and those that have waited for it. */
  #takeFrom(added: Link, { certificates }: Pick<Block, "certificates">): Taken {
    const { known } = this.#tree;
    for (const certificate of certificates) known.take(certificate);
    const waited = this.#heard.takeWaitingFor(added).filter((certificate) => !known.holds(certificate));
    for (const certificate of waited) known.take(certificate);
    return { added, certificates: waited };
  }

  #takeHeard(certificate: QuorumCertificate, now: number): HeadChange {
    const { known } = this.#tree;
    if (known.holds(certificate)) return { ...NO_CHANGE, known: true };
    known.take(certificate);
    return this.#follow({ added: undefined, certificates: [certificate] }, now);
  }

  /** Moves the head to where it belongs, and what waits with it. */
  #follow(taken: Taken, now: number): HeadChange {
    const change = this.#reorder(taken);
    if (change.added.length === 0 && change.abandoned.length === 0) return change;
    const returned = change.abandoned.flatMap((lost) => lost.block?.facts ?? []);
    this.#waiting.rebuild(this.head.state, returned, now);
    return change;
  }

  #reorder({ added, certificates }: Taken): HeadChange {
    const change = this.#tree.reorder(added);
    this.#heard.forget(this.#tree.final.serial);
    this.handoffs.follow(this);
    return { known: false, ...change, certificates };
  }
}
