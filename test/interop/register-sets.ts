/** The registers of each model as meter-register-sets.json has them, and what a driver must make of values in them. */
import { readFileSync } from "node:fs";

import type { MeterReading } from "#hal/ports/energy-meter.ts";
import type { ShownValues } from "./modbus-line.ts";

export interface RegisterSet {
  readonly registers: readonly SetRegister[];
  readonly constants?: readonly (readonly [functionCode: number, address: number, words: readonly number[]])[];
}

type SetRegister = readonly [
  name: string,
  functionCode: number,
  address: number,
  type: string,
  scale: number | string,
  unit: string,
];

export const REGISTER_SETS = JSON.parse(
  readFileSync(new URL("meter-register-sets.json", import.meta.url), "utf8"),
) as Readonly<Record<string, RegisterSet>>;

/** Fed back, so that every sign shows; in kWh for energy. Only what the model has is taken of them. */
const SHOWN = {
  ...{ "V.L1": 231.4, "V.L2": 229.8, "V.L3": 230.6, "V.DC": 412.5, "I.L1": 11.25, "I.L2": 9.5, "I.L3": 10.75 },
  ...{ Hz: 49.9, Eimp: 12_345.6, Eexp: 2345.7, EimpFine: 12_345.678, EexpFine: 2345.789, serial: 30_201_001 },
  ...{ "Eimp.T1": 12_000.125, "Eimp.T2": 345.5, "Eexp.T1": 2000.25, "Eexp.T2": 345.125 },
} as const;

export function shownBy(model: string): ShownValues {
  const registers = REGISTER_SETS[model]?.registers ?? [];
  const names = registers.map(([name]) => name);
  if (names.includes("V.DC")) return { ...SHOWN, "I.DC": -6.2, P: -2557 };
  const P = names.includes("V.L2") || !names.includes("V.L1") ? -7183.3 : -2550.3;
  // A coarse counter that is a float shows as much as the fine one.
  const isFloat = registers.some(([name, , , type]) => name === "Eimp" && type === "f32");
  const { EimpFine, EexpFine } = SHOWN;
  return isFloat && names.includes("EimpFine") ? { ...SHOWN, P, Eimp: EimpFine, Eexp: EexpFine } : { ...SHOWN, P };
}

/** The difference between a reading and what was shown, beyond what a register can hold; empty when there is none. */
export function differences(model: string, shown: ShownValues, reading: MeterReading): readonly string[] {
  const set = REGISTER_SETS[model];
  if (set === undefined) return ["no such register set"];
  const told: readonly (readonly [names: readonly string[], value: number | null])[] = [
    [energyNames(set, "Eimp"), reading.importedMilliWh / 1e6],
    [energyNames(set, "Eexp"), reading.exportedMilliWh === null ? null : reading.exportedMilliWh / 1e6],
    [["P"], reading.powerW],
    [["Hz"], reading.frequencyHz],
    ...reading.voltageV.map((value, phase) => [phaseNames(set, "V", phase), value] as const),
    ...reading.currentA.map((value, phase) => [phaseNames(set, "I", phase), value] as const),
  ];
  return told.flatMap(([names, value]) => {
    const registers = set.registers.filter(([name]) => names.includes(name));
    if (registers.length === 0) return value === null ? [] : [`${names.join("+")}: ${value}, but there is none`];
    const expected = registers.reduce((sum, register) => sum + held(register, shown, set), 0);
    const isSame = value !== null && Math.abs(value - expected) <= 1e-6 + Math.abs(expected) * 1e-9;
    return isSame ? [] : [`${names.join("+")}: ${String(value)} in place of ${expected}`];
  });
}

/** The fine counter where there is one, else all tariffs, else the one counter. */
function energyNames(set: RegisterSet, name: string): readonly string[] {
  const names = set.registers.map(([each]) => each).filter((each) => each.startsWith(name));
  const fine = names.filter((each) => each.endsWith("Fine"));
  return fine.length > 0 ? fine : names.length === 0 ? [name] : names;
}

function phaseNames(set: RegisterSet, quantity: string, phase: number): readonly string[] {
  const isDirect = set.registers.some(([name]) => name === `${quantity}.DC`);
  return [isDirect ? `${quantity}.DC` : `${quantity}.L${phase + 1}`];
}

/** What is left of a value once the register holds it. */
function held([name, , , type, scale, unit]: SetRegister, shown: ShownValues, set: RegisterSet): number {
  const kilo = unit === "Wh" ? 1000 : 1;
  const value = (shown[name] ?? 0) * kilo;
  const step = typeof scale === "number" ? scale : powerOfTen(scale, set);
  if (type === "f64") return value / kilo;
  if (type === "f32") {
    // To whole mWh, volts as they are.
    const shownFloat = Math.fround(value / step) * step;
    return unit.endsWith("Wh") ? Math.round((shownFloat / kilo) * 1e6) / 1e6 : shownFloat;
  }
  if (type === "t5" || type === "t6") return Math.round(value * 1000) / 1000;
  return (Math.round(value / step) * step) / kilo;
}

function powerOfTen(text: string, set: RegisterSet): number {
  const [register = "", less = "0"] = text.slice(3).split("-");
  const word = set.constants?.find(([, address]) => address === Number(register))?.[2][0] ?? 0;
  return 10 ** ((word >= 0x8000 ? word - 0x1_0000 : word) - Number(less));
}
