/** The sums of the telegrams, bit by bit as the standards write them, so that they share nothing with the decoders. */

/** CRC-16/X-25 of SML's transport and of HDLC (ISO/IEC 13239, 4.2.5.2), low byte first as both send it. */
export function x25Sum(bytes: Uint8Array): Uint8Array {
  return lowFirst(reflectedCrc(bytes, 0x8408, 0xffff) ^ 0xffff);
}

/** CRC-16 of P1: x16 + x15 + x2 + 1, from 0 (P1 Companion Standard 5.0.2, 6.3.3), as four hex digits. */
export function p1Sum(bytes: Uint8Array): string {
  return reflectedCrc(bytes, 0xa001, 0).toString(16).toUpperCase().padStart(4, "0");
}

/** Block check of IEC 62056-21, 6.2: the bits of each place, added without carry. */
export function blockCheck(bytes: Uint8Array): number {
  return bytes.reduce((sum, byte) => sum ^ byte, 0);
}

function reflectedCrc(bytes: Uint8Array, polynomial: number, start: number): number {
  let register = start;
  for (const byte of bytes) {
    for (let bit = 0; bit < 8; bit += 1) {
      const isOne = ((register ^ (byte >> bit)) & 1) === 1;
      register = (register >> 1) ^ (isOne ? polynomial : 0);
    }
  }
  return register;
}

function lowFirst(value: number): Uint8Array {
  return Uint8Array.of(value & 0xff, value >> 8);
}
