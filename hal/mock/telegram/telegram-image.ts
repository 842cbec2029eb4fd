/** What a simulated meter that speaks by itself sends: its state as bytes on the line. */
import type { MeterState } from "#hal/mock/modbus/meter-source.ts";

export interface TelegramPlate {
  /** At most eight digits; each kind of meter writes it in its own way, as `shownSerialNumber` says. */
  readonly serialNumber: number;
  readonly wallMs: number;
}

export interface TelegramImage {
  encode(state: MeterState, plate: TelegramPlate): Uint8Array;
  /** How the number of the plate is read by somebody who knows the kind of meter. */
  shownSerialNumber(serialNumber: number): string | null;
  /** Smallest step of the import register as it is sent. */
  readonly stepMilliWh: number;
}

/** As many whole steps as the register shows. A register does not round up. */
export function shownSteps(milliWh: number, stepMilliWh: number): number {
  return Math.floor(milliWh / stepMilliWh);
}

/** 3.14 with 2 decimals is "003.14" at 6 characters. */
export function fixedText(value: number, decimals: number, characters = 0): string {
  return value.toFixed(decimals).padStart(characters, "0");
}

/** A whole number of steps with so many decimals, exactly: 8048375 with 3 is "8048.375". */
export function stepsText(steps: number, decimals: number, characters = 0): string {
  const digits = String(steps).padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals);
  const text = decimals === 0 ? digits : `${whole}.${digits.slice(digits.length - decimals)}`;
  return text.padStart(characters, "0");
}

/** The simulated meters share no code with what reads them. */
export function asciiBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
