/** A device id in hex in memory, its bytes where it is written. */
import { fromHex, toHex } from "#base/bytes.ts";
import { HASH_BYTES } from "#core/identity/cryptography.ts";
import { bytes, type Shape } from "#core/wire/schema.ts";

const hash = bytes(HASH_BYTES);

export const did: Shape<string> = {
  write: (hex) => didBytes(hex) ?? null,
  read: (item) => toHex(hash.read(item)),
};

/** The root of each checkpoint lists the newest miners, a hundred of the same few. */
const DIDS = new Map<string, Uint8Array>();
const DIDS_MAX = 4096;

function didBytes(hex: string): Uint8Array | undefined {
  const known = DIDS.get(hex);
  if (known !== undefined) return known;
  const bytesOfDid = fromHex(hex);
  if (DIDS.size >= DIDS_MAX) DIDS.clear();
  if (bytesOfDid !== undefined) DIDS.set(hex, bytesOfDid);
  return bytesOfDid;
}
