/** Public keys as people and files write them: PEM, hexadecimal digits with or without blanks, base64. */
import { fromHex } from "#base/bytes.ts";

/** All readings of the text that can be a key; the right one is that which is a key. */
export function keyCandidates(text: string): readonly Uint8Array[] {
  const pem = /-----BEGIN PUBLIC KEY-----([^-]*)-----END PUBLIC KEY-----/.exec(text)?.[1];
  const bare = (pem ?? text).replaceAll(/[\s:]/g, "").replace(/^0x/i, "");
  if (bare === "" || bare.length > KEY_TEXT_MAX) return [];
  const hex = pem === undefined ? fromHex(bare) : undefined;
  const base64 = BASE64.test(bare) ? Uint8Array.from(Buffer.from(bare, "base64")) : undefined;
  return [hex, base64].filter((bytes): bytes is Uint8Array => bytes !== undefined && bytes.length > 0);
}

/** The bytes of a signature by the encoding that the record names; undefined when it is not in it. */
export function signatureBytes(data: string, encoding: string): Uint8Array | undefined {
  const bare = data.replaceAll(/\s/g, "");
  if (encoding.toLowerCase() === "hex") return fromHex(bare);
  if (encoding.toLowerCase() !== "base64" || !BASE64.test(bare)) return undefined;
  return Uint8Array.from(Buffer.from(bare, "base64"));
}

const KEY_TEXT_MAX = 4096;
const BASE64 = /^[0-9A-Za-z+/_-]+={0,2}$/;
