/**
 * What changes a membership that stands: ROTATE replaces a device's key, REVOKE ends what a device may do.
 *
 *     ROTATE { 1: network, 2: device, 3: number, 4: public key, 5: digest of the key after it,
 *              6: 1 owner, 2 authority }
 *     REVOKE { 1: network, 2: device, 3: reason, 4: from }
 */
import { bytes, choice, field, integer, record, unsigned, type ValueOf } from "#core/wire/schema.ts";
import { NETWORK_BYTES } from "#core/wire/signed.ts";
import { HASH_BYTES, PUBLIC_KEY_BYTES } from "./cryptography.ts";
import { DEVICE_ID_BYTES } from "./device-id.ts";

/** Keys of one device, the first one included: each stays in everybody's state. */
export const KEYS_PER_DEVICE_MAX = 256;

/** The number of a key after the first: how often the device has rotated up to it. */
export const keyNumber = integer(1, KEYS_PER_DEVICE_MAX - 1);

/** Two signatures: the replaced key's, or the authority's where that key is lost; then the new key's. */
export const rotateBody = record({
  network: field(1, bytes(NETWORK_BYTES)),
  device: field(2, bytes(DEVICE_ID_BYTES)),
  number: field(3, keyNumber),
  /** The key that was promised by its hash before. */
  publicKey: field(4, bytes(PUBLIC_KEY_BYTES)),
  /** SHA-256 of the compressed key that comes after it. */
  nextKeyDigest: field(5, bytes(HASH_BYTES)),
  /** Whose the first signature is. */
  by: field(6, choice({ owner: 1, authority: 2 })),
});
export type RotateBody = ValueOf<typeof rotateBody>;

export const revocationReason = choice({ stolen: 1, "key-lost": 2, retired: 3, misconduct: 4, other: 5 });

/** One signature, by the authority. */
export const revokeBody = record({
  network: field(1, bytes(NETWORK_BYTES)),
  device: field(2, bytes(DEVICE_ID_BYTES)),
  reason: field(3, revocationReason),
  /** Unix seconds from which on nothing new begins with the device. */
  from: field(4, unsigned),
});
export type RevokeBody = ValueOf<typeof revokeBody>;
