/**
 * Bytes as text of as many characters. Of many short byte strings that are hardly ever read, text takes a third of the
 * memory: a `Uint8Array` has some 200 bytes beside its own.
 */
export function packBytes(bytes: Uint8Array): string {
  let text = "";
  for (let from = 0; from < bytes.length; from += CHUNK) {
    text += String.fromCharCode(...bytes.subarray(from, from + CHUNK));
  }
  return text;
}

export function unpackBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** An engine takes so many arguments at once. */
const CHUNK = 4096;
