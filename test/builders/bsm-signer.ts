/** A key as a BSM-WS36A has one: it gives its public half and its signatures in DER, with either s. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from "node:crypto";

export interface BsmSigner {
  /** SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
}

export function bsmSigner(): BsmSigner {
  const { privateKey } = generateKeyPairSync("ec", {
    namedCurve: "P-256",
    privateKeyEncoding: { type: "pkcs8", format: "der" },
    publicKeyEncoding: { type: "spki", format: "der" },
  });
  const key = createPrivateKey({ key: privateKey, format: "der", type: "pkcs8" });
  const publicKey = createPublicKey(key).export({ type: "spki", format: "der" });
  return { publicKey: new Uint8Array(publicKey), sign: (message) => new Uint8Array(sign("sha256", message, key)) };
}
