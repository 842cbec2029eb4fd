/**
 * A chain as one file: the text `TALLY1/chain` and the records of a journal, as a CBOR array. Whoever gets it needs
 * nothing else to check it.
 *
 *     [ "TALLY1/chain", [ chunk… ] ]      chunk: the encoding of [ record… ] as a byte string
 *
 * A CBOR message has a most of items and a chain has none, hence the chunks. All but the last are full.
 */
import { fail, ok, type Result } from "#base/result.ts";
import type { Chain } from "#core/ledger/chain.ts";
import { isHeld } from "#core/ledger/stored-blocks.ts";
import { blockRecordOf, certificateRecord, factRecord, genesisRecord } from "#core/ledger/journal-record.ts";
import { decodeCbor, encodeCbor, isList, type CborFault, type CborValue } from "#core/wire/cbor.ts";

export const CHAIN_EXPORT_TITLE = "TALLY1/chain";

export const RECORDS_PER_CHUNK = 4096;

export interface ExportFault {
  readonly code: "EXPORT_NOT_A_CHAIN";
}

/** The blocks of the head's chain, each behind the facts that it holds, and the certificates that no block has yet. */
export function exportChain(chain: Chain): Uint8Array {
  const records: Uint8Array[] = [genesisRecord(chain.genesis)];
  for (let serial = 1; serial <= chain.head.state.serial; serial += 1) {
    const block = isHeld(chain, serial) ? chain.at(serial)?.block : undefined;
    if (block === undefined) continue;
    records.push(...block.facts.map(factRecord), blockRecordOf(block));
  }
  records.push(...chain.certificatesFor(chain.head).map(certificateRecord));
  records.push(...chain.certificatesFor(chain.head).map(certificateRecord));
  return encodeChainExport(records);
}

export function encodeChainExport(records: readonly Uint8Array[]): Uint8Array {
  const chunks = Array.from({ length: Math.ceil(records.length / RECORDS_PER_CHUNK) }, (_, index) =>
    encodeCbor(records.slice(index * RECORDS_PER_CHUNK, (index + 1) * RECORDS_PER_CHUNK)),
  );
  return encodeCbor([CHAIN_EXPORT_TITLE, chunks]);
}

/** The records, as `readJournal` takes them. Says nothing about what is in them. */
export function decodeChainExport(file: Uint8Array): Result<readonly Uint8Array[], ExportFault | CborFault> {
  const item = decodeCbor(file);
  if (!item.ok) return item;
  const [title, chunks] = isList(item.value) && item.value.length === 2 ? item.value : [];
  if (title !== CHAIN_EXPORT_TITLE || !isBytesList(chunks)) return NOT_A_CHAIN;
  const records: Uint8Array[] = [];
  for (const [index, chunk] of chunks.entries()) {
    const content = decodeCbor(chunk);
    if (!content.ok) return fail(withinFile(content.fault, file, chunks.slice(index)));
    const leastRecords = index < chunks.length - 1 ? RECORDS_PER_CHUNK : 1;
    if (!isBytesList(content.value) || !isBetween(content.value.length, leastRecords)) return NOT_A_CHAIN;
    records.push(...content.value);
  }
  return ok(records);
}

const NOT_A_CHAIN = fail({ code: "EXPORT_NOT_A_CHAIN" } as const);

function isBetween(count: number, least: number): boolean {
  return count >= least && count <= RECORDS_PER_CHUNK;
}

function isBytesList(item: CborValue | undefined): item is readonly Uint8Array[] {
  return item !== undefined && isList(item) && item.every((record) => record instanceof Uint8Array);
}

/** Where in the file it is: the file ends with the first of these chunks and those behind it. */
function withinFile(fault: CborFault, file: Uint8Array, chunks: readonly Uint8Array[]): CborFault {
  const behind = chunks.slice(1).reduce((sum, chunk) => sum + encodeCbor(chunk).length, 0);
  const start = file.length - behind - (chunks[0]?.length ?? 0);
  return { ...fault, offset: start + fault.offset };
}
