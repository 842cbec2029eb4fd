/**
 * The blocks that a gateway holds, as a tree; which tip is the head; what is final; and which facts wait for a block.
 *
 * Heads are ordered totally (protocol 2.12, `block-tree.ts`). So two gateways that hold the same blocks and
 * certificates have the same head, in whatever order they arrived.
 */
import { assert } from "#base/assert.ts";
import { toHex } from "#base/bytes.ts";
import { fail, ok, type Result } from "#base/result.ts";
import { BRANCH_DEPTH_MAX } from "#core/limits.ts";
import { CODE_VERSION } from "#core/governance/governance.ts";
import type { QuorumCertificate } from "#core/finality/quorum-certificate.ts";
import type { VotePool } from "#core/finality/vote-pool.ts";
import type { Vote } from "#core/finality/vote.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import { applyBlock, newerCode, replayBlock, type LedgerContext } from "./apply-block.ts";
import { certificatesOn } from "./apply-certificates.ts";
import type { FactFault } from "./apply-fact.ts";
import { assembleOn } from "./assemble-on.ts";
import type { BlockTree } from "./block-tree.ts";
import type { BareBlock, Block } from "./block.ts";
import { objectionToLate, objectionToPlace, type ChainFault } from "./chain-fault.ts";
import { factBytesIn, sealingIn } from "./chain-records.ts";
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
import { beginTree, believingContext, type BegunTree, type TreeParts } from "./stored-blocks.ts";
import type { ChainStart, StoredBlocks } from "./stored-blocks.ts";

export type { ChainFault } from "./chain-fault.ts";
export type { HeadChange, VoteChange } from "./head-change.ts";
export type { ChainLink } from "./link.ts";

export class Chain {
  readonly genesis: Genesis;
  readonly context: LedgerContext;
  /** While one's own store is read back: what was checked before it was stored need not be verified again. */
  believesSignatures = false;
  /** The newest version of the code by which this software judges blocks. */
  codeVersion = CODE_VERSION;
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
    this.context = believingContext(crypto, genesis.network, this);
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

  /** The governors' version of the code, where it is newer than this software's: then it can judge no block here. */
  get newerCode(): number | undefined {
    return newerCode(this.head.state, this.context)?.version;
  }

  /** Puts a fact among those that wait, if it may stand after them. `now` is unix seconds. */
  addFact(fact: Fact, now: number): Result<void, FactFault> {
    const late = objectionToLate(fact, this.#tree.final);
    return late === undefined ? this.#waiting.add(fact, now) : fail(late);
  }

  /** Checks a block and puts it into the tree. `now` is undefined when stored blocks are read back. */
  addBlock(block: Block, now: number | undefined): Result<HeadChange, ChainFault> {
    if (this.idAt(block.header.serial) === block.key || this.has(block.key)) return ok({ ...NO_CHANGE, known: true });
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

  /** Takes a certificate that was heard. One whose target is not here is kept for a while, and refused. */
  addCertificate(certificate: QuorumCertificate, now = this.head.sealedAt): Result<HeadChange, HeardFault> {
    if (this.#tree.known.holds(certificate)) return ok({ ...NO_CHANGE, known: true });
    const checked = this.#heard.check(certificate);
    return checked.ok ? ok(this.#takeHeard(certificate, now)) : checked;
  }

  /** The block from which on all are in memory: the genesis, or where a start has begun. */
  get base(): ChainLink {
    return this.#tree.base;
  }

  /** A fact of the head's chain, or one that waits, as it travels; by a key of `record-keys.ts`. */
  factBytes(key: string): Uint8Array | undefined {
    return factBytesIn(this, key, this.#parts.archive);
  }

  /** The block of the head's chain with the newest result of a charge, whose address is in hex. */
  sealingOf(address: string): ChainLink | undefined {
    return sealingIn(this, address, this.#parts.archive);
  }

  /** The id of the head's chain at a serial, in hex: without reading the block. */
  idAt(serial: number): string | undefined {
    return this.#tree.idAt(serial);
  }

  /** A block from its header and facts: the results follow from both. */
  assemble(bare: BareBlock, facts: readonly Fact[]): Result<Block, ChainFault> {
    return assembleOn(this.#tree.link(toHex(bare.header.previous)), bare, facts, this.context);
  }

  /** Puts a block into the tree that was checked before it was stored. What waits is looked at by `resume`. */
  replay(bare: BareBlock, facts: readonly Fact[]): Result<HeadChange, ChainFault> {
    const { previous, serial } = bare.header;
    const parent = this.#tree.link(toHex(previous));
    if (parent === undefined) return fail({ code: "CHAIN_UNKNOWN_PARENT", parent: toHex(previous), serial });
    const replayed = replayBlock(parent.state, { ...bare, facts }, this.context);
    if (!replayed.ok) return replayed;
    const { state, encodedResults: results } = replayed.value;
    const block = { ...bare, facts, results };
    return ok(this.#reorder(this.#takeFrom(this.#linkOf(parent, block, state), block)));
  }

  /** The same with a certificate that was stored. */
  replayCertificate(certificate: QuorumCertificate): Result<HeadChange, HeardFault> {
    const checked = this.#heard.check(certificate);
    if (!checked.ok) return checked;
    this.#tree.known.take(certificate);
    return ok(this.#reorder({ added: undefined, certificates: [certificate] }));
  }

  /** After the last `replay`: these facts wait for a block. */
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

  /** Forgets the blocks before a final one, as a start would: they are looked for where they are stored, if at all. */
  beginWith(first: ChainLink): void {
    const { tree, store } = this.#begun;
    assert(first instanceof Link && store !== undefined, "what is forgotten can be had again");
    tree.beginWith(first, (key) => store.load(key));
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
