/** Energy from the digits that a meter has sent, exactly: whole mWh, and the step that the last digit stands for. */
import { fail, ok, type Result } from "#base/result.ts";
import type { TelegramValue } from "#hal/protocols/telegram.ts";
import { readDecimal, type Decimal } from "#hal/protocols/decimal.ts";
import type { EnergyUnit } from "./telegram-model.ts";

export interface TelegramEnergy {
  readonly milliWh: number;
  readonly resolutionMilliWh: number;
  /** Null where the digits do not tell. */
  readonly rolloverMilliWh: number | null;
}

export interface EnergyRules {
  /** Of a value without a unit. */
  readonly unit: EnergyUnit | undefined;
  readonly rollsOverByDigits: boolean;
}

/** The sum, or the value that is no energy. Every register hides up to a step of its own, so the steps add up. */
export function decodeEnergy(values: readonly TelegramValue[], rules: EnergyRules): Result<TelegramEnergy, NoEnergy> {
  const parts: Decimal[] = [];
  for (const value of values) {
    const unit = value.unit === null ? rules.unit : unitOf(value.unit);
    const number = readDecimal(value.value);
    if (unit === undefined || number === undefined || !isSane(number)) return fail({ value, expected: A_NUMBER });
    if (number.digits < 0n) return fail({ value, expected: "a register that is not negative" });
    parts.push({ digits: number.digits, exponent: number.exponent + MILLI_WH_EXPONENT[unit] });
  }
  const milliWh = sumOf(parts);
  const [first] = values;
  if (first === undefined || !Number.isSafeInteger(milliWh)) return fail({ value: first, expected: A_NUMBER });
  const resolutionMilliWh = parts.reduce((sum, { exponent }) => sum + 10 ** Math.max(0, exponent), 0);
  // A sum does not start again from 0 when one of its parts does.
  const rolloverMilliWh = values.length === 1 && rules.rollsOverByDigits ? rolloverOf(first, rules) : null;
  return ok({ milliWh, resolutionMilliWh, rolloverMilliWh });
}

export interface NoEnergy {
  readonly value: TelegramValue | undefined;
  readonly expected: string;
}

/** The unit of energy that a meter means; undefined for what is none. */
function unitOf(unit: string): EnergyUnit | undefined {
  if (unit === "MWh") return unit;
  return UNITS[unit.toLowerCase()];
}

const UNITS: Readonly<Partial<Record<string, EnergyUnit>>> = { wh: "Wh", kwh: "kWh" };
const MILLI_WH_EXPONENT = { Wh: 3, kWh: 6, MWh: 9 } as const;
const A_NUMBER = "a number of Wh, kWh or MWh";

/** Of a register: beyond it stands no energy but a mistake, and a power of ten that would take long to compute. */
function isSane({ exponent }: Decimal): boolean {
  return Math.abs(exponent) <= EXPONENT_MAX;
}

const EXPONENT_MAX = 12;

/** Whole mWh, rounded to the nearest once, after adding. */
function sumOf(parts: readonly Decimal[]): number {
  const finest = Math.min(0, ...parts.map(({ exponent }) => exponent));
  const sum = parts.reduce((total, { digits, exponent }) => total + digits * 10n ** BigInt(exponent - finest), 0n);
  const divisor = 10n ** BigInt(-finest);
  return Number((sum + divisor / 2n) / divisor);
}

/** As a display counts: of `0008048.375` the seven digits before the point. */
function rolloverOf({ value, unit }: TelegramValue, rules: EnergyRules): number | null {
  const digits = /^(\d{3,12})(?:\.\d+)?$/.exec(value)?.[1];
  const known = unit === null ? rules.unit : unitOf(unit);
  if (digits === undefined || known === undefined) return null;
  const rollover = 10 ** (digits.length + MILLI_WH_EXPONENT[known]);
  return Number.isSafeInteger(rollover) ? rollover : null;
}
