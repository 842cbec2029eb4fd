/**
 * A block: the paper's fields (transaction list, hash of the block before, serial, miner's id and signature) and the
 * roots that let a single fact or result be proven.
 */
import { toHex } from "#base/bytes.ts";
import { fail, ok, type Result } from "#base/result.ts";
import { HASH_BYTES } from "#core/identity/cryptography.ts";
import { checkpoint } from "#core/finality/checkpoint.ts";
import { decodeCertificate, type QuorumCertificate } from "#core/finality/quorum-certificate.ts";
import {
  BLOCK_BYTES_MAX,
  BLOCK_HEADER_BYTES_MAX,
  CERTIFICATE_BYTES_MAX,
  CERTIFICATES_PER_BLOCK_MAX,
  FACTS_PER_BLOCK_MAX,
  RESULT_BYTES_MAX,
  RESULTS_PER_BLOCK_MAX,
} from "#core/limits.ts";
import { ending, faultSide, NETWORK_BYTES } from "#core/session/facts.ts";
import { decodeCbor, encodeCbor, headBytes, isList, type CborFault, type CborValue } from "#core/wire/cbor.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import {
  bytes,
  choice,
  decodeShape,
  field,
  integer,
  optional,
  record,
  signed,
  tuple,
  unsigned,
  type ShapeFault,
  type ValueOf,
  type WireFault,
} from "#core/wire/schema.ts";
import { decodeSigned, idOf, type SignedFault } from "#core/wire/signed.ts";
import { decodeFact, type Fact, type FactContext, type FactDecodeFault } from "./fact.ts";

const hash = bytes(HASH_BYTES);

export const headerBody = record({
  version: field(1, integer(1, 1)),
  network: field(2, bytes(NETWORK_BYTES)),
  serial: field(3, integer(1, Number.MAX_SAFE_INTEGER)),
  previous: field(4, hash),
  factsRoot: field(5, hash),
  resultsRoot: field(6, hash),
  /** In checkpoints: root of the state that the block builds on, its parent's. */
  stateRoot: optional(7, hash),
  /** Root of the log of all block ids before this one, genesis first. */
  logRoot: field(8, hash),
  miner: field(9, hash),
  /** Place in the schedule of the parent, and the tier that place belongs to. */
  rank: field(10, tuple(integer(0, 0xffff), integer(0, 3))),
  slot: field(11, unsigned),
  sealedAt: field(12, unsigned),
  /** Where there are votes: the highest checkpoint that certificates in this chain, this block's included, justify. */
  justify: optional(13, checkpoint),
  factCount: field(14, integer(0, FACTS_PER_BLOCK_MAX)),
  codeVersion: field(15, unsigned),
  /** In the checkpoint at the end of an epoch: hash of the committee that its state names. */
  nextCommittee: optional(16, hash),
  /**
   * In a block with certificates: root of the links that they certify. Without it a copy that leaves one of them out
   * could say the same in `justify` and yet make less final.
   */
  linksRoot: optional(17, hash),
});
export type HeaderBody = ValueOf<typeof headerBody>;

/** How a transaction ended, written by the miner and recomputed by everybody. */
export const resultBody = record({
  address: field(1, hash),
  state: field(2, choice({ SETTLED: 1, DISPUTED: 2, ABANDONED: 3, CANCELLED: 4 })),
  stationMilliWh: field(3, unsigned),
  vehicleMilliWh: field(4, unsigned),
  billedMilliWh: field(5, unsigned),
  contestedMilliWh: field(6, unsigned),
  /** Minor units of the contract's currency. */
  amount: field(7, unsigned),
  verdict: field(8, choice({ AGREE: 1, INCONCLUSIVE: 2, DISAGREE: 3, "NOT-CAPABLE": 4, NONE: 5 })),
  /** Relative difference of the vehicle's amount from what the station's lets expect; limit from which it disagrees. */
  differencePpm: field(9, signed),
  rejectionLimitPpm: field(10, unsigned),
  /** Who fell silent: bit 0 the station, bit 1 the vehicle. */
  silent: field(11, integer(0, 3)),
  /** 1 for the first result of an address; a later fact may supersede it. */
  revision: field(12, integer(1, 255)),
  ending: field(13, ending),
  /** Whose fault it was, where an arbiter has ruled. */
  fault: field(14, faultSide),
});
export type ResultBody = ValueOf<typeof resultBody>;

export interface Block {
  readonly header: HeaderBody;
  /** The signed header as it travels. */
  readonly headerBytes: Uint8Array;
  readonly headerPayload: Uint8Array;
  readonly signature: Uint8Array;
  readonly id: Uint8Array;
  readonly key: string;
  readonly facts: readonly Fact[];
  readonly results: readonly Uint8Array[];
  /** What committees have signed about checkpoints before this block; none where nobody votes. */
  readonly certificates: readonly QuorumCertificate[];
}

/** What a block holds beside its header, as it is at hand when it is put together. */
export interface BlockContent {
  readonly facts: readonly Fact[];
  readonly results: readonly Uint8Array[];
  /** As they travel. */
  readonly certificates: readonly Uint8Array[];
}

export interface BlockTooLarge {
  readonly code: "BLOCK_TOO_LARGE";
  readonly bytes: number;
}

export type BlockDecodeFault = FactDecodeFault | CborFault | ShapeFault | SignedFault | BlockTooLarge;

/** `[header, [fact…], [result…], [certificate…]]` with each part as its own bytes. */
export function encodeBlock({ headerBytes, facts, results, certificates }: EncodedParts): Uint8Array {
  const bytesOf = (part: { readonly bytes: Uint8Array }): Uint8Array => part.bytes;
  return encodeCbor([headerBytes, facts.map(bytesOf), [...results], certificates.map(bytesOf)]);
}

/** How many bytes `encodeBlock` gives. */
export function encodedBlockBytes({ headerBytes, facts, results, certificates }: EncodedParts): number {
  const bytesOf = ({ length }: Uint8Array): number => headBytes(length) + length;
  let sum = headBytes(PARTS) + bytesOf(headerBytes);
  sum += headBytes(facts.length) + headBytes(results.length) + headBytes(certificates.length);
  for (const { bytes: fact } of facts) sum += bytesOf(fact);
  for (const result of results) sum += bytesOf(result);
  for (const { bytes: certificate } of certificates) sum += bytesOf(certificate);
  return sum;
}

/** Header, facts, results, certificates. */
const PARTS = 4;

type EncodedParts = Pick<Block, "headerBytes" | "facts" | "results" | "certificates">;

export function decodeBlock(context: FactContext, encoded: Uint8Array): Result<Block, BlockDecodeFault> {
  if (encoded.length > BLOCK_BYTES_MAX) return fail({ code: "BLOCK_TOO_LARGE", bytes: encoded.length });
  const item = decodeCbor(encoded);
  if (!item.ok) return item;
  const parts = isList(item.value) && item.value.length === 4 ? item.value : [];
  const [header, facts, results, certificates] = parts;
  if (!(header instanceof Uint8Array) || !isByteList(facts) || !isByteList(results) || !isByteList(certificates)) {
    return fail({ code: "WIRE_WRONG_SHAPE", path: "", expected: "[header, facts, results, certificates]" });
  }
  const decodedFacts: Fact[] = [];
  for (const bytesOfFact of facts) {
    const fact = decodeFact(context, bytesOfFact);
    if (!fact.ok) return fact;
    decodedFacts.push(fact.value);
  }
  return assembleBlock(context, header, { facts: decodedFacts, results, certificates });
}

/** Blocks in turn, up to the first that cannot be read. */
export function decodeBlocks(
  context: FactContext,
  encoded: readonly Uint8Array[],
): { readonly blocks: readonly Block[]; readonly fault: BlockDecodeFault["code"] | undefined } {
  const blocks: Block[] = [];
  for (const each of encoded) {
    const block = decodeBlock(context, each);
    if (!block.ok) return { blocks, fault: block.fault.code };
    blocks.push(block.value);
  }
  return { blocks, fault: undefined };
}

/** A block from its signed header and what it holds, all of which is at hand. */
export function assembleBlock(
  context: FactContext,
  headerBytes: Uint8Array,
  { facts, results, certificates: encoded }: BlockContent,
): Result<Block, BlockDecodeFault> {
  const head = decodeHeader(context, headerBytes);
  if (!head.ok) return head;
  if (facts.length > FACTS_PER_BLOCK_MAX || results.length > RESULTS_PER_BLOCK_MAX) {
    return fail({ code: "WIRE_WRONG_SHAPE", path: "facts", expected: "within the limits" });
  }
  if (results.some((result) => result.length > RESULT_BYTES_MAX)) {
    return fail({ code: "WIRE_WRONG_SHAPE", path: "results", expected: `at most ${RESULT_BYTES_MAX} bytes each` });
  }
  const certificates = decodeCertificates(encoded);
  return certificates.ok ? ok({ ...head.value, facts, results, certificates: certificates.value }) : certificates;
}

/** The certificates of a block of anybody's making; nothing is verified. */
export function decodeCertificates(
  encoded: readonly Uint8Array[],
): Result<readonly QuorumCertificate[], BlockDecodeFault> {
  if (encoded.length > CERTIFICATES_PER_BLOCK_MAX || encoded.some(({ length }) => length > CERTIFICATE_BYTES_MAX)) {
    return fail({ code: "WIRE_WRONG_SHAPE", path: "certificates", expected: "within the limits" });
  }
  const certificates: QuorumCertificate[] = [];
  for (const bytesOfCertificate of encoded) {
    const certificate = decodeCertificate(bytesOfCertificate);
    if (!certificate.ok) return certificate;
    certificates.push(certificate.value);
  }
  return ok(certificates);
}

export type Header = Omit<Block, "facts" | "results" | "certificates">;
/** A block as it is announced and stored: its facts are had by their ids, its results follow from them. */
export type BareBlock = Omit<Block, "facts" | "results">;

export function decodeHeader(context: FactContext, headerBytes: Uint8Array): Result<Header, WireFault | SignedFault> {
  if (headerBytes.length > BLOCK_HEADER_BYTES_MAX) {
    return fail({ code: "WIRE_WRONG_SHAPE", path: "header", expected: `at most ${BLOCK_HEADER_BYTES_MAX} bytes` });
  }
  const envelope = decodeSigned(headerBytes, 1);
  if (!envelope.ok) return envelope;
  const { payload, signatures } = envelope.value;
  const body = decodeShape(headerBody, payload);
  if (!body.ok) return body;
  const id = idOf(context.crypto, context.network, PURPOSE.HEADER, payload);
  const signature = signatures[0] ?? new Uint8Array();
  return ok({ header: body.value, headerBytes, headerPayload: payload, signature, id, key: toHex(id) });
}

function isByteList(item: CborValue | undefined): item is readonly Uint8Array[] {
  return item !== undefined && isList(item) && item.every((part) => part instanceof Uint8Array);
}
