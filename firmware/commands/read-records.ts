/** How the records of a chain are read and judged. */
import type { Result } from "#base/result.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import { decodeGenesis } from "#core/ledger/genesis.ts";
import { readJournal, type JournalFault, type ReadJournal } from "#core/ledger/journal.ts";
import { contentOf } from "#core/ledger/journal-record.ts";
import { recordsInOrder } from "#core/ledger/records-in-order.ts";

/** By the asker's thread alone, or faster; the outcome is the same. */
export type ReadRecords = (
  records: readonly Uint8Array[],
) => Result<ReadJournal, JournalFault> | Promise<Result<ReadJournal, JournalFault>>;

export function readByOne(crypto: Cryptography): ReadRecords {
  return (records) => readJournal(crypto, records, "from anybody");
}

/** Of a store in which something rotted and was had from others since: that stands behind what builds on it. */
export function readInAnyOrder(crypto: Cryptography, read: ReadRecords): ReadRecords {
  return async (records) => {
    const found = await read(records);
    const genesis = found.ok ? undefined : decodeGenesis(crypto, contentOf(records[0] ?? new Uint8Array()));
    if (genesis?.ok !== true) return found;
    const again = await read(recordsInOrder({ crypto, network: genesis.value.network }, records));
    return again.ok ? again : found;
  };
}
