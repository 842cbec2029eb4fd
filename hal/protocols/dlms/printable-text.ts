/**
 * The text of bytes that are printable ASCII throughout, or undefined. Anything else stays hex: what a meter sends
 * reaches terminals and web pages, and an identification is not to be guessed from a code page.
 */
export function printableText(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0 || !bytes.every((byte) => byte >= 0x20 && byte <= 0x7e)) return undefined;
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}
