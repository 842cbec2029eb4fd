/**
 * CRC-16/X.25, the frame check of HDLC (ISO/IEC 13239), which SML took over for its telegrams and messages.
 * Both send the low byte first.
 */
export function crc16X25(bytes: Uint8Array): number {
  return reflectedCrc(bytes, 0xffff) ^ 0xffff;
}

/** The same polynomial without preset and inversion: zeros in front do not change it. */
export function crc16Kermit(bytes: Uint8Array): number {
  return reflectedCrc(bytes, 0);
}

function reflectedCrc(bytes: Uint8Array, preset: number): number {
  let crc = preset;
  for (const byte of bytes) crc = (crc >> 8) ^ (TABLE[(crc ^ byte) & 0xff] ?? 0);
  return crc;
}

const TABLE = Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >> 1) ^ 0x8408 : crc >> 1;
  return crc;
});
