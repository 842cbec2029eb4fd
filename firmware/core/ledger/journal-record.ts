/**
 * What a gateway keeps of the ledger, record by record, in the order in which it became durable. The first byte of a
 * record says what it is:
 *
 *     G  genesis, once, first
 *     F  a fact as it travels
 *     B  a block: [header, [id of fact…]] in CBOR; its facts stand before it
 *
 * A fact is stored once, however many branches hold it. Results are not stored: they follow from the facts, and the
 * header commits to them.
 */
import { concatBytes } from "#base/bytes.ts";
import type { Result } from "#base/result.ts";
import { HASH_BYTES } from "#core/identity/cryptography.ts";
import { BLOCK_HEADER_BYTES_MAX, FACTS_PER_BLOCK_MAX } from "#core/limits.ts";
import { bytes, decodeShape, encodeShape, list, tuple, type ValueOf, type WireFault } from "#core/wire/schema.ts";
import type { Block } from "./block.ts";
import type { Fact } from "./fact.ts";
import type { Genesis } from "./genesis.ts";

export const RECORD_KIND = { genesis: 0x47, fact: 0x46, block: 0x42 } as const;

const blockRecord = tuple(bytes(1, BLOCK_HEADER_BYTES_MAX), list(bytes(HASH_BYTES), FACTS_PER_BLOCK_MAX));

export function genesisRecord(genesis: Genesis): Uint8Array {
  return concatBytes(Uint8Array.of(RECORD_KIND.genesis), genesis.bytes);
}

export function factRecord(fact: Fact): Uint8Array {
  return concatBytes(Uint8Array.of(RECORD_KIND.fact), fact.bytes);
}

export function blockRecordOf(block: Block): Uint8Array {
  const ids = block.facts.map((fact) => fact.id);
  return concatBytes(Uint8Array.of(RECORD_KIND.block), encodeShape(blockRecord, [block.headerBytes, ids]));
}

/** What stands behind the byte that says which kind it is. */
export function contentOf(record: Uint8Array): Uint8Array {
  return record.subarray(1);
}

/** Signed header and ids of the facts. */
export function decodeBlockRecord(content: Uint8Array): Result<ValueOf<typeof blockRecord>, WireFault> {
  return decodeShape(blockRecord, content);
}
