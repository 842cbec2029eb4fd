/** Signatures of P-256 that no signer makes: the other one of a pair, and one with a chosen s. */
import { p256 } from "@noble/curves/nist.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { toHex } from "#base/bytes.ts";

/** The order of the group. */
export const ORDER = p256.Point.CURVE().n;

/** (r, n - s): just as valid for ECDSA, and refused by the protocol when s was the lower one. */
export function complementOfS(signature: Uint8Array): Uint8Array {
  return Uint8Array.of(...signature.subarray(0, 32), ...toBytes32(ORDER - toNumber(signature.subarray(32))));
}

/**
 * A key for which the signature with this s is valid: of s = (z + r d) / k, choose s and the nonce k, and solve for the
 * secret d.
 */
export function signatureWithS(
  s: bigint,
  message: Uint8Array,
): { readonly publicKey: Uint8Array; readonly signature: Uint8Array } {
  const nonce = 7n;
  const r = p256.Point.BASE.multiply(nonce).x % ORDER;
  const z = toNumber(sha256(message));
  const secret = modulo((s * nonce - z) * inverse(r));
  return {
    publicKey: p256.getPublicKey(toBytes32(secret), true),
    signature: Uint8Array.of(...toBytes32(r), ...toBytes32(s)),
  };
}

export function toBytes32(value: bigint): Uint8Array {
  return Uint8Array.from(Buffer.from(value.toString(16).padStart(64, "0"), "hex"));
}

function toNumber(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(bytes)}`);
}

function modulo(value: bigint): bigint {
  return ((value % ORDER) + ORDER) % ORDER;
}

/** By Fermat: the order is prime. */
function inverse(value: bigint): bigint {
  let result = 1n;
  let power = modulo(value);
  for (let exponent = ORDER - 2n; exponent > 0n; exponent >>= 1n) {
    if ((exponent & 1n) === 1n) result = modulo(result * power);
    power = modulo(power * power);
  }
  return result;
}
