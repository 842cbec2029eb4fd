/**
 * Records that are on flash and not in memory: those of blocks that are no longer new. A ledger of years has some
 * hundred megabytes of them, a board has less, and hardly any is ever asked for again.
 *
 * What callers may rely on: a record that was noted can be read, at once, until the store is closed; it is exactly what
 * was appended. One that the medium has let rot counts as not here from the read that shows it, until it is appended
 * again. A medium that fails throws, as it does on a write.
 */
export interface RecordArchive {
  /** The record with this id, in hex, is durable at this place. */
  note(key: string, place: RecordPlace): void;
  has(key: string): boolean;
  read(key: string): Uint8Array | undefined;
  /** Whether a read has shown that the record is here and has rotted. */
  hasRotten(key: string): boolean;
}

/** Where the log has put a record: only the log can tell what the number means. */
export type RecordPlace = number;

/** Ids of what is in the journal: each thing is written once. */
export interface StoredKeys {
  has(key: string): boolean;
  add(key: string): unknown;
}
