/** A journal in memory that is read back as from flash: what is asked for again is counted. */
import type { Chain } from "#core/ledger/chain.ts";
import { RecordsInHand } from "#core/ledger/records-in-hand.ts";
import { StoredJournal, type JournalDepths } from "#core/ledger/stored-journal.ts";
import { crypto } from "./ledger-actors.ts";

export class MemoryArchive extends RecordsInHand {
  readonly records: Uint8Array[];
  reads = 0;

  constructor() {
    const records: Uint8Array[] = [];
    super(records);
    this.records = records;
  }

  override read(key: string): Uint8Array | undefined {
    this.reads += 1;
    return super.read(key);
  }
}

export function readStored(
  records: readonly Uint8Array[],
  depths?: JournalDepths,
): {
  readonly chain: Chain;
  readonly archive: MemoryArchive;
} {
  const archive = new MemoryArchive();
  archive.records.push(...records);
  const stored = new StoredJournal(crypto, archive, depths);
  for (const [place, record] of records.entries()) {
    const taken = stored.take(record, place);
    if (!taken.ok) throw new Error(`bug of the test: ${JSON.stringify(taken.fault)}`);
  }
  const chain = stored.finish();
  if (!chain.ok) throw new Error(`bug of the test: ${JSON.stringify(chain.fault)}`);
  return { chain: chain.value, archive };
}
