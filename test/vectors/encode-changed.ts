/** A body with other values under some of its keys, encoded: what a peer might send that does not use our encoder. */
import { encodeCbor, isMap, type CborValue } from "#core/wire/cbor.ts";

/** A key whose change is undefined is left out. */
export function encodeChanged(body: CborValue, changes: Readonly<Record<number, CborValue | undefined>>): Uint8Array {
  if (!isMap(body)) throw new Error("bug: a body is a map");
  const entries = new Map<number, CborValue | undefined>(body);
  for (const [number, value] of Object.entries(changes)) entries.set(Number(number), value);
  const present = [...entries].flatMap(([number, value]) => (value === undefined ? [] : [[number, value] as const]));
  return encodeCbor(new Map<number, CborValue>(present));
}
