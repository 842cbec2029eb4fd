/** Base64 (RFC 4648, section 4): this layer has no Buffer. */
export function encodeBase64(bytes: Uint8Array): string {
  let text = "";
  for (let place = 0; place < bytes.length; place += 3) {
    const [first = 0, second, third] = bytes.subarray(place, place + 3);
    const bits = (first << 16) | ((second ?? 0) << 8) | (third ?? 0);
    text += letter(bits >>> 18) + letter(bits >>> 12);
    text += second === undefined ? "=" : letter(bits >>> 6);
    text += third === undefined ? "=" : letter(bits);
  }
  return text;
}

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

function letter(bits: number): string {
  return LETTERS[bits & 63] ?? "";
}
