/** Pushed DLMS telegrams of any content, written after the standards and not after the decoder. */
import { createCipheriv } from "node:crypto";
import { concatBytes, fromHex } from "#base/bytes.ts";
import { standardSum } from "#test/builders/sml-bytes.ts";

export const data = {
  none: Uint8Array.of(0),
  u8: (value: number) => Uint8Array.of(0x11, value),
  i8: (value: number) => Uint8Array.of(0x0f, value & 0xff),
  u16: (value: number) => number(0x12, value, 2),
  i16: (value: number) => number(0x10, value & 0xffff, 2),
  u32: (value: number) => number(0x06, value, 4),
  enumerated: (value: number) => Uint8Array.of(0x16, value),
  boolean: (value: boolean) => Uint8Array.of(0x03, value ? 1 : 0),
  octets: (hexText: string) => concatBytes(Uint8Array.of(0x09), withLength(hex(hexText))),
  text: (value: string) => concatBytes(Uint8Array.of(0x0a), withLength(new TextEncoder().encode(value))),
  structure: (...elements: readonly Uint8Array[]) => concatBytes(Uint8Array.of(0x02, elements.length), ...elements),
  array: (...elements: readonly Uint8Array[]) => concatBytes(Uint8Array.of(0x01, elements.length), ...elements),
  scalerUnit: (scaler: number, unit: number) => data.structure(data.i8(scaler), data.enumerated(unit)),
} as const;

export const SENT_AT = "07e30c1001073b28ff800000";

/** DATA-NOTIFICATION; `time` as it stands there, tag and length included. */
export function notification(body: Uint8Array, time = hex(`0c${SENT_AT}`)): Uint8Array {
  return concatBytes(hex("0f40000000"), time, body);
}

export interface HdlcOptions {
  readonly addresses?: string;
  readonly control?: number;
  readonly isSegmented?: boolean;
}

/** One frame around this information field, which begins with its LLC header if it has one. */
export function hdlcFrame(information: Uint8Array, options: HdlcOptions = {}): Uint8Array {
  const { addresses = "410883", control = 0x13, isSegmented = false } = options;
  const address = hex(addresses);
  const length = 2 + address.length + 1 + 2 + information.length + 2;
  const format = 0xa000 | (isSegmented ? 0x0800 : 0) | length;
  const header = concatBytes(Uint8Array.of(format >> 8, format & 0xff), address, Uint8Array.of(control));
  const checked = concatBytes(header, standardSum(header), information);
  return concatBytes(hex("7e"), checked, standardSum(checked), hex("7e"));
}

export function inHdlc(apdu: Uint8Array, options: HdlcOptions = {}): Uint8Array {
  return hdlcFrame(concatBytes(hex("e6e700"), apdu), options);
}

/** The APDU over as many frames as it takes. */
export function inHdlcSegments(apdu: Uint8Array, bytesEach: number): readonly Uint8Array[] {
  const parts = split(concatBytes(hex("e6e700"), apdu), bytesEach);
  return parts.map((part, index) => hdlcFrame(part, { isSegmented: index < parts.length - 1 }));
}

export function inMBus(apdu: Uint8Array, bytesEach = 245): readonly Uint8Array[] {
  const parts = split(apdu, bytesEach);
  return parts.map((part, index) => {
    const isLast = index === parts.length - 1;
    const contents = concatBytes(Uint8Array.of(0x53, 0xff, index | (isLast ? 0x10 : 0), 0x01, 0x67), part);
    const sum = contents.reduce((total, byte) => (total + byte) & 0xff, 0);
    const length = contents.length;
    return concatBytes(Uint8Array.of(0x68, length, length, 0x68), contents, Uint8Array.of(sum, 0x16));
  });
}

export function inBlocks(apdu: Uint8Array, bytesEach: number): readonly Uint8Array[] {
  const parts = split(apdu, bytesEach);
  return parts.map((part, index) => {
    const control = index === parts.length - 1 ? 0x80 : 0;
    return concatBytes(Uint8Array.of(0xe0, control, 0, index + 1, 0, 0), withLength(part));
  });
}

export const SYSTEM_TITLE = "4b464d6750000009";
const COUNTER = "00000023";

export interface Sealing {
  readonly key: Uint8Array;
  readonly authenticationKey?: Uint8Array;
  /** Security control byte: 20 encrypted, 10 authenticated, 30 both. */
  readonly control: number;
  readonly isGeneral?: boolean;
}

export function sealed(apdu: Uint8Array, { key, authenticationKey, control, isGeneral = false }: Sealing): Uint8Array {
  const general = concatBytes(withLength(hex("0000000000000001")), withLength(hex(SYSTEM_TITLE)), hex("000000"));
  const isEncrypted = (control & 0x20) !== 0;
  const additional = concatBytes(
    Uint8Array.of(control),
    authenticationKey ?? new Uint8Array(0),
    isGeneral ? general : new Uint8Array(0),
    isEncrypted ? new Uint8Array(0) : apdu,
  );
  const cipher = createCipheriv("aes-128-gcm", key, hex(SYSTEM_TITLE + COUNTER), { authTagLength: 12 });
  cipher.setAAD(additional);
  const hidden = isEncrypted ? cipher.update(apdu) : apdu;
  cipher.final();
  const tag = (control & 0x10) !== 0 ? cipher.getAuthTag() : new Uint8Array(0);
  const service = withLength(concatBytes(Uint8Array.of(control), hex(COUNTER), hidden, tag));
  return isGeneral
    ? concatBytes(hex("dd"), general, hex("00"), service)
    : concatBytes(hex("db"), withLength(hex(SYSTEM_TITLE)), service);
}

export function withLength(bytes: Uint8Array): Uint8Array {
  const { length } = bytes;
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return concatBytes(Uint8Array.from(head), bytes);
}

export function hex(text: string): Uint8Array {
  const bytes = fromHex(text);
  if (bytes === undefined) throw new Error(`bug: ${text} is no hex`);
  return bytes;
}

function split(bytes: Uint8Array, bytesEach: number): readonly Uint8Array[] {
  return Array.from({ length: Math.ceil(bytes.length / bytesEach) }, (_, index) =>
    bytes.subarray(index * bytesEach, (index + 1) * bytesEach),
  );
}

function number(tag: number, value: number, bytes: number): Uint8Array {
  return Uint8Array.of(
    tag,
    ...Array.from({ length: bytes }, (_, index) => (value >>> (8 * (bytes - 1 - index))) & 0xff),
  );
}
