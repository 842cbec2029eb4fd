/** Texts of devices. What is not printable ASCII is shown as something else: it ends in terminals and web pages. */

/** One character a byte, whatever the byte; a pattern then finds what is not ASCII. */
export function asciiText(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

/** The bytes of an ASCII text. */
export function asciiBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index += 1) bytes[index] = text.charCodeAt(index);
  return bytes;
}

/**
 * The text of bytes that are printable ASCII throughout, or undefined: then they stay hex. An identification is not to
 * be guessed from a code page.
 */
export function printableText(bytes: Uint8Array): string | undefined {
  const text = asciiText(bytes);
  return /^[ -~]+$/.test(text) ? text : undefined;
}

/** A value in a message: what is not printable is shown as its code, and what is long is cut. */
export function quoted(text: string): string {
  const shown = text
    .slice(0, QUOTED_CHARACTERS_MAX)
    .replace(/[^ -~]/g, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`);
  return `"${shown}${text.length > QUOTED_CHARACTERS_MAX ? "…" : ""}"`;
}

const QUOTED_CHARACTERS_MAX = 40;
