/** What an intact telegram says by the table of its model: who sends it, and a reading if it has the register. */
import { fail, ok, type Result } from "#base/result.ts";
import type { MeterFault, MeterReading } from "#hal/ports/energy-meter.ts";
import { readDecimal } from "#hal/protocols/decimal.ts";
import type { TelegramValue } from "#hal/protocols/telegram.ts";
import { checkPlausibility } from "#hal/meters/check-plausibility.ts";
import { CodedValues } from "./coded-values.ts";
import { decodeEnergy, type TelegramEnergy } from "./decode-energy.ts";
import { textIn } from "./identity-text.ts";
import type { MeterTelegram } from "./meter-decoder.ts";
import type { PowerBalance, RegisterSum, TelegramModel } from "./telegram-model.ts";

/** A reading without its time, which the telegram does not know. */
export type ToldReading = Omit<MeterReading, "monotonicMs" | "wallMs">;

export interface TelegramContents {
  readonly serialNumber: string | null;
  readonly firmware: string | null;
  /** Undefined when the import register is not in it. */
  readonly reading: Result<ToldReading, MeterFault> | undefined;
}

/**
 * @param register the one that this meter was read by before: another one is another count, and is not taken
 */
export function decodeTelegram(
  model: TelegramModel,
  telegram: MeterTelegram,
  register: string | undefined,
): TelegramContents {
  const values = new CodedValues(telegram.values);
  const { serialNumber, firmware = [], isHexText = false } = model.identity;
  return {
    serialNumber: textIn(values, serialNumber, isHexText) ?? telegram.sender ?? null,
    firmware: textIn(values, firmware, isHexText) ?? null,
    reading: decodeReading(model, values, register),
  };
}

function decodeReading(
  model: TelegramModel,
  values: CodedValues,
  register: string | undefined,
): TelegramContents["reading"] {
  const { importedEnergy, exportedEnergy = [], voltage = [], current = [], frequency } = model.quantities;
  const imported = findRegister(values, importedEnergy, register);
  if (imported === undefined) return undefined;
  if (!imported.ok) return imported;
  const energy = energyOf(model, imported.value);
  if (!energy.ok) return energy;
  const exported = findRegister(values, exportedEnergy, undefined);
  const currents = phasesOf(values, current, "A");
  const frequencyHz = frequency === undefined ? null : (measured(values, frequency, "Hz")?.value ?? null);
  const reading: ToldReading = {
    importedMilliWh: energy.value.milliWh,
    resolutionMilliWh: energy.value.resolutionMilliWh,
    rolloverMilliWh: energy.value.rolloverMilliWh,
    register: placeOf(imported.value),
    exportedMilliWh: exported?.ok === true ? exportedOf(model, exported.value) : null,
    powerW: powerIn(values, model.quantities.power ?? []),
    voltageV: phasesOf(values, voltage, "V").map((phase) => phase?.value ?? null),
    currentA: currents.map((phase) => phase?.value ?? null),
    frequencyHz,
  };
  // P1 meters round currents to whole amperes: judged is the largest that the digits can stand for.
  const currentA = currents.map((phase) => (phase === undefined ? null : Math.abs(phase.value) + phase.step));
  const implausible = checkPlausibility({ ...reading, currentA }, "alternating");
  return implausible === undefined ? ok(reading) : fail(implausible);
}

/** The registers of the first sum that is sent whole. */
function findRegister(
  values: CodedValues,
  sums: readonly RegisterSum[],
  only: string | undefined,
): Result<readonly TelegramValue[], MeterFault> | undefined {
  for (const sum of sums) {
    const found = sum.map((code) => values.find(code));
    const several = found.find((each) => each.kind === "several");
    if (several?.kind === "several" && found.every((each) => each.kind !== "none")) {
      const shown = several.values.map(({ code, value }) => `${code} ${value}`).join(", ");
      return fail({ code: "METER_IMPLAUSIBLE", quantity: "register", value: shown, expected: "one value for a code" });
    }
    const registers = found.flatMap((each) => (each.kind === "one" ? [each.value] : []));
    if (registers.length === sum.length && (only === undefined || placeOf(registers) === only)) return ok(registers);
  }
  return undefined;
}

/** Where the energy stands: codes as sent, joined by + for a sum. */
function placeOf(registers: readonly TelegramValue[]): string {
  return registers.map(({ code }) => code).join("+");
}

function energyOf(model: TelegramModel, registers: readonly TelegramValue[]): Result<TelegramEnergy, MeterFault> {
  const rules = { unit: model.energyUnit, rollsOverByDigits: model.rollsOverByDigits === true };
  const energy = decodeEnergy(registers, rules);
  if (energy.ok) return energy;
  const { value, expected } = energy.fault;
  const shown = value === undefined ? "too much" : `${value.value} ${value.unit ?? "(no unit)"}`;
  return fail({ code: "METER_IMPLAUSIBLE", quantity: "imported energy", value: shown, expected });
}

function exportedOf(model: TelegramModel, registers: readonly TelegramValue[]): number | null {
  const energy = energyOf(model, registers);
  return energy.ok ? energy.value.milliWh : null;
}

function powerIn(values: CodedValues, balances: readonly PowerBalance[]): number | null {
  for (const { plus, minus = [], unless = [] } of balances) {
    if (unless.some((code) => values.has(code))) continue;
    const added = plus.map((code) => measured(values, code, "W"));
    if (added.includes(undefined)) continue;
    const taken = minus.map((code) => measured(values, code, "W"));
    // One that is sent but cannot be understood leaves a balance that means nothing.
    if (minus.some((code, index) => values.has(code) && taken[index] === undefined)) continue;
    return sumOf(added) - sumOf(taken);
  }
  return null;
}

function sumOf(values: readonly (Measured | undefined)[]): number {
  return values.reduce((sum, each) => sum + (each?.value ?? 0), 0);
}

/** As many as the meter tells of: none, the first, or all three with a gap where one is missing. */
function phasesOf(
  values: CodedValues,
  codes: readonly string[],
  unit: keyof typeof SCALES,
): readonly (Measured | undefined)[] {
  const phases = codes.map((code) => measured(values, code, unit));
  const last = phases.findLastIndex((phase) => phase !== undefined);
  return last <= 0 ? phases.slice(0, last + 1) : phases;
}

interface Measured {
  readonly value: number;
  /** What the last digit stands for. */
  readonly step: number;
}

/** Exponents of ten of what meters write for a unit. */
const SCALES = {
  W: { W: 0, kW: 3, KW: 3, kw: 3, MW: 6 },
  V: { V: 0, kV: 3, mV: -3 },
  A: { A: 0, mA: -3 },
  Hz: { Hz: 0, HZ: 0 },
} as const satisfies Readonly<Record<string, Readonly<Record<string, number>>>>;

function measured(values: CodedValues, code: string, unit: keyof typeof SCALES): Measured | undefined {
  const found = values.find(code);
  if (found.kind !== "one") return undefined;
  const decimal = readDecimal(found.value.value);
  const scales: Readonly<Partial<Record<string, number>>> = SCALES[unit];
  const scale = found.value.unit === null ? undefined : scales[found.value.unit];
  if (decimal === undefined || scale === undefined) return undefined;
  const exponent = decimal.exponent + scale;
  // Read as a person would write it: 2302 x 0.1 is not exactly 230.2.
  return { value: Number(`${decimal.digits}e${exponent}`), step: Number(`1e${exponent}`) };
}
