/**
 * Who a gateway is. Its inception names its role, its first signing key and a promise of the next one; its device id is
 * the hash of the inception. So an id is never chosen, needs nobody's permission, and outlives a change of keys.
 */
import { assert } from "#base/assert.ts";
import { toHex } from "#base/bytes.ts";
import type { Result } from "#base/result.ts";
import { encodeCbor } from "#core/wire/cbor.ts";
import {
  bytes,
  choice,
  decodeShape,
  encodeShape,
  integer,
  tuple,
  type Shape,
  type WireFault,
} from "#core/wire/schema.ts";
import { HASH_BYTES, PUBLIC_KEY_BYTES, type Cryptography } from "./cryptography.ts";

export const DEVICE_ID_BYTES = HASH_BYTES;
/** Every inception has this length: its parts have theirs. */
export const INCEPTION_BYTES = 5 + PUBLIC_KEY_BYTES + 2 + HASH_BYTES;

/** What a device is in a region, by its number in an inception. The arbiter judges, and never trades. */
export const DEVICE_ROLE = { station: 1, vehicle: 2, arbiter: 3 } as const;
export type DeviceRole = keyof typeof DEVICE_ROLE;

export interface Inception {
  readonly role: DeviceRole;
  /** The first signing key K0, compressed. */
  readonly publicKey: Uint8Array;
  /** SHA-256 of the compressed next key K1, which stays unknown until the first rotation. */
  readonly nextKeyDigest: Uint8Array;
}

/** The inception of a gateway that holds the secrets of both keys. */
export function inceptionOf(
  crypto: Cryptography,
  role: DeviceRole,
  publicKey: Uint8Array,
  nextPublicKey: Uint8Array,
): Inception {
  assert(nextPublicKey.length === PUBLIC_KEY_BYTES, "the next key is a compressed point");
  return { role, publicKey, nextKeyDigest: crypto.sha256(nextPublicKey) };
}

export function encodeInception({ role, publicKey, nextKeyDigest }: Inception): Uint8Array {
  return encodeShape(INCEPTION, [INCEPTION_VERSION, role, publicKey, nextKeyDigest]);
}

/** Whether the key is a point of the curve is not looked at: a signature by it says so. */
export function decodeInception(inception: Uint8Array): Result<Inception, WireFault> {
  const read = decodeShape(INCEPTION, inception);
  if (!read.ok) return read;
  const [, role, publicKey, nextKeyDigest] = read.value;
  return { ok: true, value: { role, publicKey, nextKeyDigest } };
}

/** The device id (`did`) of encoded inception bytes. */
export function deviceIdOf(crypto: Cryptography, inception: Uint8Array): Uint8Array {
  return crypto.sha256(encodeCbor(["TALLY1/did", inception]));
}

/**
 * The id as people read it: its first 8 bytes as one number in Crockford's base 32, 13 symbols. Two devices can be made
 * to share it with some effort, so it is for display and never decides anything.
 */
export function shortDeviceId(deviceId: Uint8Array): string {
  let number = BigInt(`0x${topicDeviceId(deviceId)}`);
  let symbols = "";
  for (let count = 0; count < SHORT_ID_SYMBOLS; count += 1) {
    symbols = CROCKFORD.charAt(Number(number & 31n)) + symbols;
    number >>= 5n;
  }
  return symbols;
}

/** The id as topics carry it (`did8`): its first 8 bytes in lower-case hex. */
export function topicDeviceId(deviceId: Uint8Array): string {
  assert(deviceId.length === DEVICE_ID_BYTES, `a device id has ${DEVICE_ID_BYTES} bytes`);
  return toHex(deviceId.subarray(0, 8));
}

const INCEPTION_VERSION = 1;

const INCEPTION: Shape<readonly [number, DeviceRole, Uint8Array, Uint8Array]> = tuple(
  integer(INCEPTION_VERSION, INCEPTION_VERSION),
  choice(DEVICE_ROLE),
  bytes(PUBLIC_KEY_BYTES),
  bytes(HASH_BYTES),
);

/** 64 bits in groups of 5, the first group of 4. */
const SHORT_ID_SYMBOLS = 13;
/** Digits and letters without I, L, O and U (crockford.com/base32.html). */
const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
