/**
 * Signatures that several threads verify together: all their bytes in one shared memory, and a counter from which each
 * thread takes the next few. So none waits for another, whichever has more of a processor to itself.
 */
import { PUBLIC_KEY_BYTES, SIGNATURE_BYTES, type Cryptography } from "#core/identity/cryptography.ts";
import type { SignatureJob } from "#core/identity/signature-verifier.ts";

/** Signatures that a thread takes at a time: some milliseconds of work. */
const PIECE = 32;
const [COUNT, NEXT, REFUSED, CONTROLS] = [0, 1, 2, 3];
/** Of one job: where its message begins and ends. */
const ENDS = 2;

/** As it travels between threads. Keys and signatures of other lengths than theirs are refused before it is made. */
export type VerificationBatch = SharedArrayBuffer;

/** Undefined when a key or a signature has a wrong length, so that not all can hold. */
export function packBatch(jobs: readonly SignatureJob[]): VerificationBatch | undefined {
  const isWhole = jobs.every(
    ({ publicKey, signature }) => publicKey.length === PUBLIC_KEY_BYTES && signature.length === SIGNATURE_BYTES,
  );
  if (!isWhole) return undefined;
  const head = 4 * (CONTROLS + ENDS * jobs.length);
  const messages = jobs.reduce((sum, { message }) => sum + message.length, 0);
  const batch = new SharedArrayBuffer(head + jobs.length * (PUBLIC_KEY_BYTES + SIGNATURE_BYTES) + messages);
  const { control, bytes } = viewsOf(batch);
  control[COUNT] = jobs.length;
  let place = head;
  for (const [index, { publicKey, signature, message }] of jobs.entries()) {
    bytes.set(publicKey, place);
    bytes.set(signature, place + PUBLIC_KEY_BYTES);
    const start = place + PUBLIC_KEY_BYTES + SIGNATURE_BYTES;
    bytes.set(message, start);
    place = start + message.length;
    control[CONTROLS + ENDS * index] = start;
    control[CONTROLS + ENDS * index + 1] = place;
  }
  return batch;
}

/** Verifies pieces until none is left or one signature was refused. */
export function verifyPieces(crypto: Cryptography, batch: VerificationBatch): void {
  const { control, bytes } = viewsOf(batch);
  const count = control[COUNT] ?? 0;
  while (Atomics.load(control, REFUSED) === 0) {
    const first = Atomics.add(control, NEXT, PIECE);
    if (first >= count) return;
    for (let index = first; index < Math.min(first + PIECE, count); index += 1) {
      const start = control[CONTROLS + ENDS * index] ?? 0;
      const signature = start - SIGNATURE_BYTES;
      const publicKey = bytes.subarray(signature - PUBLIC_KEY_BYTES, signature);
      const message = bytes.subarray(start, control[CONTROLS + ENDS * index + 1]);
      if (!crypto.verify(publicKey, message, bytes.subarray(signature, start))) Atomics.store(control, REFUSED, 1);
    }
  }
}

/** Once every thread has come back from it. */
export function allHeld(batch: VerificationBatch): boolean {
  return Atomics.load(viewsOf(batch).control, REFUSED) === 0;
}

function viewsOf(batch: VerificationBatch): { readonly control: Int32Array; readonly bytes: Uint8Array } {
  return { control: new Int32Array(batch, 0, Math.floor(batch.byteLength / 4)), bytes: new Uint8Array(batch) };
}
