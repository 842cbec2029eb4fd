/**
 * Keeps the chain: takes in facts and blocks, stores them before anybody hears of them, seals when it is this gateway's
 * turn. The one writer of the journal.
 */
import { toHex } from "#base/bytes.ts";
import { assert } from "#base/assert.ts";
import { fail, ok, type Result } from "#base/result.ts";
import { MEMPOOL_FACTS_MAX } from "#core/limits.ts";
import type { QuorumCertificate } from "#core/finality/quorum-certificate.ts";
import type { Vote } from "#core/finality/vote.ts";
import type { Signer } from "#core/identity/cryptography.ts";
import type { FactFault } from "#core/ledger/apply-fact.ts";
import type { Block } from "#core/ledger/block.ts";
import type { Chain, ChainFault, HeadChange, VoteChange } from "#core/ledger/chain.ts";
import { decodeFact, type Fact, type FactDecodeFault } from "#core/ledger/fact.ts";
import { unfinalFacts, type ChainPast, type ChainStart } from "#core/ledger/stored-blocks.ts";
import type { HeardFault } from "#core/ledger/heard-votes.ts";
import type { StoredKeys } from "#core/ledger/record-archive.ts";
import type { RecordLog } from "#core/ledger/record-log.ts";
import { slotOf } from "#core/ledger/schedule.ts";
import { sealBlock } from "#core/ledger/seal-block.ts";
import type { Boot } from "./boot.ts";
import type { EmitEvent } from "./events.ts";
import { hearPastOf } from "./known-past.ts";
import { LedgerJournal } from "./ledger-journal.ts";
import { isOfOurs } from "./is-of-ours.ts";
import { CodeNews, tellLink } from "./tell-link.ts";
import { SealTurns, type SealTurn } from "./seal-turns.ts";
import { SoonestWake } from "./soonest-wake.ts";
import type { WorldTime } from "./world-time.ts";

/** How soon a gateway looks whether it is its turn to seal what has come; a slot is several times longer. */
const SEAL_LOOK_MS = 1000;
/** How often while no turn can come: a date that was set, or became known, is noticed so late. */
const QUIET_LOOK_MS = 30_000;

/** By how much the date that other members tell may be behind. */
const MEMBERS_WORD_SECONDS = 120;

/** What others may fill the pool with; the rest is for the charges of this gateway, which must not stop for a flood. */
const FOREIGN_FACTS_MAX = MEMPOOL_FACTS_MAX - 1024;

export interface LedgerServiceParts {
  readonly chain: Chain;
  readonly journal: RecordLog;
  readonly boot: Boot;
  readonly clock: WorldTime;
  readonly signer: Signer;
  /** The signer with a key of this gateway, where it had several; a block is sealed with the one its parent knows. */
  readonly signerOf?: (publicKey: Uint8Array) => Signer | undefined;
  readonly did: Uint8Array;
  readonly emit: EmitEvent;
  /** Without it, always. */
  readonly maySeal?: () => boolean;
}

/** What others do when the ledger has something new; set once, before `start`. */
export interface LedgerListener {
  /** A fact is durable here. `own`: this gateway signed it, so it is for us to make it known. */
  onFact(fact: Fact, own: boolean): void;
  onBlock(block: Block, own: boolean): void;
  onHead(change: HeadChange): void;
  /** A fact was refused because it contradicts one that stands; who has signed it was not looked at. */
  onConflict?(fact: Fact): void;
  /** A block was refused; the same holds. */
  onRefusedBlock?(block: Block): void;
}

export class LedgerService {
  readonly chain: Chain;
  /** The gateway's date, and what it is worth. */
  readonly time: WorldTime;
  readonly #parts: LedgerServiceParts;
  readonly #turns: SealTurns;
  readonly #listeners: LedgerListener[] = [];
  readonly #journal: LedgerJournal;
  readonly #codeNews = new CodeNews();
  readonly #wake: SoonestWake;
  #sealing = false;
  #running = false;

  constructor(parts: LedgerServiceParts, stored: StoredKeys) {
    this.#parts = parts;
    this.chain = parts.chain;
    this.time = parts.clock;
    this.#wake = new SoonestWake(parts.clock);
    this.#turns = new SealTurns(parts);
    this.#journal = new LedgerJournal({ ...parts, stored });
  }

  listen(listener: LedgerListener): void {
    this.#listeners.push(listener);
  }

  start(): void {
    this.#running = true;
    hearPastOf(this.chain, this.#parts);
    this.#codeNews.tell(this.chain, this.#parts.emit);
    this.#lookAfter(SEAL_LOOK_MS);
  }

  stop(): void {
    this.#running = false;
    this.#wake.cancel();
  }

  get nowSeconds(): number {
    return Math.floor(this.time.wallMs() / 1000);
  }

  /** The same where the machine's clock is synchronised, and 0 where it is not: what others may be told. */
  get knownSeconds(): number {
    return this.time.isSynced ? this.nowSeconds : 0;
  }

  holdsFact(key: string): boolean {
    return this.#journal.has({ key });
  }

  /** Takes in a fact of this gateway's own making; it is durable when the call resolves. */
  async submit(encoded: Uint8Array): Promise<Result<Fact, FactFault>> {
    const fact = decodeFact(this.chain.context, encoded);
    assert(fact.ok, "a fact of our own has the right form");
    const added = this.chain.addFact(fact.value, this.nowSeconds);
    if (!added.ok) return added;
    await this.#store(fact.value);
    for (const listener of this.#listeners) listener.onFact(fact.value, true);
    return fact;
  }

  /** Takes in a fact of anybody's making; it is durable when the call resolves. */
  async receive(encoded: Uint8Array): Promise<Result<Fact, FactFault | FactDecodeFault>> {
    const fact = decodeFact(this.chain.context, encoded);
    return fact.ok ? this.receiveFact(fact.value) : fact;
  }

  async receiveFact(fact: Fact): Promise<Result<Fact, FactFault>> {
    const isStored = this.#journal.has(fact);
    if (isStored && this.chain.mempool.get(fact.key) !== undefined) return fail({ code: "FACT_KNOWN" });
    if (this.chain.mempool.size >= FOREIGN_FACTS_MAX && !isOfOurs(this.chain, this.#parts.did, fact)) {
      return fail({ code: "FACT_NO_ROOM", waiting: this.chain.mempool.size });
    }
    const waitingBefore = new Set(this.chain.mempool.facts().map(({ key }) => key));
    // Stored does not mean that it has a place: a branch that had none for it may have been left since.
    const added = this.chain.addFact(fact, this.nowSeconds);
    if (!added.ok && added.fault.code === "FACT_CONFLICTS") {
      for (const listener of this.#listeners) listener.onConflict?.(fact);
    }
    if (!added.ok) return isStored ? fail({ code: "FACT_KNOWN" }) : added;
    // One fact may have let parked ones stand: all that wait now and did not before are new.
    for (const waiting of this.chain.mempool.facts()) {
      if (waitingBefore.has(waiting.key) || this.#journal.has(waiting)) continue;
      await this.#store(waiting);
      for (const listener of this.#listeners) listener.onFact(waiting, false);
    }
    return ok(fact);
  }

  /** Takes in a block; it is durable when the call resolves. */
  async receiveBlock(block: Block): Promise<Result<HeadChange, ChainFault>> {
    const added = this.chain.addBlock(block, this.#latestSeconds);
    if (!added.ok) for (const listener of this.#listeners) listener.onRefusedBlock?.(block);
    if (added.ok && added.value.known) await this.#journal.storeAgain(block);
    if (!added.ok || added.value.known) return added;
    await this.#storeBlock(block, added.value);
    this.#announceBlock(block, added.value, false);
    return added;
  }

  /** Takes in a vote; what it makes certain is durable when the call resolves. */
  async receiveVote(vote: Vote): Promise<Result<VoteChange, HeardFault>> {
    return this.#take(this.chain.addVote(vote, this.nowSeconds));
  }

  /** Takes in a certificate that may stand in no block; it is durable when the call resolves. */
  async receiveCertificate(certificate: QuorumCertificate): Promise<Result<HeadChange, HeardFault>> {
    return this.#take(this.chain.addCertificate(certificate, this.nowSeconds));
  }

  /** Facts that no final block holds: in blocks above it, or waiting for one. */
  get unfinal(): readonly Fact[] {
    return unfinalFacts(this.chain);
  }

  /** Goes on from a later checkpoint, which is durable already; resolves when the facts that came with it are, too. */
  async restart(start: ChainStart, { handoffs, facts }: ChainPast): Promise<void> {
    const change = this.chain.restart(start, this.unfinal);
    this.chain.handoffs.begin(handoffs);
    this.#announceHead(change, false);
    this.#parts.emit("snapshotTaken", { serial: start.block.header.serial, id: start.block.key });
    await Promise.all(facts.map((fact) => this.#store(fact)));
    await this.#storeBlock(start.block, change);
  }

  /** Resolves when all that has been taken in so far is durable. */
  get stored(): Promise<unknown> {
    return this.#journal.settled;
  }

  async #store(fact: Fact): Promise<void> {
    this.#lookAfter(SEAL_LOOK_MS);
    await this.#journal.storeFact(fact);
  }

  async #storeBlock(block: Block, { certificates }: HeadChange): Promise<void> {
    this.#lookAfter(SEAL_LOOK_MS);
    await Promise.all([this.#journal.storeBlock(block), this.#journal.storeCertificates(certificates)]);
  }

  async #take<Change extends HeadChange, Fault>(taken: Result<Change, Fault>): Promise<Result<Change, Fault>> {
    if (!taken.ok || taken.value.certificates.length === 0) return taken;
    await this.#journal.storeCertificates(taken.value.certificates);
    this.#announceHead(taken.value, false);
    return taken;
  }

  /** Looks after so long, or before if that was meant already. */
  #lookAfter(waitMs: number): void {
    if (!this.#running) return;
    this.#wake.at(this.#parts.clock.monotonicMs() + waitMs, () => {
      void this.#sealIfDue().finally(() => {
        this.#lookAfter(Math.max(SEAL_LOOK_MS, this.#turns.quietMs(QUIET_LOOK_MS)));
      });
    });
  }

  async #sealIfDue(): Promise<void> {
    this.time.tell();
    const turn = this.#turns.next();
    if (turn === undefined || this.#sealing || this.#parts.maySeal?.() === false) return;
    this.#sealing = true;
    try {
      await this.#seal(turn);
    } finally {
      this.#sealing = false;
    }
  }

  /** No block that is right can be of a later time; undefined while that cannot be judged. */
  get #latestSeconds(): number | undefined {
    const { dateSource } = this.time;
    if (dateSource === "clock") return this.nowSeconds;
    return dateSource === "members" ? this.nowSeconds + MEMBERS_WORD_SECONDS : undefined;
  }

  async #seal(turn: SealTurn): Promise<void> {
    const { did, signer, signerOf, boot } = this.#parts;
    const { state } = this.chain.head;
    const { sealedAt } = turn;
    // The slot is on flash before anything is signed in it: after a power cut it must not be used again.
    await boot.useSlot(slotOf(state, sealedAt));
    if (this.chain.head.state !== state) return;
    const inForce = state.members.get(toHex(did))?.publicKey;
    const sealing = inForce === undefined || signerOf === undefined ? signer : signerOf(inForce);
    // On a branch that has not heard of its rotations a gateway may lack the key; others seal there.
    if (sealing === undefined) return;
    const certificates = this.chain.certificatesFor(this.chain.head);
    const seal = { ...turn, miner: did, signer: sealing, certificates };
    const block = sealBlock(state, this.chain.mempool.facts(), seal, this.chain.context);
    const added = this.chain.addBlock(block, sealedAt);
    assert(added.ok, `our own block stands${added.ok ? "" : `: ${JSON.stringify(added.fault)}`}`);
    await this.#storeBlock(block, added.value);
    this.#announceBlock(block, added.value, true);
  }

  #announceBlock(block: Block, change: HeadChange, own: boolean): void {
    for (const listener of this.#listeners) listener.onBlock(block, own);
    this.#announceHead(change, own);
  }

  #announceHead(change: HeadChange, own: boolean): void {
    this.#lookAfter(SEAL_LOOK_MS);
    if (change.added.length > 0) hearPastOf(this.chain, this.#parts);
    for (const listener of this.#listeners) listener.onHead(change);
    if (change.abandoned.length > 0) {
      this.#parts.emit("branchAbandoned", { blocks: change.abandoned.length, serial: this.chain.head.state.serial });
    }
    for (const link of change.added) tellLink(this.#parts.emit, link, own);
    this.#codeNews.tell(this.chain, this.#parts.emit);
  }
}
