/**
 * Bytes as text of as many characters. Of many short byte strings that are hardly ever read, text takes a third of the
 * memory: a `Uint8Array` has some 200 bytes beside its own.
 */
export function packBytes(bytes: Uint8Array): string {
  if (bytes.length <= CHUNK) return textOf(bytes);
  let text = "";
  for (let from = 0; from < bytes.length; from += CHUNK) text += textOf(bytes.subarray(from, from + CHUNK));
  return text;
}

export function unpackBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  writeText(bytes, text, 0);
  return bytes;
}

/** The bytes of a text, from a place in others on. */
export function writeText(bytes: Uint8Array, text: string, from: number): void {
  for (let index = 0; index < text.length; index += 1) bytes[from + index] = text.charCodeAt(index);
}

/** The texts one behind the other, as one that does not hold on to its pieces. */
export function joinedText(...texts: readonly string[]): string {
  return packBytes(unpackBytes(texts.join("")));
}

/** Several times as fast as spreading the bytes, which would be taken one by one from an iterator. */
function textOf(bytes: Uint8Array): string {
  return String(Reflect.apply(String.fromCharCode, undefined, bytes));
}

/** An engine takes so many arguments at once. */
const CHUNK = 4096;
