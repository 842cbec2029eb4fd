/**
 * The start from a snapshot: the state is held against the header of its block, and only what came later is read. What
 * does not fit makes it undefined, never wrong: then an older snapshot is tried, and at last the whole journal is read.
 *
 * Records that have rotted, and what builds on them, are left out. They are had from others, and appended again: so a
 * block may stand in the log before its parent.
 */
import { equalBytes, toHex } from "#base/bytes.ts";
import { decodeCertificate, type QuorumCertificate } from "#core/finality/quorum-certificate.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import type { ReportBody } from "#core/session/facts.ts";
import { replayBlock, type LedgerContext } from "./apply-block.ts";
import { blockIn, factIn } from "./archived-block.ts";
import { BRANCH_DEPTH_MAX } from "#core/limits.ts";
import type { Block } from "./block.ts";
import { Chain, type HeadChange } from "./chain.ts";
import type { Fact } from "./fact.ts";
import type { Genesis } from "./genesis.ts";
import { contentOf, RECORD_KIND } from "./journal-record.ts";
import { recordKeys } from "./record-keys.ts";
import type { RecordArchive } from "./record-archive.ts";
import { idsIn, SnapshotReader, type ReadSnapshot } from "./snapshot-reader.ts";
import { stateOfGenesis } from "./state.ts";
import type { ChainStart } from "./stored-blocks.ts";

export interface ResumeParts {
  readonly crypto: Cryptography;
  readonly genesis: Genesis;
  readonly archive: RecordArchive;
}

/** A reader of frames whose open charges get their reports from the archive. */
export function snapshotReaderFor(parts: ResumeParts): SnapshotReader {
  const context = believing(parts);
  const reportsUpTo = (head: Uint8Array, openId: Uint8Array): readonly ReportBody[] | undefined => {
    const reports: ReportBody[] = [];
    for (let id = head; !equalBytes(id, openId);) {
      const fact = factIn(context, parts.archive, toHex(id));
      if (fact?.kind !== "REPORT") return undefined;
      reports.unshift(fact.body);
      id = fact.body.previous;
    }
    return reports;
  };
  return new SnapshotReader(stateOfGenesis(parts.crypto, parts.genesis), parts.crypto, reportsUpTo);
}

export class ResumedJournal {
  readonly #parts: ResumeParts;
  readonly #chain: Chain;
  readonly #waiting = new Map<string, Fact>();
  /** Facts of the head's chain since the start. */
  readonly #placed = new Set<string>();
  /** Blocks that did not stand when their turn came, by ids in hex; and what certifies blocks that are not here. */
  readonly #left = new Set<string>();
  readonly #leftCertificates: QuorumCertificate[] = [];

  private constructor(parts: ResumeParts, start: ChainStart | undefined) {
    this.#parts = parts;
    this.#chain = new Chain(parts.crypto, parts.genesis, BRANCH_DEPTH_MAX, { archive: parts.archive, start });
    this.#chain.believesSignatures = true;
  }

  /** Undefined when the snapshot is not the state that its block builds on, or what it speaks of is not stored. */
  static begin(parts: ResumeParts, { state, ids, mark, handoffs }: ReadSnapshot): ResumedJournal | undefined {
    const { genesis } = parts;
    // Without them nobody could be shown how the present voters came to vote.
    if (handoffs.length < state.finality.epoch) return undefined;
    const context = believing(parts);
    const block = blockIn(context, parts.archive, toHex(mark.checkpoint.id));
    const isRegion = equalBytes(mark.genesisId, genesis.id);
    if (!isRegion || block?.header.stateRoot === undefined || ids.size !== block.header.serial) return undefined;
    const replayed = replayBlock(state, block, context);
    if (!replayed.ok) return undefined;
    const journal = new ResumedJournal(parts, { block, state: replayed.value.state, score: mark.score, ids });
    journal.#chain.handoffs.begin(handoffs);
    for (const id of idsIn(mark.later)) if (!journal.#takeBlock(id)) return undefined;
    for (const bytes of mark.certificates) journal.#takeCertificate(bytes);
    for (const id of idsIn(mark.waiting)) journal.#takeFact(id);
    return journal;
  }

  /** With no snapshot, all records will be given. */
  static fromGenesis(parts: ResumeParts): ResumedJournal {
    return new ResumedJournal(parts, undefined);
  }

  /**
   * A record from the mark's place on, undefined for one that has just been found to have rotted. Some of them the mark
   * may have told already.
   */
  take(record: Uint8Array | undefined): void {
    if (record === undefined) return;
    const [key = ""] = recordKeys(this.#chain.context, record);
    if (record[0] === RECORD_KIND.fact) this.#takeFact(key);
    else if (record[0] === RECORD_KIND.block && !this.#takeBlock(key)) this.#left.add(key);
    else if (record[0] === RECORD_KIND.certificate) this.#takeCertificate(contentOf(record));
  }

  /** What is on flash and could not be taken: something that it builds on has rotted. To be asked after `finish`. */
  get left(): LeftRecords {
    return { blocks: [...this.#left], certificates: this.#leftCertificates };
  }

  finish(): Chain {
    for (let count = -1; count !== this.#left.size;) {
      count = this.#left.size;
      for (const key of [...this.#left]) if (this.#takeBlock(key)) this.#left.delete(key);
    }
    this.#chain.resume([...this.#waiting.values()]);
    this.#chain.believesSignatures = false;
    return this.#chain;
  }

  #takeFact(key: string): void {
    const fact = this.#placed.has(key) ? undefined : factIn(this.#chain.context, this.#parts.archive, key);
    if (fact !== undefined) this.#waiting.set(key, fact);
  }

  /** False when it is not here, or does not stand: beside what is final there may be blocks that lead nowhere. */
  #takeBlock(key: string): boolean {
    return this.#pathTo(key)?.every((block) => this.#replay(block)) ?? false;
  }

  /**
   * The block, behind those that it builds on and that are not in the chain yet, oldest first. The mark tells the
   * blocks of the head's chain: others may stand before its place, and one of them may be what the head's chain has
   * gone on from. Undefined when one of them is not here, or did not stand when its turn came.
   */
  #pathTo(key: string): readonly Block[] | undefined {
    const path: Block[] = [];
    for (let next = key; !this.#chain.has(next);) {
      if (next !== key && this.#left.has(next)) return undefined;
      const block = blockIn(this.#chain.context, this.#parts.archive, next);
      // What does not begin above the block with which this has begun is beside what is final.
      if (block === undefined || (next !== key && block.header.serial <= this.#chain.base.serial)) return undefined;
      path.push(block);
      next = toHex(block.header.previous);
    }
    return path.reverse();
  }

  #replay(block: Block): boolean {
    const replayed = this.#chain.replay(block, block.facts);
    if (replayed.ok) this.#follow(replayed.value);
    return replayed.ok;
  }

  #takeCertificate(bytes: Uint8Array): void {
    const certificate = decodeCertificate(bytes);
    if (!certificate.ok) return;
    const replay = (): ReturnType<Chain["replayCertificate"]> => this.#chain.replayCertificate(certificate.value);
    let taken = replay();
    const lacksTarget = !taken.ok && taken.fault.code === "VOTE_UNKNOWN_TARGET";
    if (lacksTarget && this.#takeBlock(toHex(certificate.value.body.target.id))) taken = replay();
    if (taken.ok) this.#follow(taken.value);
    else if (taken.fault.code === "VOTE_UNKNOWN_TARGET") this.#leftCertificates.push(certificate.value);
  }

  #follow({ added, abandoned }: HeadChange): void {
    for (const fact of abandoned.flatMap((link) => link.block?.facts ?? [])) {
      this.#placed.delete(fact.key);
      this.#waiting.set(fact.key, fact);
    }
    for (const { key } of added.flatMap((link) => link.block?.facts ?? [])) {
      this.#placed.add(key);
      this.#waiting.delete(key);
    }
  }
}

/** Of what rotted somebody else may have a copy; then it stands again. */
export interface LeftRecords {
  /** Ids in hex. */
  readonly blocks: readonly string[];
  readonly certificates: readonly QuorumCertificate[];
}

export const NOTHING_LEFT: LeftRecords = { blocks: [], certificates: [] };

function believing({ crypto, genesis }: ResumeParts): LedgerContext {
  const believed = Object.assign(Object.create(crypto) as Cryptography, { verify: () => true });
  return { crypto: believed, network: genesis.network, verified: new WeakMap() };
}
