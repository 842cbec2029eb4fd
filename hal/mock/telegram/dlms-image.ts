/**
 * Meters that push DLMS lists in HDLC frames: A-XDR and DATA-NOTIFICATION of IEC 62056-5-3, frame format type 3 of
 * IEC 62056-46; the lists as Aidon, Kamstrup and Kaifa lay them out.
 */
import { concatBytes } from "#base/bytes.ts";
import { x25Sum } from "./sums.ts";
import { asciiBytes, shownSteps, type TelegramImage, type TelegramPlate } from "./telegram-image.ts";

const UNIT = { watts: 27, wattHours: 30, amperes: 33, volts: 35 } as const;

/** Each value with its code, scaler and unit, in a structure of its own. */
export const aidonImage: TelegramImage = {
  stepMilliWh: 1_000,
  shownSerialNumber: aidonNumber,
  encode: ({ importedMilliWh, exportedMilliWh = 0, powerW, voltageV, currentA }, plate) =>
    framed(
      Uint8Array.of(0x41, 0x08, 0x83, 0x13),
      array(
        structure(octets(1, 1, 0, 2, 129, 255), text("TALLY_V0001")),
        structure(octets(0, 0, 96, 1, 0, 255), text(aidonNumber(plate.serialNumber))),
        scaled([1, 0, 1, 7, 0, 255], u32(Math.max(0, powerW)), 0, UNIT.watts),
        scaled([1, 0, 2, 7, 0, 255], u32(Math.max(0, -powerW)), 0, UNIT.watts),
        ...currentA.map((value, phase) =>
          scaled([1, 0, phase * 20 + 31, 7, 0, 255], i16(100 * value), -2, UNIT.amperes),
        ),
        ...voltageV.map((value, phase) => scaled([1, 0, phase * 20 + 32, 7, 0, 255], u16(10 * value), -1, UNIT.volts)),
        scaled([1, 0, 1, 8, 0, 255], u32(shownSteps(importedMilliWh, 1_000)), 0, UNIT.wattHours),
        scaled([1, 0, 2, 8, 0, 255], u32(shownSteps(exportedMilliWh, 1_000)), 0, UNIT.wattHours),
      ),
    ),
};

function aidonNumber(serialNumber: number): string {
  return `7359992${String(serialNumber).padStart(9, "0")}`;
}

/** A flat list of codes and values; scales stand in the manual: tens of Wh, hundredths of A, whole V. */
export const kamstrupImage: TelegramImage = {
  stepMilliWh: 10_000,
  shownSerialNumber: kamstrupNumber,
  encode: ({ importedMilliWh, exportedMilliWh = 0, powerW, voltageV, currentA }, plate) =>
    framed(
      Uint8Array.of(0x2b, 0x21, 0x13),
      structure(
        text("Kamstrup_V0001"),
        ...[octets(1, 1, 0, 0, 5, 255), text(kamstrupNumber(plate.serialNumber))],
        ...[octets(1, 1, 1, 7, 0, 255), u32(Math.max(0, powerW))],
        ...[octets(1, 1, 2, 7, 0, 255), u32(Math.max(0, -powerW))],
        ...currentA.flatMap((value, phase) => [octets(1, 1, phase * 20 + 31, 7, 0, 255), u32(100 * value)]),
        ...voltageV.flatMap((value, phase) => [octets(1, 1, phase * 20 + 32, 7, 0, 255), u16(value)]),
        ...[octets(1, 1, 1, 8, 0, 255), u32(shownSteps(importedMilliWh, 10_000))],
        ...[octets(1, 1, 2, 8, 0, 255), u32(shownSteps(exportedMilliWh, 10_000))],
      ),
    ),
};

function kamstrupNumber(serialNumber: number): string {
  return `57065672${String(serialNumber).padStart(8, "0")}`;
}

/** No codes at all: 18 elements whose places say what they are. */
export const kaifaImage: TelegramImage = {
  stepMilliWh: 1_000,
  shownSerialNumber: kaifaNumber,
  encode: ({ importedMilliWh, exportedMilliWh = 0, powerW, voltageV, currentA }, plate) =>
    framed(
      Uint8Array.of(0x01, 0x02, 0x01, 0x10),
      structure(
        octets(...asciiBytes("KFM_001")),
        octets(...asciiBytes(kaifaNumber(plate.serialNumber))),
        octets(...asciiBytes("MA304H3E")),
        ...[u32(Math.max(0, powerW)), u32(Math.max(0, -powerW)), u32(0), u32(0)],
        ...currentA.map((value) => u32(1000 * value)),
        ...voltageV.map((value) => u32(10 * value)),
        octets(...dateTime(plate)),
        ...[u32(shownSteps(importedMilliWh, 1_000)), u32(shownSteps(exportedMilliWh, 1_000)), u32(0), u32(0)],
      ),
    ),
};

function kaifaNumber(serialNumber: number): string {
  return `69706314${String(serialNumber).padStart(8, "0")}`;
}

/** The hour of the day is all that a list needs of it. */
function dateTime({ wallMs }: TelegramPlate): readonly number[] {
  const seconds = Math.floor(wallMs / 1000) % 86_400;
  const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return [0x07, 0xea, 11, 22, 7, ...clock, 0xff, 0x80, 0, 0];
}

/** 7e, format with length, addresses, control, check, LLC header, APDU, check, 7e. */
function framed(addressesAndControl: Uint8Array, list: Uint8Array): Uint8Array {
  const apdu = concatBytes(Uint8Array.of(0x0f, 0x40, 0, 0, 0, 0), list);
  const information = concatBytes(Uint8Array.of(0xe6, 0xe7, 0x00), apdu);
  const length = 2 + addressesAndControl.length + 2 + information.length + 2;
  const head = concatBytes(Uint8Array.of(0xa0 | (length >> 8), length & 0xff), addressesAndControl);
  const checked = concatBytes(head, x25Sum(head), information);
  return concatBytes(Uint8Array.of(FLAG), checked, x25Sum(checked), Uint8Array.of(FLAG));
}

const FLAG = 0x7e;

function scaled(code: readonly number[], value: Uint8Array, scaler: number, unit: number): Uint8Array {
  return structure(octets(...code), value, structure(Uint8Array.of(0x0f, scaler & 0xff), Uint8Array.of(0x16, unit)));
}

function array(...elements: readonly Uint8Array[]): Uint8Array {
  return concatBytes(Uint8Array.of(0x01, elements.length), ...elements);
}

function structure(...elements: readonly Uint8Array[]): Uint8Array {
  return concatBytes(Uint8Array.of(0x02, elements.length), ...elements);
}

function octets(...bytes: readonly number[]): Uint8Array {
  return Uint8Array.of(0x09, bytes.length, ...bytes);
}

function text(value: string): Uint8Array {
  return Uint8Array.of(0x0a, value.length, ...asciiBytes(value));
}

function u32(value: number): Uint8Array {
  return Uint8Array.of(0x06, ...bigEndian(value, 4));
}

function u16(value: number): Uint8Array {
  return Uint8Array.of(0x12, ...bigEndian(value, 2));
}

function i16(value: number): Uint8Array {
  return Uint8Array.of(0x10, ...bigEndian(value, 2));
}

function bigEndian(value: number, bytes: number): readonly number[] {
  const whole = Math.round(value);
  return Array.from({ length: bytes }, (_, index) => Math.floor(whole / 256 ** (bytes - 1 - index)) & 0xff);
}
