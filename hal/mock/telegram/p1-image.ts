/** A meter with a P1 port: P1 Companion Standard 5.0.2, section 6; and as version 3 has it, without a CRC. */
import { concatBytes, toHex } from "#base/bytes.ts";
import type { MeterState } from "#hal/mock/modbus/meter-source.ts";
import { p1Sum } from "./sums.ts";
import {
  asciiBytes,
  fixedText,
  shownSteps,
  stepsText,
  type TelegramImage,
  type TelegramPlate,
} from "./telegram-image.ts";

export function p1Image(version: 3 | 5): TelegramImage {
  return {
    stepMilliWh: 1_000,
    shownSerialNumber: meterNumber,
    encode: (state, plate) =>
      version === 5 ? withCrc(newer(state, plate)) : asciiBytes(`${older(state, plate)}!\r\n`),
  };
}

function meterNumber(serialNumber: number): string {
  return `E0047${String(serialNumber).padStart(12, "0")}`;
}

function newer(state: MeterState, plate: TelegramPlate): string {
  const { voltageV, currentA } = state;
  return lines([
    "/TSK5\\2TALLYSTICK-P1",
    "",
    "1-3:0.2.8(50)",
    `0-0:1.0.0(${p1Time(plate.wallMs)})`,
    `0-0:96.1.1(${hexText(meterNumber(plate.serialNumber))})`,
    ...registers(state, 10),
    "0-0:96.14.0(0002)",
    ...powers(state, 3),
    ...voltageV.map((value, phase) => `1-0:${phase * 20 + 32}.7.0(${fixedText(value, 1)}*V)`),
    ...currentA.map((value, phase) => `1-0:${phase * 20 + 31}.7.0(${fixedText(value, 2, 6)}*A)`),
    "0-1:24.1.0(003)",
    `0-1:96.1.0(${hexText("G0047000000000000")})`,
    `0-1:24.2.1(${p1Time(plate.wallMs)})(00123.456*m3)`,
    "",
  ]);
}

function older(state: MeterState, plate: TelegramPlate): string {
  return lines([
    "/TSK5 TALLYSTICK P1",
    "",
    `0-0:96.1.1(${hexText(meterNumber(plate.serialNumber))})`,
    ...registers(state, 9),
    "0-0:96.14.0(0001)",
    ...powers(state, 2),
    "0-0:96.13.0()",
    "",
  ]);
}

/** Two tariffs and no total, as in the Netherlands. */
function registers({ importedMilliWh, exportedMilliWh = 0 }: MeterState, characters: number): readonly string[] {
  const text = (wattHours: number): string => `${stepsText(wattHours, 3, characters)}*kWh`;
  const imported = split(shownSteps(importedMilliWh, 1_000));
  const exported = split(shownSteps(exportedMilliWh, 1_000));
  return [
    `1-0:1.8.1(${text(imported[0])})`,
    `1-0:1.8.2(${text(imported[1])})`,
    `1-0:2.8.1(${text(exported[0])})`,
    `1-0:2.8.2(${text(exported[1])})`,
  ];
}

function split(wattHours: number): readonly [number, number] {
  const first = Math.floor(wattHours / 3);
  return [first, wattHours - first];
}

function powers({ powerW }: MeterState, decimals: 2 | 3): readonly string[] {
  const text = (watts: number): string => `${fixedText(Math.max(0, watts) / 1000, decimals, decimals + 3)}*kW`;
  return [`1-0:1.7.0(${text(powerW)})`, `1-0:2.7.0(${text(-powerW)})`];
}

function withCrc(telegram: string): Uint8Array {
  const covered = asciiBytes(`${telegram}!`);
  return concatBytes(covered, asciiBytes(`${p1Sum(covered)}\r\n`));
}

function lines(all: readonly string[]): string {
  return all.join("\r\n");
}

function hexText(text: string): string {
  return toHex(asciiBytes(text)).toUpperCase();
}

/** YYMMDDhhmmssW: local winter time of the Netherlands, an hour before UTC. The days are counted as in Hinnant 2013. */
function p1Time(wallMs: number): string {
  const local = Math.floor(wallMs / 1000) + 3600;
  const day = Math.floor(local / 86_400) + 719_468;
  const era = Math.floor(day / 146_097);
  const dayOfEra = day - era * 146_097;
  const years = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * years + Math.floor(years / 4) - Math.floor(years / 100));
  const shifted = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  const year = years + era * 400 + (month <= 2 ? 1 : 0);
  const date = [year % 100, month, dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1];
  const time = [Math.floor(local / 3600) % 24, Math.floor(local / 60) % 60, local % 60];
  return `${[...date, ...time].map((part) => String(part).padStart(2, "0")).join("")}W`;
}
