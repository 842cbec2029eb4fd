/**
 * Reads a long chain with all cores. The asker's thread goes through the records as if every signature held, while all
 * threads verify what it has come across; what it found counts if they all do. If one does not, or anything else is
 * wrong, the records are read again one after the other, so that what is told is the first thing that is wrong.
 */
import type { Result } from "#base/result.ts";
import { collectingCryptography } from "#core/identity/collecting-cryptography.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import type { SignatureVerifier, VerificationRun } from "#core/identity/signature-verifier.ts";
import { readingJournal, readJournal, type JournalFault, type ReadJournal } from "#core/ledger/journal.ts";

/** Records whose signatures are verified together; two such batches are in memory at a time. */
const RECORDS_TOGETHER = 2048;
/** Fewer are read before a thread has started. */
export const WORTH_THREADS = 512;

export async function readOnAllCores(
  crypto: Cryptography,
  verifier: SignatureVerifier,
  records: readonly Uint8Array[],
): Promise<Result<ReadJournal, JournalFault>> {
  const read = records.length < WORTH_THREADS ? undefined : await readAhead(crypto, verifier, records);
  return read?.ok === true ? read : readJournal(crypto, records, "from anybody");
}

async function readAhead(
  crypto: Cryptography,
  verifier: SignatureVerifier,
  records: readonly Uint8Array[],
): Promise<Result<ReadJournal, JournalFault> | undefined> {
  const collecting = collectingCryptography(crypto);
  const reading = readingJournal(collecting, records, "from anybody");
  let before: VerificationRun | undefined;
  for (let count = 1; ; count += 1) {
    const step = reading.next();
    if (step.done !== true && count % RECORDS_TOGETHER !== 0) continue;
    const run = verifier.begin(collecting.take());
    if (before !== undefined && !(await before.finish())) return undefined;
    before = run;
    if (step.done === true) return (await before.finish()) ? step.value : undefined;
  }
}
