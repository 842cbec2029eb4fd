/**
 * The hex of bytes that stay as they are for as long as they are asked about: a key of a member, the id of a party, the
 * address of a charge. Such a name is asked for with every fact, and making it costs as much as reading one.
 */
import { toHex } from "#base/bytes.ts";

export function knownHex(bytes: Uint8Array): string {
  const known = NAMES.get(bytes);
  if (known !== undefined) return known;
  const name = toHex(bytes);
  NAMES.set(bytes, name);
  return name;
}

const NAMES = new WeakMap<Uint8Array, string>();
