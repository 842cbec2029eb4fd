/**
 * A German meter with SML at its optical interface. SML 1.04: sections 4 (encoding), 5 (messages) and 8 (transport
 * version 1); the entries as meters with an entered PIN send them.
 */
import { concatBytes, toHex } from "#base/bytes.ts";
import type { MeterState } from "#hal/mock/modbus/meter-source.ts";
import { x25Sum } from "./sums.ts";
import { asciiBytes, shownSteps, type TelegramImage, type TelegramPlate } from "./telegram-image.ts";

export interface SmlImageOptions {
  /** The total, or two tariffs that add up to it. */
  readonly registers: "total" | "tariffs";
  /** Without the PIN the register has whole kWh, and there is nothing else. */
  readonly isLocked?: true;
}

export function smlImage({ registers, isLocked }: SmlImageOptions): TelegramImage {
  const stepMilliWh = isLocked === true ? 1_000_000 : 100;
  return {
    stepMilliWh,
    shownSerialNumber: (serialNumber) => `1TSK00${String(serialNumber).padStart(8, "0")}`,
    encode: (state, plate) => {
      const energies = registers === "total" ? [energy("0100010800ff", state.importedMilliWh)] : tariffs(state);
      const entries = isLocked === true ? [lockedEnergy(state)] : [...energies, ...measured(state)];
      return transport(file(plate, [...identity(plate), ...entries]));
    },
  };
}

const UNIT = { wattHours: 30, watts: 27, volts: 35, amperes: 33, hertz: 44 } as const;

function identity(plate: TelegramPlate): readonly Uint8Array[] {
  return [
    entry("010060320101", { value: octets(asciiBytes("TSK")) }),
    entry("0100600100ff", { value: octets(serverId(plate)) }),
  ];
}

/** DIN 43863-5: medium 1, maker, block 0, number. */
function serverId({ serialNumber }: TelegramPlate): Uint8Array {
  return concatBytes(Uint8Array.of(0x0a, 1), asciiBytes("TSK"), Uint8Array.of(0), bigEndian(BigInt(serialNumber), 4));
}

function energy(code: string, milliWh: number): Uint8Array {
  const tenths = unsigned(BigInt(shownSteps(milliWh, 100)), 8);
  return entry(code, { unit: UNIT.wattHours, scaler: -1, value: tenths });
}

function lockedEnergy(state: MeterState): Uint8Array {
  const kiloWattHours = unsigned(BigInt(shownSteps(state.importedMilliWh, 1_000_000)), 8);
  return entry("0100010800ff", { unit: UNIT.wattHours, scaler: 3, value: kiloWattHours });
}

/** A third in the first tariff: both grow, and their tenths of Wh add up. */
function tariffs({ importedMilliWh }: MeterState): readonly Uint8Array[] {
  const steps = shownSteps(importedMilliWh, 100);
  const first = Math.floor(steps / 3);
  return [energy("0100010801ff", first * 100), energy("0100010802ff", (steps - first) * 100)];
}

function measured({ exportedMilliWh, powerW, voltageV, currentA, frequencyHz }: MeterState): readonly Uint8Array[] {
  const number = (code: string, unit: number, scaler: number, value: number): Uint8Array =>
    entry(code, { unit, scaler, value: signed(BigInt(Math.round(value * 10 ** -scaler)), 4) });
  return [
    energy("0100020800ff", exportedMilliWh ?? 0),
    number("0100100700ff", UNIT.watts, -1, powerW),
    ...voltageV.map((value, index) => number(phaseCode(32, index), UNIT.volts, -1, value)),
    ...currentA.map((value, index) => number(phaseCode(31, index), UNIT.amperes, -2, value)),
    number("01000e0700ff", UNIT.hertz, -1, frequencyHz),
  ];
}

/** Of L1; those of L2 and L3 are 20 and 40 higher (IEC 62056-61, 5.3). */
function phaseCode(first: number, index: number): string {
  return `0100${toHex(Uint8Array.of(first + 20 * index))}0700ff`;
}

interface Entry {
  readonly value: Uint8Array;
  readonly unit?: number;
  readonly scaler?: number;
}

/** Name, status, time, unit, scaler, value, signature. */
function entry(code: string, { value, unit, scaler }: Entry): Uint8Array {
  const name = Uint8Array.from(code.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  return list(
    ...[octets(name), NONE, NONE],
    ...[unit === undefined ? NONE : unsigned(BigInt(unit), 1), scaler === undefined ? NONE : signed(BigInt(scaler), 1)],
    ...[value, NONE],
  );
}

/** Open, the list, close. */
function file(plate: TelegramPlate, entries: readonly Uint8Array[]): Uint8Array {
  const server = octets(serverId(plate));
  const seconds = unsigned(BigInt(Math.floor(plate.wallMs / 1000) % 2 ** 32), 4);
  const now = list(unsigned(1n, 1), seconds);
  const fileId = octets(bigEndian(BigInt(Math.floor(plate.wallMs / 1000) % 2 ** 32), 4));
  const listName = octets(Uint8Array.of(1, 0, 0x62, 0x0a, 0xff, 0xff));
  return concatBytes(
    message(1, 0x0101, list(NONE, NONE, fileId, server, NONE, NONE)),
    message(2, 0x0701, list(NONE, server, listName, now, list(...entries), NONE, NONE)),
    message(3, 0x0201, list(NONE)),
  );
}

function message(number: number, tag: number, body: Uint8Array): Uint8Array {
  const covered = concatBytes(
    Uint8Array.of(0x76),
    octets(Uint8Array.of(0, 0, 0, number)),
    unsigned(0n, 1),
    unsigned(0n, 1),
    list(unsigned(BigInt(tag), 2), body),
  );
  return concatBytes(covered, Uint8Array.of(0x63), x25Sum(covered), Uint8Array.of(0));
}

/** Section 8: escapes are doubled, zeros fill up to four bytes, and the end says how many. */
function transport(contents: Uint8Array): Uint8Array {
  const escaped = doubled(contents);
  const fill = (4 - (escaped.length % 4)) % 4;
  const begun = concatBytes(ESCAPE, Uint8Array.of(1, 1, 1, 1), escaped, new Uint8Array(fill));
  const covered = concatBytes(begun, ESCAPE, Uint8Array.of(0x1a, fill));
  return concatBytes(covered, x25Sum(covered));
}

function doubled(contents: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  let from = 0;
  for (let at = 0; at + 4 <= contents.length; at += 1) {
    if (toHex(contents.subarray(at, at + 4)) !== "1b1b1b1b") continue;
    parts.push(contents.subarray(from, at + 4), ESCAPE);
    from = at + 4;
    at += 3;
  }
  return concatBytes(...parts, contents.subarray(from));
}

const ESCAPE = Uint8Array.of(0x1b, 0x1b, 0x1b, 0x1b);
/** An optional element that is left out. */
const NONE = Uint8Array.of(0x01);

/** The length counts its own bytes, of which there are two from 16 on. */
function octets(bytes: Uint8Array): Uint8Array {
  if (bytes.length < 15) return concatBytes(Uint8Array.of(bytes.length + 1), bytes);
  const length = bytes.length + 2;
  return concatBytes(Uint8Array.of(0x80 | (length >> 4), length & 0x0f), bytes);
}

function list(...elements: readonly Uint8Array[]): Uint8Array {
  const { length } = elements;
  const head = length < 16 ? [0x70 | length] : [0xf0 | (length >> 4), length & 0x0f];
  return concatBytes(Uint8Array.from(head), ...elements);
}

function unsigned(value: bigint, bytes: number): Uint8Array {
  return concatBytes(Uint8Array.of(0x61 + bytes), bigEndian(value, bytes));
}

function signed(value: bigint, bytes: number): Uint8Array {
  return concatBytes(Uint8Array.of(0x51 + bytes), bigEndian(value, bytes));
}

function bigEndian(value: bigint, bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, index) => Number((value >> BigInt(8 * (bytes - 1 - index))) & 0xffn));
}
