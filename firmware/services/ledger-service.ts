/**
 * Keeps the chain: takes in facts and blocks, stores them before anybody hears of them, seals when it is this gateway's
 * turn. The one writer of the journal.
 */
import { equalBytes, toHex } from "#base/bytes.ts";
import { assert } from "#base/assert.ts";
import { fail, ok, type Result } from "#base/result.ts";
import type { Clock, Cancel } from "#hal/ports/clock.ts";
import { MEMPOOL_FACTS_MAX } from "#core/limits.ts";
import type { Signer } from "#core/identity/cryptography.ts";
import type { FactFault } from "#core/ledger/apply-fact.ts";
import type { Block } from "#core/ledger/block.ts";
import type { Chain, ChainFault, ChainLink, HeadChange } from "#core/ledger/chain.ts";
import { decodeFact, type Fact, type FactDecodeFault } from "#core/ledger/fact.ts";
import { blockRecordOf, factRecord } from "#core/ledger/journal.ts";
import { biasOf } from "#core/ledger/reputation.ts";
import type { RecordLog } from "#core/ledger/record-log.ts";
import { dueAt, schedule, slotOf } from "#core/ledger/schedule.ts";
import { hasDueTransactions } from "#core/ledger/close-transactions.ts";
import { sealBlock } from "#core/ledger/seal-block.ts";
import { NO_TALLY } from "#core/ledger/state.ts";
import type { Boot } from "./boot.ts";
import type { EmitEvent } from "./events.ts";

/** How often a gateway looks whether it is its turn; a slot is several times longer. */
const SEAL_LOOK_MS = 1000;

const NOBODY = new Uint8Array();

/** What others may fill the pool with; the rest is for the charges of this gateway, which must not stop for a flood. */
const FOREIGN_FACTS_MAX = MEMPOOL_FACTS_MAX - 1024;

export interface LedgerServiceParts {
  readonly chain: Chain;
  readonly journal: RecordLog;
  readonly boot: Boot;
  readonly clock: Clock;
  readonly signer: Signer;
  readonly did: Uint8Array;
  readonly emit: EmitEvent;
}

/** What others do when the ledger has something new; set once, before `start`. */
export interface LedgerListener {
  /** A fact is durable here. `own`: this gateway signed it, so it is for us to make it known. */
  onFact(fact: Fact, own: boolean): void;
  onBlock(block: Block, own: boolean): void;
  onHead(change: HeadChange): void;
}

export class LedgerService {
  readonly chain: Chain;
  readonly #parts: LedgerServiceParts;
  readonly #listeners: LedgerListener[] = [];
  /** Facts in the journal: each is written once. */
  readonly #stored = new Set<string>();
  #cancel: Cancel = () => undefined;
  #sealing = false;
  #running = false;
  /** Since when, in monotonic ms, there has been something to seal on this head; undefined while there is nothing. */
  #worth: { readonly head: string; readonly sinceMs: number } | undefined;

  constructor(parts: LedgerServiceParts, stored: Iterable<string>) {
    this.#parts = parts;
    this.chain = parts.chain;
    for (const key of stored) this.#stored.add(key);
  }

  listen(listener: LedgerListener): void {
    this.#listeners.push(listener);
  }

  start(): void {
    this.#running = true;
    this.#lookAgain();
  }

  stop(): void {
    this.#running = false;
    this.#cancel();
  }

  get nowSeconds(): number {
    return Math.floor(this.#parts.clock.wallMs() / 1000);
  }

  holdsFact(key: string): boolean {
    return this.#stored.has(key);
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
    if (!fact.ok) return fact;
    const isStored = this.#stored.has(fact.value.key);
    if (isStored && this.chain.mempool.get(fact.value.key) !== undefined) return fail({ code: "FACT_KNOWN" });
    if (this.chain.mempool.size >= FOREIGN_FACTS_MAX && !this.#isOurs(fact.value)) {
      return fail({ code: "FACT_NO_ROOM", waiting: this.chain.mempool.size });
    }
    const waitingBefore = new Set(this.chain.mempool.facts().map(({ key }) => key));
    // Stored does not mean that it has a place: a branch that had none for it may have been left since.
    const added = this.chain.addFact(fact.value, this.nowSeconds);
    if (!added.ok) return isStored ? fail({ code: "FACT_KNOWN" }) : added;
    // One fact may have let parked ones stand: all that wait now and did not before are new.
    for (const waiting of this.chain.mempool.facts()) {
      if (waitingBefore.has(waiting.key) || this.#stored.has(waiting.key)) continue;
      await this.#store(waiting);
      for (const listener of this.#listeners) listener.onFact(waiting, false);
    }
    return ok(fact.value);
  }

  /** Takes in a block; it is durable when the call resolves. */
  async receiveBlock(block: Block): Promise<Result<HeadChange, ChainFault>> {
    const added = this.chain.addBlock(block, this.nowSeconds);
    if (!added.ok || added.value.known) return added;
    await this.#storeBlock(block);
    this.#announce(block, added.value, false);
    return added;
  }

  /** Whether the fact is of a charge of this gateway's own, or of one that it may have to judge. */
  #isOurs(fact: Fact): boolean {
    if (fact.kind === "JOIN") return false;
    if (fact.kind === "CODE") return equalBytes(fact.body.member, this.#parts.did);
    const open = fact.kind === "OPEN" ? fact.body : this.chain.pending.transactions.get(toHex(fact.body.address))?.open;
    const { did } = this.#parts;
    return (
      open !== undefined && [open.station, open.vehicle, open.terms.arbiter ?? NOBODY].some((id) => equalBytes(id, did))
    );
  }

  async #store(fact: Fact): Promise<void> {
    if (this.#stored.has(fact.key)) return;
    this.#stored.add(fact.key);
    await this.#parts.journal.append(factRecord(fact));
  }

  async #storeBlock(block: Block): Promise<void> {
    await Promise.all([
      ...block.facts.map((fact) => this.#store(fact)),
      this.#parts.journal.append(blockRecordOf(block)),
    ]);
  }

  #lookAgain(): void {
    const { clock } = this.#parts;
    this.#cancel = clock.wakeAt(clock.monotonicMs() + SEAL_LOOK_MS, () => {
      void this.#sealIfDue().finally(() => {
        if (this.#running) this.#lookAgain();
      });
    });
  }

  async #sealIfDue(): Promise<void> {
    const turn = this.#turn();
    if (turn === undefined || this.#sealing) return;
    this.#sealing = true;
    try {
      await this.#seal(turn);
    } finally {
      this.#sealing = false;
    }
  }

  /** Rank and tier that let this gateway seal now, if there is something to seal. */
  #turn(): Pick<Parameters<typeof sealBlock>[2], "rank" | "tier"> | undefined {
    const { state } = this.chain.head;
    const now = this.nowSeconds;
    const waitedMs = this.#waitedMs(toHex(state.id), now >= dueAt(state, 0) && this.#isWorthSealing(now));
    if (waitedMs === undefined) return undefined;
    const own = toHex(this.#parts.did);
    const places = schedule((message) => this.chain.context.crypto.sha256(message), state);
    const rank = places.findIndex((place) => place.did === own);
    const place = places[rank];
    if (place === undefined || now < dueAt(state, rank)) return undefined;
    // After a quiet hour every rank is due at once. Each waits its slots all the same, or all of them seal a branch.
    if (waitedMs < rank * state.rules.slotSeconds * 1000) return undefined;
    const lastSlot = Math.max((state.tallies.get(own) ?? NO_TALLY).lastSlot, this.#parts.boot.lastSlot);
    return slotOf(state, now) > lastSlot ? { rank, tier: place.tier } : undefined;
  }

  /** For how long the first rank could have sealed on this head; undefined while it could not. */
  #waitedMs(head: string, isWorth: boolean): number | undefined {
    const now = this.#parts.clock.monotonicMs();
    if (!isWorth) this.#worth = undefined;
    else if (this.#worth?.head !== head) this.#worth = { head, sinceMs: now };
    return this.#worth === undefined ? undefined : now - this.#worth.sinceMs;
  }

  /** Quiescence: nothing new and no sign of life due means no block (protocol 2.10). */
  #isWorthSealing(now: number): boolean {
    const { state } = this.chain.head;
    const { emptyBlocks, heartbeatBlocks, blockSeconds } = state.rules;
    if (emptyBlocks || this.chain.mempool.size > 0 || hasDueTransactions(state, now)) return true;
    return state.serial > 0 && now >= state.sealedAt + heartbeatBlocks * blockSeconds;
  }

  async #seal(turn: Pick<Parameters<typeof sealBlock>[2], "rank" | "tier">): Promise<void> {
    const { did, signer, boot } = this.#parts;
    const { state } = this.chain.head;
    const sealedAt = this.nowSeconds;
    // The slot is on flash before anything is signed in it: after a power cut it must not be used again.
    await boot.useSlot(slotOf(state, sealedAt));
    if (this.chain.head.state !== state) return;
    const seal = { ...turn, miner: did, signer, sealedAt };
    const block = sealBlock(state, this.chain.mempool.facts(), seal, this.chain.context);
    const added = this.chain.addBlock(block, sealedAt);
    assert(added.ok, `our own block stands${added.ok ? "" : `: ${JSON.stringify(added.fault)}`}`);
    await this.#storeBlock(block);
    this.#announce(block, added.value, true);
  }

  #announce(block: Block, change: HeadChange, own: boolean): void {
    for (const listener of this.#listeners) listener.onBlock(block, own);
    for (const listener of this.#listeners) listener.onHead(change);
    if (change.abandoned.length > 0) {
      this.#parts.emit("branchAbandoned", { blocks: change.abandoned.length, serial: this.chain.head.state.serial });
    }
    for (const link of change.added) this.#emitLink(link, own);
  }

  #emitLink(link: ChainLink, own: boolean): void {
    const { block, results, state } = link;
    if (block === undefined) return;
    const [rank, tier] = block.header.rank;
    const { serial, miner } = block.header;
    this.#parts.emit("blockAppended", {
      serial,
      id: block.key,
      miner: toHex(miner),
      rank,
      tier,
      facts: block.facts.length,
      own,
    });
    for (const result of results) {
      this.#parts.emit("resultRecorded", {
        address: toHex(result.address),
        serial: state.serial,
        state: result.state,
        verdict: result.verdict,
        billedMilliWh: result.billedMilliWh,
        amount: result.amount,
      });
      this.#emitBias(link, toHex(result.address));
    }
  }

  #emitBias({ state, parent }: ChainLink, address: string): void {
    const open = state.transactions.get(address)?.open;
    if (open === undefined || parent === undefined) return;
    for (const role of ["station", "vehicle"] as const) {
      const did = toHex(open[role]);
      const { isAlarm, sumMilli } = biasOf(state, did);
      if (isAlarm && !biasOf(parent.state, did).isAlarm) this.#parts.emit("biasFound", { did, role, sumMilli });
    }
  }
}
