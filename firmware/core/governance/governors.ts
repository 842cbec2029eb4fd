/**
 * Who may change the rules of a region, and name voters where a quorum is gone: keys of the genesis, of which so many
 * have to sign together. They are no members, hold no seats and see no charges.
 */
import { toHex } from "#base/bytes.ts";
import { PUBLIC_KEY_BYTES, type Cryptography } from "#core/identity/cryptography.ts";
import { GOVERNORS_MAX } from "#core/limits.ts";
import { bytes, field, integer, list, record, where, type ValueOf } from "#core/wire/schema.ts";

const anyGovernors = record({
  keys: field(1, list(bytes(PUBLIC_KEY_BYTES), GOVERNORS_MAX, 1)),
  /** How many of them have to sign. */
  threshold: field(2, integer(1, GOVERNORS_MAX)),
});

export const governors = where(
  anyGovernors,
  ({ keys, threshold }) =>
    new Set(keys.map(toHex)).size === keys.length && threshold <= keys.length && 2 * threshold > keys.length,
  "different keys, and a threshold of more than half of them",
);
export type Governors = ValueOf<typeof governors>;

/** Whether enough governors, and nobody else, have made the signatures of a message. */
export function isDecided(
  crypto: Pick<Cryptography, "verify">,
  governors: Governors | undefined,
  message: Uint8Array,
  signatures: readonly Uint8Array[],
): boolean {
  const isEnough = governors !== undefined && signatures.length >= governors.threshold;
  return isEnough && governorsBehind(crypto, governors, message, signatures) !== undefined;
}

/**
 * Places of the governors who have made the signatures of a message; undefined when one of these is nobody's. They
 * stand in the order of the keys, so that nobody counts twice and a wrong one costs few verifications.
 */
export function governorsBehind(
  crypto: Pick<Cryptography, "verify">,
  { keys }: Governors,
  message: Uint8Array,
  signatures: readonly Uint8Array[],
): readonly number[] | undefined {
  const places: number[] = [];
  for (const signature of signatures) {
    const after = places.at(-1) ?? -1;
    const place = keys.findIndex((key, at) => at > after && crypto.verify(key, message, signature));
    if (place < 0) return undefined;
    places.push(place);
  }
  return places;
}
