/**
 * Reads this gateway's own journal back at a start, record by record: so that a ledger of years is never in memory as a
 * whole, and in a fraction of the time that a stranger's takes. What was checked before it was stored is believed
 * (signatures, whose turn it was); what follows from the facts is computed again and held against the blocks' roots.
 */
import { toHex } from "#base/bytes.ts";
import { BRANCH_DEPTH_MAX } from "#core/limits.ts";
import { fail, ok, type Result } from "#base/result.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import { applyFact } from "./apply-fact.ts";
import { factIn } from "./archived-block.ts";
import { decodeCertificates, decodeHeader } from "./block.ts";
import { Chain, type HeadChange } from "./chain.ts";
import { decodeFact, type Fact } from "./fact.ts";
import { decodeGenesis } from "./genesis.ts";
import { genesisTrouble, objectionToResults, MAY_BE_STORED, readCertificate, type JournalFault } from "./journal.ts";
import { contentOf, decodeBlockRecord, RECORD_KIND } from "./journal-record.ts";
import { addressesIn, joinedIn } from "./record-keys.ts";
import type { RecordArchive, RecordPlace } from "./record-archive.ts";
import { SNAPSHOT_BLOCKS } from "./snapshot-points.ts";
import { nextLayer } from "./state.ts";

/** How much stays in memory of what is read back. */
export interface JournalDepths {
  /** So many of the blocks that may be forgotten stay at least: where anybody votes, the next snapshots are of them. */
  readonly blocksInMemory?: number | undefined;
  /** How far below the head a branch may begin where nobody votes. */
  readonly branchDepthMax?: number | undefined;
}

export class StoredJournal {
  readonly #crypto: Cryptography;
  readonly #archive: RecordArchive;
  readonly #blocksInMemory: number;
  readonly #branchDepthMax: number;
  #chain: Chain | undefined;
  /** Facts that no block of the head's chain holds (yet), and their place among the records. */
  readonly #waiting = new Map<string, Waiting>();
  #records = 0;

  constructor(crypto: Cryptography, archive: RecordArchive, depths: JournalDepths = {}) {
    this.#crypto = crypto;
    this.#archive = archive;
    this.#blocksInMemory = depths.blocksInMemory ?? 2 * SNAPSHOT_BLOCKS;
    this.#branchDepthMax = depths.branchDepthMax ?? BRANCH_DEPTH_MAX;
  }

  get records(): number {
    return this.#records;
  }

  /** The next record, and where it stands. After a fault nothing more may be given. */
  take(record: Uint8Array, place: RecordPlace): Result<void, JournalFault> {
    const number = this.#records;
    this.#records += 1;
    const kind = record[0] ?? 0;
    if (this.#chain === undefined) return this.#takeGenesis(kind, contentOf(record));
    if (kind === RECORD_KIND.fact) return this.#takeFact(this.#chain, { content: contentOf(record), number, place });
    if (kind === RECORD_KIND.block) return this.#takeBlock(this.#chain, { content: contentOf(record), number, place });
    if (kind === RECORD_KIND.certificate) {
      return this.#takeCertificate(this.#chain, { content: contentOf(record), number, place });
    }
    return fail({ code: "JOURNAL_UNKNOWN_RECORD", record: number, kind });
  }

  /** The chain that the records tell, with what waits on it. */
  finish(): Result<Chain, JournalFault> {
    const chain = this.#chain;
    if (chain === undefined) return fail({ code: "JOURNAL_EMPTY" });
    const unsound = this.#firstUnsound(chain);
    if (unsound !== undefined) return fail(unsound);
    chain.resume([...this.#waiting.values()].map(({ fact }) => fact));
    chain.believesSignatures = false;
    return ok(chain);
  }

  #takeGenesis(kind: number, content: Uint8Array): Result<void, JournalFault> {
    if (kind !== RECORD_KIND.genesis) return fail({ code: "JOURNAL_NO_GENESIS" });
    const genesis = decodeGenesis(this.#crypto, content);
    if (!genesis.ok) return fail(genesisTrouble(genesis.fault));
    this.#chain = new Chain(this.#crypto, genesis.value, this.#branchDepthMax, { archive: this.#archive });
    this.#chain.believesSignatures = true;
    return ok(undefined);
  }

  #takeFact(chain: Chain, { content, number, place }: Given): Result<void, JournalFault> {
    const fact = decodeFact(chain.context, content);
    if (!fact.ok) return fail({ code: "JOURNAL_BAD_FACT", record: number, fault: fact.fault });
    const { key } = fact.value;
    if (this.#archive.has(key)) return fail({ code: "JOURNAL_FACT_TWICE", record: number, fact: key });
    for (const each of [key, ...joinedIn(chain.context, content)]) this.#archive.note(each, place);
    this.#waiting.set(key, { fact: fact.value, number });
    return ok(undefined);
  }

  #takeBlock(chain: Chain, { content, number, place }: Given): Result<void, JournalFault> {
    const record = decodeBlockRecord(content);
    if (!record.ok) return badBlock(number, undefined, record.fault);
    const [headerBytes, ids, encoded, results] = record.value;
    const header = decodeHeader(chain.context, headerBytes);
    if (!header.ok) return badBlock(number, undefined, header.fault);
    const { serial } = header.value.header;
    if (chain.has(header.value.key)) return fail({ code: "JOURNAL_BLOCK_TWICE", record: number, serial });
    const facts: Fact[] = [];
    for (const id of ids) {
      const fact = this.#factOf(chain, toHex(id));
      if (fact === undefined) return fail({ code: "JOURNAL_FACT_MISSING", record: number, serial, fact: toHex(id) });
      facts.push(fact);
    }
    const objection = objectionToResults(chain, header.value, results);
    if (objection !== undefined) return badBlock(number, serial, objection);
    const certificates = decodeCertificates(encoded);
    if (!certificates.ok) return badBlock(number, serial, certificates.fault);
    for (const key of [header.value.key, ...addressesIn(results)]) this.#archive.note(key, place);
    const replayed = chain.replay({ ...header.value, certificates: certificates.value }, facts);
    if (!replayed.ok) return badBlock(number, serial, replayed.fault);
    this.#follow(replayed.value, number);
    this.#forgetOld(chain);
    return ok(undefined);
  }

  #takeCertificate(chain: Chain, { content, number }: Given): Result<void, JournalFault> {
    const taken = readCertificate(content, number, (certificate) => chain.replayCertificate(certificate));
    if (taken.ok && taken.value !== undefined) this.#follow(taken.value, number);
    this.#forgetOld(chain);
    return taken.ok ? ok(undefined) : taken;
  }

  /**
   * What is final is found in the archive, if anybody asks: a chain of years has hundreds of thousands of blocks. Where
   * nobody votes a branch may begin some way below the head; as far as that all stay.
   */
  #forgetOld(chain: Chain): void {
    const isVoting = chain.genesis.body.rules.finality !== "off";
    const newest = isVoting ? chain.final.serial - this.#blocksInMemory : chain.head.serial - this.#branchDepthMax;
    if (newest < chain.base.serial + this.#blocksInMemory) return;
    let first = chain.at(newest);
    // One whose state is kept, so that it need not be computed again: at most one interval of kept states before.
    while (first?.hasState === false) first = chain.at(first.serial - 1);
    if (first?.block !== undefined) chain.beginWith(first);
  }

  /** What waits after the head has moved. */
  #follow({ added, abandoned }: HeadChange, number: number): void {
    for (const fact of abandoned.flatMap((link) => link.block?.facts ?? [])) {
      this.#waiting.set(fact.key, { fact, number });
    }
    // Those of a block that is not the head's wait on: whoever sealed it may never be heard again (invariant S15).
    for (const fact of added.flatMap((link) => link.block?.facts ?? [])) this.#waiting.delete(fact.key);
  }

  /** A fact stands before its blocks: it waits, or another branch's block has taken it. */
  #factOf({ context }: Chain, key: string): Fact | undefined {
    return this.#waiting.get(key)?.fact ?? factIn(context, this.#archive, key);
  }

  /** What waits was let in once: the only faults that it can have are those of having come late, or beside another. */
  #firstUnsound(chain: Chain): JournalFault | undefined {
    const state = nextLayer(chain.head.state);
    for (const { fact, number } of this.#waiting.values()) {
      const applied = applyFact(state, fact, { ...chain.context, now: chain.head.sealedAt });
      if (applied.ok || MAY_BE_STORED.has(applied.fault.code)) continue;
      return { code: "JOURNAL_BAD_FACT", record: number, fault: applied.fault };
    }
    return undefined;
  }
}

interface Waiting {
  readonly fact: Fact;
  readonly number: number;
}

interface Given {
  readonly content: Uint8Array;
  /** Among the records, from 0. */
  readonly number: number;
  readonly place: RecordPlace;
}

type BlockTrouble = Extract<JournalFault, { readonly code: "JOURNAL_BAD_BLOCK" }>["fault"];

function badBlock(record: number, serial: number | undefined, fault: BlockTrouble): Result<void, JournalFault> {
  return fail({ code: "JOURNAL_BAD_BLOCK", record, serial, fault });
}
