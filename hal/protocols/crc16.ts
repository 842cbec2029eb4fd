/**
 * The CRC-16 sums that serial protocols share, bits reflected. Two polynomials, each with and without a preset.
 *
 * The simulated meters (`hal/mock/telegram/sums.ts`) compute theirs anew, bit by bit: a table that was wrong here would
 * else be wrong on both sides of every test.
 */

/** Modbus over serial line 1.02, section 6.2.2. */
export function crc16Modbus(bytes: Uint8Array): number {
  return reflectedCrc(bytes, TABLE_A001, 0xffff);
}

/** CRC-16/ARC, the same from 0: of a P1 telegram (P1 Companion Standard 5.0.2, section 6). */
export function crc16Arc(bytes: Uint8Array): number {
  return reflectedCrc(bytes, TABLE_A001, 0);
}

/** CRC-16/X.25, the frame check of HDLC (ISO/IEC 13239), which SML took over. Both send the low byte first. */
export function crc16X25(bytes: Uint8Array): number {
  return reflectedCrc(bytes, TABLE_8408, 0xffff) ^ 0xffff;
}

/** The same polynomial without preset and inversion: zeros in front do not change it. */
export function crc16Kermit(bytes: Uint8Array): number {
  return reflectedCrc(bytes, TABLE_8408, 0);
}

const TABLE_A001 = tableOf(0xa001);
const TABLE_8408 = tableOf(0x8408);

function reflectedCrc(bytes: Uint8Array, table: readonly number[], preset: number): number {
  let crc = preset;
  for (const byte of bytes) crc = (crc >> 8) ^ (table[(crc ^ byte) & 0xff] ?? 0);
  return crc;
}

function tableOf(polynomial: number): readonly number[] {
  return Array.from({ length: 256 }, (_, byte) => {
    let crc = byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >> 1) ^ polynomial : crc >> 1;
    return crc;
  });
}
