/** A journal in memory that is read back as from flash: what is asked for again is counted. */
import type { Chain } from "#core/ledger/chain.ts";
import type { RecordArchive } from "#core/ledger/record-archive.ts";
import { StoredJournal } from "#core/ledger/stored-journal.ts";
import { crypto } from "./ledger-actors.ts";

export class MemoryArchive implements RecordArchive {
  readonly records: Uint8Array[] = [];
  readonly #places = new Map<string, number>();
  reads = 0;

  note(key: string, place: number): void {
    this.#places.set(key, place);
  }

  has(key: string): boolean {
    return this.#places.has(key);
  }

  hasRotten(): boolean {
    return false;
  }

  read(key: string): Uint8Array | undefined {
    this.reads += 1;
    return this.records[this.#places.get(key) ?? -1];
  }
}

/** @param blocksInMemory as of `StoredJournal` */
export function readStored(
  records: readonly Uint8Array[],
  blocksInMemory?: number,
): {
  readonly chain: Chain;
  readonly archive: MemoryArchive;
} {
  const archive = new MemoryArchive();
  archive.records.push(...records);
  const stored = new StoredJournal(crypto, archive, blocksInMemory);
  for (const [place, record] of records.entries()) {
    const taken = stored.take(record, place);
    if (!taken.ok) throw new Error(`bug of the test: ${JSON.stringify(taken.fault)}`);
  }
  const chain = stored.finish();
  if (!chain.ok) throw new Error(`bug of the test: ${JSON.stringify(chain.fault)}`);
  return { chain: chain.value, archive };
}
