/** What the ledger has taken in, each thing written once; durable when a call resolves. */
import type { QuorumCertificate } from "#core/finality/quorum-certificate.ts";
import type { Block } from "#core/ledger/block.ts";
import type { Chain } from "#core/ledger/chain.ts";
import type { Fact } from "#core/ledger/fact.ts";
import { blockRecordOf, certificateRecord, factRecord } from "#core/ledger/journal-record.ts";
import type { StoredKeys } from "#core/ledger/record-archive.ts";
import { addressesIn, joinedIn } from "#core/ledger/record-keys.ts";
import type { RecordLog } from "#core/ledger/record-log.ts";
import { isAsItStood } from "#core/ledger/same-block.ts";

export interface LedgerJournalParts {
  readonly chain: Chain;
  readonly journal: RecordLog;
  /** What is in it. */
  readonly stored: StoredKeys;
}

export class LedgerJournal {
  readonly #parts: LedgerJournalParts;
  #lastAppend: Promise<unknown> = Promise.resolve();

  constructor(parts: LedgerJournalParts) {
    this.#parts = parts;
  }

  /** Resolves when all that has been taken in so far is durable. */
  get settled(): Promise<unknown> {
    return this.#lastAppend;
  }

  has({ key }: Pick<Fact | Block, "key">): boolean {
    return this.#parts.stored.has(key);
  }

  async storeFact(fact: Fact): Promise<void> {
    if (this.has(fact)) return;
    const { chain, stored } = this.#parts;
    stored.add(fact.key);
    await this.#append(factRecord(fact), fact.key, joinedIn(chain.context, fact.bytes));
  }

  /** One that did not stand at the start, because something before it had rotted, is in the journal still. */
  async storeBlock(block: Block): Promise<void> {
    const isStored = this.has(block);
    await Promise.all([
      ...block.facts.map((fact) => this.storeFact(fact)),
      ...(isStored ? [] : [this.#append(blockRecordOf(block), block.key, addressesIn(block.results))]),
    ]);
  }

  async storeCertificates(certificates: readonly QuorumCertificate[]): Promise<void> {
    await Promise.all(certificates.map((certificate) => this.#append(certificateRecord(certificate))));
  }

  /**
   * Writes what has rotted of a block of the head's chain once more. What others send in its place is judged as if
   * nobody had ever seen it.
   */
  async storeAgain(block: Block): Promise<void> {
    if (this.has(block) && block.facts.every((fact) => this.has(fact))) return;
    if (isAsItStood(this.#parts.chain, block)) await this.storeBlock(block);
  }

  #append(record: Uint8Array, key?: string, others?: readonly string[]): Promise<unknown> {
    const append = this.#parts.journal.append(record, key, others);
    this.#lastAppend = append;
    return append;
  }
}
