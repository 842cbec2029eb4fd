/** Meters that send something else than they mean. */

interface UnsignedNumber {
  /** How the server id begins, in hex; the serial number are the four bytes behind. */
  readonly serverIdBegins: string;
  readonly serials: readonly (readonly [first: number, last: number])[];
  readonly code: string;
  /** Longer numbers are meant as they are declared. */
  readonly bytesMax: number;
}

const UNSIGNED_NUMBERS: readonly UnsignedNumber[] = [
  {
    // DZG DVS74: power is shortened to the bytes of an unsigned number but declared as signed, so 35624 hundredths of
    // a watt come as 53 8b28, which is -29912. The ranges are those that libsml corrects.
    serverIdBegins: "0a01445a4700",
    serials: [
      [42_000_000, 48_999_999],
      [55_000_000, 58_999_999],
    ],
    code: "1-0:16.7.0*255",
    bytesMax: 3,
  },
];

/** Whether this number is unsigned although it is declared as signed. */
export function isSentUnsigned(number: { serverId: string; code: string; bytes: number }): boolean {
  return UNSIGNED_NUMBERS.some((quirk) => {
    if (number.code !== quirk.code || number.bytes > quirk.bytesMax) return false;
    if (!number.serverId.startsWith(quirk.serverIdBegins)) return false;
    const serialHex = number.serverId.slice(quirk.serverIdBegins.length);
    const serial = serialHex.length === SERIAL_HEX ? Number.parseInt(serialHex, 16) : Number.NaN;
    return quirk.serials.some(([first, last]) => serial >= first && serial <= last);
  });
}

const SERIAL_HEX = 8;
