/**
 * What makes a receipt show by itself that its block is final: the certificate by which a committee has made a later
 * checkpoint final, the path from the block to it, and the handoffs from the committee of the genesis to that one.
 */
import { assert } from "#base/assert.ts";
import { equalBytes, fromHex, toHex } from "#base/bytes.ts";
import { fail, ok, type Result } from "#base/result.ts";
import { committeeHash } from "#core/finality/committee.ts";
import { seatsOf, type Committees } from "#core/finality/finality-state.ts";
import { checkQuorum, decodeCertificate, type QuorumCertificate } from "#core/finality/quorum-certificate.ts";
import { HASH_BYTES, type Cryptography } from "#core/identity/cryptography.ts";
import { BLOCK_HEADER_BYTES_MAX, CERTIFICATE_BYTES_MAX, COMMITTEE_SEATS_MAX } from "#core/limits.ts";
import { decodeHeader, type Block } from "#core/ledger/block.ts";
import type { Chain } from "#core/ledger/chain.ts";
import { inclusionPath, provesInclusion } from "#core/ledger/merkle-tree.ts";
import { stateOfGenesis } from "#core/ledger/state.ts";
import type { Genesis } from "#core/ledger/genesis.ts";
import { bytes, decodeShape, encodeShape, field, list, optional, record, type ValueOf } from "#core/wire/schema.ts";
import type { SealedFinality } from "./sealed-finality.ts";

/** A longer way from the genesis is not carried: the receipt then says on whose word it relies. */
const HANDOFFS_MAX = 64;
const PATH_MAX = 53;

const dids = list(bytes(HASH_BYTES), COMMITTEE_SEATS_MAX, 1);

/** That a block is final. */
const vouched = record({
  certificate: field(1, bytes(1, CERTIFICATE_BYTES_MAX)),
  /** Header of the certificate's source, which the certificate makes final; absent where it is the block itself. */
  checkpoint: optional(2, bytes(1, BLOCK_HEADER_BYTES_MAX)),
  /** From the block to the checkpoint's `logRoot`. */
  path: field(3, list(bytes(HASH_BYTES), PATH_MAX)),
});

const handoff = record({
  /** Header of the checkpoint that names the next committee. */
  boundary: field(1, bytes(1, BLOCK_HEADER_BYTES_MAX)),
  committee: field(2, dids),
  vouched: field(3, vouched),
});

const finalityProof = record({
  vouched: field(1, vouched),
  /** All of them, from the committee of the genesis on; or none, and the committees as whoever made this knew them. */
  handoffs: field(2, list(handoff, HANDOFFS_MAX)),
  claimed: optional(3, record({ forward: field(1, dids), rear: field(2, dids) })),
});

type Vouched = ValueOf<typeof vouched>;

export interface MadeProof {
  readonly bytes: Uint8Array;
  /** By dids in hex: whose keys a reader needs. */
  readonly voters: ReadonlySet<string>;
}

/** The proof for a block of the head's chain; undefined while the chain makes nothing at or behind it final. */
export function makeFinalityProof(chain: Chain, block: Block): MadeProof | undefined {
  const finals = finalCertificates(chain, block.header.serial);
  const [first] = finals.filter(({ body }) => body.source.serial >= block.header.serial);
  const way = first === undefined ? undefined : handoffsTo(chain, first.body.epoch);
  if (first === undefined || way === undefined) return undefined;
  const own = vouchedBy(chain, block, first);
  const { committees, handoffs } = way;
  const [rear, forward] = [committees.at(-2) ?? committees.at(-1), committees.at(-1)];
  if (own === undefined || rear === undefined || forward === undefined) return undefined;
  const isWhole = handoffs.length <= HANDOFFS_MAX;
  const asBytes = (committee: readonly string[]): readonly Uint8Array[] => committee.map(didBytes);
  const proof = encodeShape(finalityProof, {
    vouched: own,
    handoffs: isWhole ? handoffs : [],
    ...(isWhole ? {} : { claimed: { forward: asBytes(forward), rear: asBytes(rear) } }),
  });
  return { bytes: proof, voters: new Set((isWhole ? committees : [forward, rear]).flat()) };
}

export interface ProofFault {
  readonly code: "FINALITY_UNREADABLE" | "FINALITY_NOT_PROVEN";
  readonly reason: string;
}

/** Whose word a proof is checked against. */
export interface ProofContext {
  readonly crypto: Cryptography;
  readonly genesis: Genesis;
  /** All keys that a member has had, by its did in hex. */
  readonly keysOf: (did: string) => readonly Uint8Array[];
}

/** What a proof shows of the block with this serial and id. */
export function checkFinalityProof(
  context: ProofContext,
  block: { readonly serial: number; readonly id: Uint8Array },
  encoded: Uint8Array,
): Result<SealedFinality, ProofFault> {
  const proof = decodeShape(finalityProof, encoded);
  if (!proof.ok) return unreadable(proof.fault.code);
  const { crypto, genesis } = context;
  const committees = [stateOfGenesis(crypto, genesis).finality.committees.at(-1) ?? []];
  for (const { boundary, committee, vouched: word } of proof.value.handoffs) {
    const header = decodeHeader({ crypto, network: genesis.network }, boundary);
    if (!header.ok) return unreadable(`boundary: ${header.fault.code}`);
    const next = committee.map(toHex);
    const { serial, nextCommittee } = header.value.header;
    const named = committeeHash((message) => crypto.sha256(message), next);
    if (nextCommittee === undefined || !equalBytes(nextCommittee, named)) return unproven("another committee is named");
    const certified = checkVouched(context, { serial, id: header.value.id }, { word, committees });
    if (!certified.ok) return certified;
    committees.push(next);
  }
  const { claimed, vouched: word } = proof.value;
  if (claimed === undefined) {
    const certified = checkVouched(context, block, { word, committees });
    if (!certified.ok) return certified;
    return ok({ kind: "final", voters: committees.at(-1)?.length ?? 0 });
  }
  const named = { forward: claimed.forward.map(toHex), rear: claimed.rear.map(toHex) };
  const certified = checkVouched(context, block, { word, committees: named });
  if (!certified.ok) return certified;
  const { epoch, signatures } = certified.value.body;
  return ok({ kind: "claimed", signed: signatures.length, voters: seatsOf(named).length, epoch });
}

interface Word {
  readonly word: Vouched;
  /** Of each epoch from 0 on, or the two that are claimed for the certificate's own. */
  readonly committees: readonly (readonly string[])[] | Committees;
}

/** Whether a certificate of the last of these committees makes the block final: itself, or a checkpoint behind it. */
function checkVouched(
  { crypto, genesis, keysOf }: ProofContext,
  block: { readonly serial: number; readonly id: Uint8Array },
  { word, committees }: Word,
): Result<QuorumCertificate, ProofFault> {
  const certificate = decodeCertificate(word.certificate);
  if (!certificate.ok) return unreadable(`certificate: ${certificate.fault.code}`);
  const { epoch, source, target } = certificate.value.body;
  const { network, body } = genesis;
  if (target.serial !== source.serial + body.rules.checkpointBlocks) return unproven("the votes make nothing final");
  const both = "forward" in committees ? committees : committeesAt(committees, epoch);
  if (both === undefined) return unproven(`the voters of epoch ${epoch} are not shown`);
  if (both.forward.length === 0) return unproven("nobody votes in this region");
  const quorum = checkQuorum({ crypto, network, keysOf }, both, certificate.value);
  if (!quorum.ok) return unproven(quorum.fault.code);
  if (word.checkpoint === undefined) {
    const isItself = source.serial === block.serial && equalBytes(source.id, block.id);
    return isItself ? certificate : unproven("the votes are for another block");
  }
  const header = decodeHeader({ crypto, network }, word.checkpoint);
  if (!header.ok) return unreadable(`checkpoint: ${header.fault.code}`);
  const { id, header: checkpoint } = header.value;
  if (!equalBytes(id, source.id) || checkpoint.serial !== source.serial) {
    return unproven("the votes are for another checkpoint");
  }
  const inclusion = { leaf: block.id, index: block.serial, size: checkpoint.serial, path: word.path };
  const isBehind = provesInclusion((message) => crypto.sha256(message), inclusion, checkpoint.logRoot);
  return isBehind ? certificate : unproven("the checkpoint does not stand on the block");
}

/** Only the newest epoch that is shown counts: its committee follows from all before it. */
function committeesAt(committees: readonly (readonly string[])[], epoch: number): Committees | undefined {
  const forward = committees.at(-1);
  if (forward === undefined || epoch !== committees.length - 1) return undefined;
  return { forward, rear: committees.at(-2) ?? forward };
}

interface Way {
  /** Of each epoch up to the wanted one. */
  readonly committees: readonly (readonly string[])[];
  readonly handoffs: readonly ValueOf<typeof handoff>[];
}

/** The handoffs of this chain up to the committee of an epoch; undefined when it does not have them all. */
function handoffsTo(chain: Chain, epoch: number): Way | undefined {
  const committees = [stateOfGenesis(chain.context.crypto, chain.genesis).finality.committees.at(-1) ?? []];
  const handoffs: ValueOf<typeof handoff>[] = [];
  for (let serial = 1; handoffs.length < epoch && serial <= chain.head.serial; serial += 1) {
    const link = chain.at(serial);
    const block = link?.block;
    const next = block?.header.nextCommittee === undefined ? undefined : link?.state.finality.next;
    if (block === undefined || next === undefined) continue;
    const certificate = finalCertificates(chain, serial).find(({ body }) => body.epoch === handoffs.length);
    const word = certificate === undefined ? undefined : vouchedBy(chain, block, certificate);
    if (word === undefined) return undefined;
    handoffs.push({ boundary: block.headerBytes, committee: next.map(didBytes), vouched: word });
    committees.push(next);
  }
  return handoffs.length === epoch ? { committees, handoffs } : undefined;
}

/** Those that make the checkpoint at this serial or one behind it final, the nearest first: of its blocks, or heard. */
function finalCertificates(chain: Chain, serial: number): readonly QuorumCertificate[] {
  const { checkpointBlocks } = chain.genesis.body.rules;
  const inBlocks = Array.from(
    { length: chain.head.serial - serial },
    (_, place) => chain.at(serial + 1 + place)?.block?.certificates ?? [],
  ).flat();
  return [...inBlocks, ...chain.certificatesAbove(serial)]
    .filter(({ body: { source, target } }) => {
      const at = chain.at(source.serial);
      const isAdjacent = target.serial === source.serial + checkpointBlocks;
      return source.serial >= serial && isAdjacent && at !== undefined && equalBytes(at.id, source.id);
    })
    .sort((left, right) => left.body.source.serial - right.body.source.serial);
}

function vouchedBy(
  chain: Chain,
  block: Block,
  { bytes: certificate, body: { source } }: QuorumCertificate,
): Vouched | undefined {
  if (source.serial === block.header.serial) return { certificate, path: [] };
  const checkpoint = chain.at(source.serial)?.block?.headerBytes;
  if (checkpoint === undefined) return undefined;
  const ids = Array.from({ length: source.serial }, (_, serial) => chain.at(serial)?.id ?? new Uint8Array());
  const path = inclusionPath((message) => chain.context.crypto.sha256(message), ids, block.header.serial);
  return { certificate, checkpoint, path };
}

function didBytes(did: string): Uint8Array {
  const found = fromHex(did);
  assert(found?.length === HASH_BYTES, "a member's key is its did in hex");
  return found;
}

function unreadable(reason: string): { readonly ok: false; readonly fault: ProofFault } {
  return fail({ code: "FINALITY_UNREADABLE", reason });
}

function unproven(reason: string): { readonly ok: false; readonly fault: ProofFault } {
  return fail({ code: "FINALITY_NOT_PROVEN", reason });
}
