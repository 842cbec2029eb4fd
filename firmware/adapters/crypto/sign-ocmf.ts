/** OCMF records of our own: the payload signed with the gateway's key, over SHA-256, the signature in DER. */
import { assert } from "#base/assert.ts";
import { fromHex, toHex } from "#base/bytes.ts";
import { SIGNATURE_BYTES, type Cryptography, type Signer } from "#core/identity/cryptography.ts";
import { encodeUtf8 } from "#core/wire/utf8.ts";
import { readDerSignature } from "./der-signature.ts";
import { toDer } from "./p256-form.ts";

/**
 * The one thing that a gateway's key signs without a purpose in front: readers of OCMF verify the bare payload. It can
 * stand for nothing else: a payload begins with `{`, and everything else that this key signs is the CBOR array of a
 * Sig_structure, whose first byte is 0x84 (core/wire/signed.ts).
 */
export function signOcmf(signer: Signer, payload: string): string {
  assert(
    payload.startsWith("{") && !payload.includes("|"),
    "a payload is one JSON object, without the sign that ends it",
  );
  return recordText(payload, signer.sign(encodeUtf8(payload)));
}

/** A record as it was read. */
export interface OwnOcmf {
  readonly text: string;
  readonly payload: string;
  readonly signature: { readonly data: string };
}

/** Whether a gateway has made this record: its signature holds, and every sign is as `signOcmf` writes it. */
export function holdsOwnOcmf(crypto: Cryptography, publicKey: Uint8Array, record: OwnOcmf): boolean {
  const der = readDerSignature(fromHex(record.signature.data) ?? new Uint8Array());
  if (der === undefined || der.r.length > SIGNATURE_BYTES / 2 || der.s.length > SIGNATURE_BYTES / 2) return false;
  const signature = new Uint8Array(SIGNATURE_BYTES);
  signature.set(der.r, SIGNATURE_BYTES / 2 - der.r.length);
  signature.set(der.s, SIGNATURE_BYTES - der.s.length);
  const isWrittenSo = record.payload.startsWith("{") && recordText(record.payload, signature) === record.text;
  return isWrittenSo && crypto.verify(publicKey, encodeUtf8(record.payload), signature);
}

function recordText(payload: string, signature: Uint8Array): string {
  const der = toHex(toDer(signature)).toUpperCase();
  return `OCMF|${payload}|{"SA":"ECDSA-secp256r1-SHA256","SD":"${der}"}`;
}
