/**
 * Signs with OpenSSL, at several times the speed of the gateway's own signer: for chains of some hundred thousand
 * facts. The nonce is drawn, so two runs do not give the same bytes.
 */
import { createECDH, createPrivateKey, sign, type KeyObject } from "node:crypto";
import type { Signer } from "#core/identity/cryptography.ts";

export class QuickSigner implements Signer {
  readonly publicKey: Uint8Array;
  readonly #key: KeyObject;

  constructor(secretKey: Uint8Array) {
    const pair = createECDH("prime256v1");
    pair.setPrivateKey(secretKey);
    this.publicKey = new Uint8Array(pair.getPublicKey(null, "compressed"));
    const point = pair.getPublicKey();
    const [x, y] = [point.toString("base64url", 1, 33), point.toString("base64url", 33)];
    const d = Buffer.from(secretKey).toString("base64url");
    this.#key = createPrivateKey({ key: { kty: "EC", crv: "P-256", d, x, y }, format: "jwk" });
  }

  sign(message: Uint8Array): Uint8Array {
    const signature = new Uint8Array(sign("sha256", message, { key: this.#key, dsaEncoding: "ieee-p1363" }));
    return withLowS(signature);
  }
}

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

function withLowS(signature: Uint8Array): Uint8Array {
  const s = BigInt(`0x${Buffer.from(signature.subarray(32)).toString("hex")}`);
  if (s <= ORDER / 2n) return signature;
  const low = (ORDER - s).toString(16).padStart(64, "0");
  return Uint8Array.from([...signature.subarray(0, 32), ...Buffer.from(low, "hex")]);
}
