/**
 * Signatures that other makers' devices have made: ECDSA on the curves of OCMF, over SHA-256, on node:crypto (OpenSSL).
 * Nothing of our own is verified here.
 */
import { createPublicKey, ECDH, verify, type KeyObject } from "node:crypto";
import { concatBytes, equalBytes, fromHex } from "#base/bytes.ts";
import { assert } from "#base/assert.ts";
import { readDerSignature, writeDerSignature } from "./der-signature.ts";

export type ForeignCurve =
  "secp192k1" | "secp256k1" | "secp192r1" | "secp256r1" | "secp384r1" | "brainpool256r1" | "brainpool384r1";

/** `invalid`: key and signature can be read, and this key has not signed this message. */
export type ForeignVerdict = "valid" | "invalid" | "key-unreadable" | "key-of-another-curve" | "signature-unreadable";

export interface ForeignSigned {
  readonly curve: ForeignCurve;
  /** SubjectPublicKeyInfo (RFC 5480) in DER, or a bare point: with its leading byte or without. */
  readonly publicKey: Uint8Array;
  readonly message: Uint8Array;
  /** SEQUENCE { INTEGER r, INTEGER s } in DER. */
  readonly signature: Uint8Array;
}

/** Never throws, whatever the bytes. */
export function verifyForeign({ curve, publicKey, message, signature }: ForeignSigned): ForeignVerdict {
  const key = keyOf(curve, publicKey);
  if (key === undefined) return "key-unreadable";
  if (key.asymmetricKeyDetails?.namedCurve !== CURVES[curve].openssl) return "key-of-another-curve";
  const values = readDerSignature(signature);
  if (values === undefined) return "signature-unreadable";
  try {
    return verify("sha256", message, key, writeDerSignature(values)) ? "valid" : "invalid";
  } catch {
    return "invalid";
  }
}

/** SubjectPublicKeyInfo of an uncompressed or compressed point. */
export function publicKeyInfo(curve: ForeignCurve, point: Uint8Array): Uint8Array {
  const { algorithm } = CURVES[curve];
  const bits = element(0x03, concatBytes(Uint8Array.of(0), point));
  return element(0x30, concatBytes(element(0x30, concatBytes(EC_PUBLIC_KEY, algorithm)), bits));
}

/** SubjectPublicKeyInfo of a gateway's compressed key, with the point written out: the form that every reader takes. */
export function gatewayKeyInfo(publicKey: Uint8Array): Uint8Array {
  const point = ECDH.convertKey(publicKey, CURVES.secp256r1.openssl, undefined, undefined, "uncompressed");
  assert(point instanceof Uint8Array, "a point as bytes");
  return publicKeyInfo("secp256r1", Uint8Array.from(point));
}

interface CurveForm {
  /** As OpenSSL names it. */
  readonly openssl: string;
  /** Its object identifier in DER (SEC 2, RFC 5639). */
  readonly algorithm: Uint8Array;
  readonly coordinateBytes: number;
}

const CURVES: Readonly<Record<ForeignCurve, CurveForm>> = {
  secp192k1: { openssl: "secp192k1", algorithm: hex("06052b8104001f"), coordinateBytes: 24 },
  secp256k1: { openssl: "secp256k1", algorithm: hex("06052b8104000a"), coordinateBytes: 32 },
  secp192r1: { openssl: "prime192v1", algorithm: hex("06082a8648ce3d030101"), coordinateBytes: 24 },
  secp256r1: { openssl: "prime256v1", algorithm: hex("06082a8648ce3d030107"), coordinateBytes: 32 },
  secp384r1: { openssl: "secp384r1", algorithm: hex("06052b81040022"), coordinateBytes: 48 },
  brainpool256r1: { openssl: "brainpoolP256r1", algorithm: hex("06092b2403030208010107"), coordinateBytes: 32 },
  brainpool384r1: { openssl: "brainpoolP384r1", algorithm: hex("06092b240303020801010b"), coordinateBytes: 48 },
};

/** The object identifier of id-ecPublicKey. */
const EC_PUBLIC_KEY = hex("06072a8648ce3d0201");
/** No public key on these curves is longer. */
const KEY_BYTES_MAX = 512;

function keyOf(curve: ForeignCurve, publicKey: Uint8Array): KeyObject | undefined {
  const info = isPoint(curve, publicKey) ? publicKeyInfo(curve, leading(curve, publicKey)) : publicKey;
  if (info.length > KEY_BYTES_MAX) return undefined;
  try {
    const key = createPublicKey({ key: Buffer.from(info), format: "der", type: "spki" });
    // OpenSSL reads keys that nobody would write so. A key that can be written in two ways can be changed unseen.
    const again = key.asymmetricKeyType === "ec" ? key.export({ format: "der", type: "spki" }) : new Uint8Array();
    return equalBytes(again, info) ? key : undefined;
  } catch {
    return undefined;
  }
}

function isPoint(curve: ForeignCurve, bytes: Uint8Array): boolean {
  const { coordinateBytes } = CURVES[curve];
  const [first] = bytes;
  if (bytes.length === 2 * coordinateBytes) return true;
  if (bytes.length === 2 * coordinateBytes + 1) return first === 0x04;
  return bytes.length === coordinateBytes + 1 && (first === 0x02 || first === 0x03);
}

/** Some meters show the two coordinates without the byte that says so. */
function leading(curve: ForeignCurve, point: Uint8Array): Uint8Array {
  return point.length === 2 * CURVES[curve].coordinateBytes ? concatBytes(Uint8Array.of(0x04), point) : point;
}

function element(tag: number, content: Uint8Array): Uint8Array {
  assert(content.length < 0x100, "a public key is short");
  const length = content.length < 0x80 ? [content.length] : [0x81, content.length];
  return concatBytes(Uint8Array.of(tag, ...length), content);
}

function hex(digits: string): Uint8Array {
  const bytes = fromHex(digits);
  assert(bytes !== undefined, "a table of bytes in hex");
  return bytes;
}
