/** CBOR values as text: the diagnostic notation of RFC 8949, section 8, for our subset. */
import { toHex } from "#base/bytes.ts";
import { isMap, type CborValue } from "#core/wire/cbor.ts";

export function diagnostic(value: CborValue): string {
  if (value === null || typeof value === "boolean" || typeof value === "number") return String(value);
  if (typeof value === "string") return JSON.stringify(value);
  if (value instanceof Uint8Array) return `h'${toHex(value)}'`;
  if (isMap(value)) return `{${[...value].map(([key, content]) => `${key}: ${diagnostic(content)}`).join(", ")}}`;
  return `[${value.map(diagnostic).join(", ")}]`;
}
