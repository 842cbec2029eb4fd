/** Whether a snapshot says what the owner of a key has signed. */
import type { BsmSnapshot } from "./decode-snapshot.ts";
import { compressedKey, plainSignature } from "./signature-forms.ts";
import { FATAL_EVENTS } from "./snapshot-layout.ts";

/** ECDSA on P-256 over SHA-256: compressed key, message, r then s with s in its lower half. */
export type VerifyP256 = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean;

/** The signature alone. `publicKey` is a SubjectPublicKeyInfo in DER. */
export function holdsSignature(snapshot: BsmSnapshot, publicKey: Uint8Array, verify: VerifyP256): boolean {
  const key = compressedKey(publicKey);
  const signature = plainSignature(snapshot.signature);
  return key !== undefined && signature !== undefined && verify(key, snapshot.message, signature);
}

/** What the meter itself says against its signed values: empty when nothing. */
export function fatalEvents({ events }: BsmSnapshot): readonly string[] {
  return FATAL_EVENTS.filter(({ bit }) => ((events >>> bit) & 1) === 1).map(({ text }) => text);
}
