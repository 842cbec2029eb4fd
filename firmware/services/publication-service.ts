/**
 * Makes this gateway's own facts and blocks known. The mesh may lose anything, so a fact is published again, ever more
 * rarely, until a block holds it.
 */
import { toHex } from "#base/bytes.ts";
import type { Block } from "#core/ledger/block.ts";
import type { HeadChange } from "#core/ledger/chain.ts";
import { signersOf } from "#core/ledger/fact-signers.ts";
import type { Fact, FactKind } from "#core/ledger/fact.ts";
import { blockAnnouncement, shortIdsOf } from "#core/mesh/sync-messages.ts";
import type { FactClass } from "#core/mesh/topics.ts";
import { encodeShape } from "#core/wire/schema.ts";
import type { Cancel, Clock } from "#hal/ports/clock.ts";
import type { LedgerService } from "./ledger-service.ts";
import type { MeshService } from "./mesh-service.ts";

const REPUBLISH_FIRST_MS = 1_000;
const REPUBLISH_LAST_MS = 300_000;

const CLASS_OF: Readonly<Record<FactKind, FactClass>> = {
  JOIN: "mem",
  ROTATE: "mem",
  REVOKE: "mem",
  CODE: "mem",
  OPEN: "open",
  REPORT: "rep",
  COMPLETE: "fin",
  CANCEL: "fin",
  RESOLVE: "fin",
  ADJUDICATE: "fin",
};

export interface PublicationParts {
  readonly ledger: LedgerService;
  readonly mesh: MeshService;
  readonly clock: Clock;
  readonly did: Uint8Array;
}

interface Waiting {
  readonly fact: Fact;
  readonly atMs: number;
  readonly waitMs: number;
}

export class PublicationService {
  readonly #parts: PublicationParts;
  readonly #waiting = new Map<string, Waiting>();
  #cancel: Cancel = () => undefined;

  constructor(parts: PublicationParts) {
    this.#parts = parts;
    parts.ledger.listen({
      onFact: (fact, own) => {
        if (own) this.#makeKnown(fact);
      },
      onBlock: (block, own) => {
        if (own) this.#announce(block);
      },
      onHead: (change) => {
        this.#followHead(change);
      },
    });
    // The bus is back: what was published into the void is published again at once.
    parts.mesh.whenConnected(() => {
      for (const { fact } of this.#waiting.values()) this.#makeKnown(fact);
    });
  }

  start(): void {
    const { chain } = this.#parts.ledger;
    for (const fact of chain.mempool.facts()) if (this.#isOwn(fact)) this.#makeKnown(fact);
    this.#tick();
  }

  stop(): void {
    this.#cancel();
  }

  #isOwn(fact: Fact): boolean {
    return signersOf(this.#parts.ledger.chain.pending, fact).includes(toHex(this.#parts.did));
  }

  #makeKnown(fact: Fact): void {
    this.#publish(fact);
    const waitMs = REPUBLISH_FIRST_MS;
    this.#waiting.set(fact.key, { fact, waitMs, atMs: this.#parts.clock.monotonicMs() + waitMs });
  }

  #publish(fact: Fact): void {
    this.#parts.mesh.publish({ kind: "fact", class: CLASS_OF[fact.kind] }, fact.bytes);
  }

  #announce(block: Block): void {
    const shortIds = shortIdsOf(block.facts.map((fact) => fact.id));
    const announcement = encodeShape(blockAnnouncement, { header: block.headerBytes, shortIds });
    this.#parts.mesh.publish({ kind: "block" }, announcement);
  }

  #followHead({ added, abandoned }: HeadChange): void {
    for (const link of added) for (const fact of link.block?.facts ?? []) this.#waiting.delete(fact.key);
    for (const fact of abandoned.flatMap((link) => link.block?.facts ?? [])) {
      if (this.#parts.ledger.chain.mempool.get(fact.key) !== undefined && this.#isOwn(fact)) this.#makeKnown(fact);
    }
  }

  #tick(): void {
    const { clock } = this.#parts;
    this.#cancel = clock.wakeAt(clock.monotonicMs() + REPUBLISH_FIRST_MS, () => {
      const now = clock.monotonicMs();
      for (const [key, { fact, atMs, waitMs }] of this.#waiting) {
        if (atMs > now) continue;
        this.#publish(fact);
        const next = Math.min(REPUBLISH_LAST_MS, 2 * waitMs);
        this.#waiting.set(key, { fact, atMs: now + next, waitMs: next });
      }
      this.#tick();
    });
  }
}
