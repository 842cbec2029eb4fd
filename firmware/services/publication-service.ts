/**
 * Makes this gateway's own facts and blocks known. The mesh may lose anything, so a fact is published again, ever more
 * rarely, until a block holds it. What others have signed is carried from one broker to the next, where there are two.
 */
import { toHex } from "#base/bytes.ts";
import type { Block } from "#core/ledger/block.ts";
import type { HeadChange } from "#core/ledger/chain.ts";
import { signersOf } from "#core/ledger/fact-signers.ts";
import type { Fact, FactKind } from "#core/ledger/fact.ts";
import { blockAnnouncement, shortIdsOf } from "#core/mesh/sync-messages.ts";
import type { FactClass } from "#core/mesh/topics.ts";
import { encodeShape } from "#core/wire/schema.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { LedgerService } from "./ledger-service.ts";
import type { MeshService } from "./mesh-service.ts";
import { SoonestWake } from "./soonest-wake.ts";

const REPUBLISH_FIRST_MS = 1_000;
const REPUBLISH_LAST_MS = 300_000;

/** Under which topic a fact travels. */
export const CLASS_OF: Readonly<Record<FactKind, FactClass>> = {
  JOIN: "mem",
  ROTATE: "mem",
  REVOKE: "mem",
  PARAMS: "mem",
  RECONFIG: "mem",
  CODE: "mem",
  EVIDENCE: "evd",
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
  #isRunning = false;
  readonly #wake: SoonestWake;

  constructor(parts: PublicationParts) {
    this.#parts = parts;
    this.#wake = new SoonestWake(parts.clock);
    parts.ledger.listen({
      onFact: (fact, own) => {
        if (own) this.#makeKnown(fact);
        else this.#carry(fact);
      },
      onBlock: (block, own) => {
        const { mesh } = parts;
        if (own) mesh.publish({ kind: "block" }, announcementOf(block));
        else mesh.carry({ kind: "block" }, announcementOf(block), toHex(block.header.miner));
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
    this.#isRunning = true;
    for (const fact of chain.mempool.facts()) if (this.#isOwn(fact)) this.#makeKnown(fact);
  }

  stop(): void {
    this.#isRunning = false;
    this.#wake.cancel();
  }

  #isOwn(fact: Fact): boolean {
    return signersOf(this.#parts.ledger.chain.pending, fact).includes(toHex(this.#parts.did));
  }

  #makeKnown(fact: Fact): void {
    this.#publish(fact);
    const waitMs = REPUBLISH_FIRST_MS;
    this.#waiting.set(fact.key, { fact, waitMs, atMs: this.#parts.clock.monotonicMs() + waitMs });
    this.#lookAgain();
  }

  #publish(fact: Fact): void {
    this.#parts.mesh.publish({ kind: "fact", class: CLASS_OF[fact.kind] }, fact.bytes);
  }

  /** A JOIN is signed by nobody who is known: all of them are counted together. */
  #carry(fact: Fact): void {
    const [signer = ""] = signersOf(this.#parts.ledger.chain.pending, fact);
    this.#parts.mesh.carry({ kind: "fact", class: CLASS_OF[fact.kind] }, fact.bytes, signer);
  }

  #followHead({ added, abandoned }: HeadChange): void {
    for (const link of added) for (const fact of link.block?.facts ?? []) this.#waiting.delete(fact.key);
    for (const fact of abandoned.flatMap((link) => link.block?.facts ?? [])) {
      if (this.#parts.ledger.chain.mempool.get(fact.key) !== undefined && this.#isOwn(fact)) this.#makeKnown(fact);
    }
  }

  /** Wakes when the next fact is to be published again, and not at all while none waits. */
  #lookAgain(): void {
    if (!this.#isRunning) return;
    const nextMs = Math.min(...[...this.#waiting.values()].map(({ atMs }) => atMs));
    this.#wake.at(nextMs, () => {
      this.#publishDue(this.#parts.clock.monotonicMs());
      this.#lookAgain();
    });
  }

  #publishDue(now: number): void {
    for (const [key, { fact, atMs, waitMs }] of this.#waiting) {
      if (atMs > now) continue;
      this.#publish(fact);
      const next = Math.min(REPUBLISH_LAST_MS, 2 * waitMs);
      this.#waiting.set(key, { fact, atMs: now + next, waitMs: next });
    }
  }
}

function announcementOf(block: Block): Uint8Array {
  const shortIds = shortIdsOf(block.facts.map((fact) => fact.id));
  const certificates = block.certificates.map(({ bytes }) => bytes);
  return encodeShape(blockAnnouncement, { header: block.headerBytes, shortIds, certificates });
}
