/**
 * A block: the paper's fields (transaction list, hash of the block before, serial, miner's id and signature) and the
 * roots that let a single fact or result be proven.
 */
import { toHex } from "#base/bytes.ts";
import { fail, ok, type Result } from "#base/result.ts";
import { HASH_BYTES } from "#core/identity/cryptography.ts";
import {
  BLOCK_BYTES_MAX,
  BLOCK_HEADER_BYTES_MAX,
  FACTS_PER_BLOCK_MAX,
  RESULT_BYTES_MAX,
  RESULTS_PER_BLOCK_MAX,
} from "#core/limits.ts";
import { ending, faultSide, NETWORK_BYTES } from "#core/session/facts.ts";
import { decodeCbor, encodeCbor, isList, type CborFault, type CborValue } from "#core/wire/cbor.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import {
  bytes,
  choice,
  decodeShape,
  field,
  integer,
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
  // 7 is kept for the root of the state, in checkpoints.
  /** Root of the log of all block ids before this one, genesis first. */
  logRoot: field(8, hash),
  miner: field(9, hash),
  /** Place in the schedule of the parent, and the tier that place belongs to. */
  rank: field(10, tuple(integer(0, 0xffff), integer(0, 3))),
  slot: field(11, unsigned),
  sealedAt: field(12, unsigned),
  // 13 is kept for the checkpoint that this chain has justified, where there is finality.
  factCount: field(14, integer(0, FACTS_PER_BLOCK_MAX)),
  codeVersion: field(15, unsigned),
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
}

export interface BlockTooLarge {
  readonly code: "BLOCK_TOO_LARGE";
  readonly bytes: number;
}

export type BlockDecodeFault = FactDecodeFault | CborFault | ShapeFault | SignedFault | BlockTooLarge;

/** `[header, [fact…], [result…]]` with each part as its own bytes. */
export function encodeBlock(block: Pick<Block, "headerBytes" | "facts" | "results">): Uint8Array {
  return encodeCbor([block.headerBytes, block.facts.map((fact) => fact.bytes), [...block.results]]);
}

export function decodeBlock(context: FactContext, encoded: Uint8Array): Result<Block, BlockDecodeFault> {
  if (encoded.length > BLOCK_BYTES_MAX) return fail({ code: "BLOCK_TOO_LARGE", bytes: encoded.length });
  const item = decodeCbor(encoded);
  if (!item.ok) return item;
  const parts = isList(item.value) && item.value.length === 3 ? item.value : [];
  const [header, facts, results] = parts;
  if (!(header instanceof Uint8Array) || !isByteList(facts) || !isByteList(results)) {
    return fail({ code: "WIRE_WRONG_SHAPE", path: "", expected: "[header, facts, results]" });
  }
  const decodedFacts: Fact[] = [];
  for (const bytesOfFact of facts) {
    const fact = decodeFact(context, bytesOfFact);
    if (!fact.ok) return fact;
    decodedFacts.push(fact.value);
  }
  return assembleBlock(context, header, decodedFacts, results);
}

/** A block from its signed header and the facts and results that are at hand. */
export function assembleBlock(
  context: FactContext,
  headerBytes: Uint8Array,
  facts: readonly Fact[],
  results: readonly Uint8Array[],
): Result<Block, BlockDecodeFault> {
  const head = decodeHeader(context, headerBytes);
  if (!head.ok) return head;
  if (facts.length > FACTS_PER_BLOCK_MAX || results.length > RESULTS_PER_BLOCK_MAX) {
    return fail({ code: "WIRE_WRONG_SHAPE", path: "facts", expected: "within the limits" });
  }
  if (results.some((result) => result.length > RESULT_BYTES_MAX)) {
    return fail({ code: "WIRE_WRONG_SHAPE", path: "results", expected: `at most ${RESULT_BYTES_MAX} bytes each` });
  }
  return ok({ ...head.value, facts, results });
}

export type Header = Omit<Block, "facts" | "results">;

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
