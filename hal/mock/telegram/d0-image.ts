/**
 * Readouts of meters with a D0 interface: IEC 62056-21, 6.3. Pushed ones end with the end mark; those that were asked
 * for stand between STX and ETX, with a block check behind. All bytes are of 7 bits, as they are behind the parity.
 */
import { concatBytes } from "#base/bytes.ts";
import type { MeterState } from "#hal/mock/modbus/meter-source.ts";
import { blockCheck } from "./sums.ts";
import {
  asciiBytes,
  fixedText,
  shownSteps,
  stepsText,
  type TelegramImage,
  type TelegramPlate,
} from "./telegram-image.ts";

export interface ReadoutImage extends TelegramImage {
  /** Without it only silence tells that a readout is over. */
  readonly hasBlockCheck: boolean;
  /** The line with which it answers a request; `Z` is 5 for 9600 baud. */
  readonly identification: string;
  /** What follows the agreement on a speed. */
  readout(state: MeterState, plate: TelegramPlate): Uint8Array;
}

/** All three phases, with long codes. */
export const pushedReadout: TelegramImage = {
  stepMilliWh: 1_000,
  shownSerialNumber: (serialNumber) => String(serialNumber),
  encode: (state, plate) =>
    pushed([
      `1-0:0.0.0*255(${plate.serialNumber})`,
      `1-0:1.8.0*255(${registerText(state.importedMilliWh)}*kWh)`,
      `1-0:2.8.0*255(${registerText(state.exportedMilliWh ?? 0)}*kWh)`,
      `1-0:16.7.0*255(${signedText(state.powerW, 2, 9)}*W)`,
      ...phases(state),
      `1-0:14.7.0*255(${fixedText(state.frequencyHz, 2)}*Hz)`,
      "0-0:96.5.5*255(80)",
    ]),
};

/** One tariff, and no unit: an EMH eHZ of 2009. */
export const bareReadout: TelegramImage = {
  stepMilliWh: 100,
  shownSerialNumber: (serialNumber) => String(serialNumber).padStart(10, "0"),
  encode: (state, plate) =>
    pushed([
      "1-0:0.0.0*255(331200-5009810)",
      `1-0:1.8.1*255(${stepsText(shownSteps(state.importedMilliWh, 100), 4, 11)})`,
      "1-0:96.5.5*255(80)",
      `0-0:96.1.255*255(${String(plate.serialNumber).padStart(10, "0")})`,
    ]),
};

export interface AskedReadoutOptions {
  readonly hasBlockCheck: boolean;
}

/** Short codes, and registers of former months, which are not to be taken for those of now. */
export function askedReadout({ hasBlockCheck }: AskedReadoutOptions): ReadoutImage {
  const readout = (state: MeterState, plate: TelegramPlate): Uint8Array => {
    const body = asciiBytes(`${askedLines(state, plate).join("\r\n")}\r\n!\r\n`);
    if (!hasBlockCheck) return concatBytes(Uint8Array.of(STX), body);
    const covered = concatBytes(body, Uint8Array.of(ETX));
    return concatBytes(Uint8Array.of(STX), covered, Uint8Array.of(blockCheck(covered)));
  };
  return {
    ...{ stepMilliWh: 1_000, hasBlockCheck },
    identification: "/TSK5TALLYSTICK\r\n",
    shownSerialNumber: (serialNumber) => String(serialNumber).padStart(8, "0"),
    readout,
    encode: (state, plate) => concatBytes(asciiBytes("/TSK5TALLYSTICK\r\n"), readout(state, plate)),
  };
}

const STX = 0x02;
const ETX = 0x03;

function askedLines(state: MeterState, plate: TelegramPlate): readonly string[] {
  const { importedMilliWh, exportedMilliWh = 0, powerW } = state;
  const month = (share: number): string => registerText(importedMilliWh * share);
  return [
    "F.F(00000000)",
    `C.1.0(${String(plate.serialNumber).padStart(8, "0")})`,
    "0.2.0(1.03)",
    `1.8.0(${registerText(importedMilliWh)}*kWh)`,
    `1.8.0*01(${month(0.9)}*kWh)`,
    `1.8.0*02(${month(0.8)}*kWh)`,
    `2.8.0(${registerText(exportedMilliWh)}*kWh)`,
    `2.8.0*01(${registerText(exportedMilliWh * 0.9)}*kWh)`,
    `1.7.0(${fixedText(Math.max(0, powerW) / 1000, 4, 8)}*kW)`,
    `2.7.0(${fixedText(Math.max(0, -powerW) / 1000, 4, 8)}*kW)`,
    ...phases(state).map((line) => line.replace(/^1-0:/, "").replace("*255", "")),
    `14.7.0(${fixedText(state.frequencyHz, 2)}*Hz)`,
    "C.7.0(0003)",
  ];
}

function phases({ voltageV, currentA }: MeterState): readonly string[] {
  return [
    ...voltageV.map((value, phase) => `1-0:${phase * 20 + 32}.7.0*255(${fixedText(value, 1, 5)}*V)`),
    ...currentA.map((value, phase) => `1-0:${phase * 20 + 31}.7.0*255(${fixedText(value, 2, 6)}*A)`),
  ];
}

/** Seven digits before the point, as on the display. */
function registerText(milliWh: number): string {
  return stepsText(shownSteps(milliWh, 1_000) % 10_000_000_000, 3, 11);
}

function signedText(value: number, decimals: number, characters: number): string {
  const text = fixedText(Math.abs(value), decimals, characters);
  return value < 0 ? `-${text}` : text;
}

function pushed(lines: readonly string[]): Uint8Array {
  return asciiBytes(`/TSK5TALLYSTICK D0\r\n\r\n${lines.join("\r\n")}\r\n!\r\n`);
}
