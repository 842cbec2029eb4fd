/**
 * Signed snapshots of the Bauer BSM-WS36A: where their values stand, and what the meter signs of them.
 *
 * Sources: chargeITmobility/bsm-python (Apache-2.0) doc/modbus/bsm-ws36a-modbus-registers.csv and
 * doc/examples/snapshots.md; checked against recorded snapshots of a real meter, whose signatures hold.
 */

/** Registers as on the wire. */
export const BSM_REGISTERS = {
  /** Number of the model and its length, in front of the model's values. */
  meter: { address: 40_197, id: 64_900, length: 300 },
  responseCounter: 40_256,
  /** Registers and bytes of the public key, and then the key in so many registers. */
  publicKey: { address: 40_449, count: 50 },
  /** The snapshot of the present values, which switches nothing. The others of this kind switch the contactor. */
  currentSnapshot: { address: 40_521, id: 64_901, length: 252 },
} as const;

/** To be written to start a snapshot, and what is read until it is ready. */
export const SNAPSHOT_UPDATING = 2;
export const SNAPSHOT_VALID = 0;

export const SNAPSHOT_STATUS_TEXTS: Readonly<Record<number, string>> = {
  1: "there is none: it was not made since the meter was switched on",
  3: "the meter could not make it",
  4: "the enabling input is missing",
  5: "the contactor's feedback is missing or wrong",
};

/** What of the events says that signed values are not to be believed. */
export const FATAL_EVENTS: readonly { readonly bit: number; readonly text: string }[] = [
  { bit: 16, text: "fatal error of the meter module" },
  { bit: 17, text: "the communication module did not start properly" },
  { bit: 18, text: "the communication module's firmware is not the one it should be" },
  { bit: 19, text: "the communication module is in development mode" },
];

/** DLMS unit codes (IEC 62056-6-2, table of physical units). */
const UNITS = { none: 255, minutes: 6, seconds: 7, watts: 27, wattHours: 30 } as const;

export interface SignedNumber {
  readonly offset: number;
  readonly type: "u16" | "i16" | "u32";
  readonly unit: number;
  /** Of the register with the decimal exponent. */
  readonly exponentOffset?: number;
}

export interface SignedText {
  readonly offset: number;
  readonly count: number;
}

const ENERGY_EXPONENT = 6;
const POWER_EXPONENT = 8;

/** All that is signed, in the order in which it is. Offsets count from the first value, behind number and length. */
export const SIGNED_POINTS = {
  kind: { offset: 0, type: "u16", unit: UNITS.none },
  sinceTurnOn: { offset: 2, type: "u32", unit: UNITS.wattHours, exponentOffset: ENERGY_EXPONENT },
  imported: { offset: 4, type: "u32", unit: UNITS.wattHours, exponentOffset: ENERGY_EXPONENT },
  power: { offset: 7, type: "i16", unit: UNITS.watts, exponentOffset: POWER_EXPONENT },
  meterAddress: { offset: 9, count: 8 },
  responseCounter: { offset: 17, type: "u32", unit: UNITS.none },
  operatingSeconds: { offset: 19, type: "u32", unit: UNITS.seconds },
  epochSeconds: { offset: 21, type: "u32", unit: UNITS.seconds },
  offsetMinutes: { offset: 23, type: "i16", unit: UNITS.minutes },
  timeSetCount: { offset: 24, type: "u32", unit: UNITS.none },
  timeSetAtSeconds: { offset: 26, type: "u32", unit: UNITS.seconds },
  inputs: { offset: 28, type: "u16", unit: UNITS.none },
  outputs: { offset: 29, type: "u16", unit: UNITS.none },
  text1: { offset: 30, count: 70 },
  text2: { offset: 100, count: 50 },
  text3: { offset: 150, count: 50 },
  events: { offset: 200, type: "u32", unit: UNITS.none },
} as const satisfies Readonly<Record<string, SignedNumber | SignedText>>;

export const STATUS_OFFSET = 1;
/** Registers of the signature's area, bytes of it that are used, and then the area. */
export const SIGNATURE = { countOffset: 202, bytesOffset: 203, offset: 204, count: 48 } as const;
