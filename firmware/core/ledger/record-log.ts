/**
 * The store of the ledger as the core and the services see it: an append-only log of records and a small register that
 * is replaced as a whole.
 *
 * What callers may rely on: `append` resolves only when the record, and every record appended before it, survives a
 * power cut; records come back in the order of their appends; a torn last record is dropped at open, damage before
 * valid records is reported, never skipped silently; after a rejected append the log refuses further ones.
 */
export interface RecordLog {
  /**
   * @param key the id, in hex, by which the record is to be had again
   * @param others further ids by which it is to be found; a later record takes them over
   */
  append(record: Uint8Array, key?: string, others?: readonly string[]): Promise<unknown>;
}

/** The safety register (two copies in turn): what must never be forgotten before something is signed. */
export interface SafetyRegister {
  /** The last value whose `write` resolved, or a later one; undefined when none was ever written. */
  readonly value: Uint8Array | undefined;
  /** Resolves when the value survives a power cut. */
  write(value: Uint8Array): Promise<void>;
}
