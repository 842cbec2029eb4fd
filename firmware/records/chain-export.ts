/**
 * A chain as one file: the text `TALLY1/chain` and the records of a journal, as a CBOR array. Whoever gets it needs
 * nothing else to check it.
 */
import { fail, ok, type Result } from "#base/result.ts";
import type { Chain } from "#core/ledger/chain.ts";
import { blockRecordOf, factRecord, genesisRecord } from "#core/ledger/journal.ts";
import { decodeCbor, encodeCbor, isList, type CborFault, type CborValue } from "#core/wire/cbor.ts";

export const CHAIN_EXPORT_TITLE = "TALLY1/chain";

export interface ExportFault {
  readonly code: "EXPORT_NOT_A_CHAIN";
}

/** The blocks of the head's chain, each behind the facts that it holds. */
export function exportChain(chain: Chain): Uint8Array {
  const records: Uint8Array[] = [genesisRecord(chain.genesis)];
  for (let serial = 1; serial <= chain.head.state.serial; serial += 1) {
    const block = chain.at(serial)?.block;
    if (block === undefined) continue;
    records.push(...block.facts.map(factRecord), blockRecordOf(block));
  }
  return encodeCbor([CHAIN_EXPORT_TITLE, records]);
}

/** The records, as `readJournal` takes them. Says nothing about what is in them. */
export function decodeChainExport(file: Uint8Array): Result<readonly Uint8Array[], ExportFault | CborFault> {
  const item = decodeCbor(file);
  if (!item.ok) return item;
  const [title, records] = isList(item.value) && item.value.length === 2 ? item.value : [];
  if (title !== CHAIN_EXPORT_TITLE || !isRecordList(records)) return fail({ code: "EXPORT_NOT_A_CHAIN" });
  return ok(records);
}

function isRecordList(item: CborValue | undefined): item is readonly Uint8Array[] {
  return item !== undefined && isList(item) && item.every((record) => record instanceof Uint8Array);
}
