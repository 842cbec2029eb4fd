/**
 * Reads a store that has not all blocks from before a state that was fetched or kept: what can be checked of it is
 * checked as if it were anybody's. The handoffs lead from the genesis to those who have made the state's block final,
 * its roots prove the state and which blocks were before it, and every block behind it is applied.
 */
import { equalBytes, toHex } from "#base/bytes.ts";
import { fail, ok, type Result } from "#base/result.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import { decodeCertificate } from "#core/finality/quorum-certificate.ts";
import { applyBlock } from "./apply-block.ts";
import { blockIn, blockOf } from "./archived-block.ts";
import type { Block, HeaderBody } from "./block.ts";
import { BRANCH_DEPTH_MAX } from "#core/limits.ts";
import { Chain } from "./chain.ts";
import { decodeFact, type FactContext } from "./fact.ts";
import { decodeGenesis, type Genesis } from "./genesis.ts";
import type { ReadJournal } from "./journal.ts";
import { contentOf, readStoredHeader, RECORD_KIND, type StoredBlock, type StoredHeader } from "./journal-record.ts";
import { merkleRoot } from "./merkle-tree.ts";
import { recordKeys } from "./record-keys.ts";
import type { RecordArchive } from "./record-archive.ts";
import { RecordsInHand } from "./records-in-hand.ts";
import { snapshotReaderFor } from "./resumed-journal.ts";
import { isMarkFrame } from "./snapshot-frame.ts";
import type { ReadSnapshot } from "./snapshot-reader.ts";
import { stateRoot } from "./state-root.ts";
import { checkFinal, trustAfter, trustOfGenesis } from "./trusted-committee.ts";
import { finalCertificates, vouchedBy } from "./vouched.ts";

export interface JoinedJournal extends ReadJournal {
  /** The block whose state is where it begins. */
  readonly from: number;
  /** From the genesis to those who have made it final. */
  readonly handoffs: number;
  /** Blocks from before it that are those of its chain, with all of their facts, and with some. */
  readonly old: { readonly whole: number; readonly part: number };
}

export interface JoinedFault {
  readonly code: "SNAPSHOT_DOES_NOT_HOLD";
  readonly reason: string;
}

/** Blocks behind the state's own in which the votes for it are looked for. */
const VOTES_WITHIN_BLOCKS = 64;

/** @param frames of one generation of snapshots, the newest that is whole */
export function readJoinedJournal(
  crypto: Cryptography,
  records: readonly Uint8Array[],
  frames: readonly Uint8Array[],
): Result<JoinedJournal, JoinedFault> {
  const [first = new Uint8Array()] = records;
  const genesis = decodeGenesis(crypto, contentOf(first));
  if (first[0] !== RECORD_KIND.genesis || !genesis.ok) return fault("no genesis");
  const context = { crypto, network: genesis.value.network };
  const archive = archiveOf(context, records);
  const reader = snapshotReaderFor({ crypto, genesis: genesis.value, archive });
  for (const frame of frames.slice(0, frames.findLastIndex(isMarkFrame) + 1)) reader.take(frame);
  const read = reader.finish();
  const block = read && blockIn(context, archive, toHex(read.mark.checkpoint.id));
  if (read === undefined || block === undefined) return fault("the state cannot be read, or its block is not stored");
  if (isWhole(context, records, block.header.serial)) return fault("no block before it is missing");
  const begun = beginAt(genesis.value, read, block, { crypto, archive });
  if (!begun.ok) return begun;
  const chain = begun.value;
  const facts = new Set<string>();
  const old = { whole: 0, part: 0 };
  for (const record of records) {
    const block = readStoredHeader(context, record);
    const before = block && oldBlockOf(chain, block);
    const taken = { record, header: block?.header.header };
    const objection = before === undefined ? takeRecord(chain, taken, archive, facts) : before.objection;
    if (objection !== undefined) return fault(objection);
    if (before !== undefined) old[before.stored.ids.every((id) => archive.has(toHex(id))) ? "whole" : "part"] += 1;
  }
  const unproven = objectionToFinal(chain, genesis.value, block);
  if (unproven !== undefined) return fault(unproven);
  return ok({ chain, facts: facts.size, from: block.header.serial, handoffs: read.handoffs.length, old });
}

/** Whether all blocks before one are stored: then they have to hold, too. */
function isWhole(context: FactContext, records: readonly Uint8Array[], before: number): boolean {
  const serials = new Set<number>();
  for (const record of records) {
    const read = readStoredHeader(context, record);
    if (read === undefined || read.stored.isPart) continue;
    const { serial } = read.header.header;
    if (serial < before) serials.add(serial);
  }
  return serials.size >= before - 1;
}

interface Reading {
  readonly crypto: Cryptography;
  readonly archive: RecordArchive;
}

function beginAt(
  genesis: Genesis,
  { state, ids, handoffs, mark }: ReadSnapshot,
  block: Block,
  { crypto, archive }: Reading,
): Result<Chain, JoinedFault> {
  const hash = (message: Uint8Array): Uint8Array => crypto.sha256(message);
  const { stateRoot: root, serial } = block.header;
  if (root === undefined || !equalBytes(stateRoot(hash, state), root)) return fault("the state has another root");
  if (ids.size !== serial) return fault("ids of blocks are missing");
  const all = Array.from({ length: serial }, (_, place) => ids.slice(place, place + 1));
  if (!equalBytes(merkleRoot(hash, all), block.header.logRoot)) return fault("the ids of blocks have another root");
  const applied = applyBlock(state, block, { crypto, network: genesis.network, verified: new WeakMap() });
  if (!applied.ok) return fault(`block ${serial}: ${applied.fault.code}`);
  const start = { block, state: applied.value.state, score: mark.score, ids };
  const chain = new Chain(crypto, genesis, BRANCH_DEPTH_MAX, { archive, start });
  chain.resume([]);
  chain.handoffs.begin(handoffs);
  return ok(chain);
}

interface OldBlock {
  readonly stored: StoredBlock;
  readonly objection: string | undefined;
}

/**
 * What is wrong with the record of a block from before the state's own that is of its chain. Undefined for any other
 * block, also one of a branch that was left.
 */
function oldBlockOf(chain: Chain, { stored, header: { header, key } }: StoredHeader): OldBlock | undefined {
  const { serial, factsRoot, resultsRoot } = header;
  if (serial >= chain.base.serial || chain.idAt(serial) !== key) return undefined;
  const rootOf = (leaves: readonly Uint8Array[]): Uint8Array =>
    merkleRoot((message) => chain.context.crypto.sha256(message), leaves);
  const isSame = equalBytes(rootOf(stored.ids), factsRoot) && equalBytes(rootOf(stored.results), resultsRoot);
  return { stored, objection: isSame ? undefined : `block ${serial}: other facts or results than its header says` };
}

/** What is wrong with a record; blocks that end before the state's own, or beside it, are not looked at. */
function takeRecord(
  chain: Chain,
  { record, header }: { readonly record: Uint8Array; readonly header: HeaderBody | undefined },
  archive: RecordArchive,
  facts: Set<string>,
): string | undefined {
  if (record[0] === RECORD_KIND.fact) {
    const fact = decodeFact(chain.context, contentOf(record));
    if (fact.ok) facts.add(fact.value.key);
    return fact.ok ? undefined : fact.fault.code;
  }
  if (record[0] === RECORD_KIND.certificate) {
    const certificate = decodeCertificate(contentOf(record));
    if (certificate.ok) chain.addCertificate(certificate.value);
    return certificate.ok ? undefined : certificate.fault.code;
  }
  if (record[0] !== RECORD_KIND.block) return undefined;
  if (header === undefined) return "a block cannot be read";
  // Beside the chain, or of a time when what is dropped now had not been.
  if (header.serial <= chain.base.serial) return undefined;
  const block = blockOf(chain.context, archive, record);
  if (block === undefined) return "the facts of a block are not stored";
  if (!chain.has(toHex(block.header.previous))) return undefined;
  const added = chain.addBlock(block, undefined);
  return added.ok || added.fault.code === "CHAIN_CONTRADICTS_FINAL" ? undefined : added.fault.code;
}

/** From the genesis to the votes that have made the block final. */
function objectionToFinal(chain: Chain, genesis: Genesis, block: Block): string | undefined {
  const context = { crypto: chain.context.crypto, genesis };
  const proven = { serial: block.header.serial, id: block.id };
  const [certificate] = finalCertificates(chain, proven.serial, proven.serial + VOTES_WITHIN_BLOCKS);
  const word = certificate && vouchedBy(chain, proven, certificate);
  if (certificate === undefined || word === undefined) return "no votes for its block are stored";
  const handoffs = chain.handoffs.from(0).slice(0, certificate.body.epoch);
  const { trust, fault: broken } = trustAfter(context, trustOfGenesis(context), handoffs);
  if (broken !== undefined) return `handoff ${trust.epoch}: ${broken.reason}`;
  // Keys that have changed since the last handoff are those of a state that its root proves.
  const members = { ...trust, members: chain.head.state };
  const final = checkFinal(context, members, { block: proven, word, rotations: [] });
  return final.ok ? undefined : final.fault.reason;
}

function archiveOf(context: FactContext, records: readonly Uint8Array[]): RecordArchive {
  const archive = new RecordsInHand(records);
  for (const [index, record] of records.entries()) {
    for (const key of recordKeys(context, record)) archive.note(key, index);
  }
  return archive;
}

function fault(reason: string): { readonly ok: false; readonly fault: JoinedFault } {
  return fail({ code: "SNAPSHOT_DOES_NOT_HOLD", reason });
}
