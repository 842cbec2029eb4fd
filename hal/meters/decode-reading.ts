/** A reading from the words of its registers, judged whether a meter can have shown it. */
import { fail, ok, type Result } from "#base/result.ts";
import type { MeterFault, MeterReading } from "#hal/ports/energy-meter.ts";
import { decodeNumber } from "#hal/protocols/modbus/decode-register.ts";
import type { NumberRegister, RegisterMap } from "#hal/protocols/modbus/register-map.ts";
import { checkPlausibility } from "./check-plausibility.ts";
import { counterPlace, decodeCounter } from "./decode-counter.ts";
import type { RegisterWords } from "./register-reader.ts";

export interface ArrivalTime {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

export function decodeReading(
  map: RegisterMap,
  words: RegisterWords,
  arrival: ArrivalTime,
): Result<MeterReading, MeterFault> {
  const misfit = misfitIn(map, words);
  if (misfit !== undefined) return fail(misfit);
  const { importedEnergy, exportedEnergy, power, voltage, current, frequency } = map.quantities;
  const imported = decodeCounter(words, importedEnergy, map);
  if (imported === null) {
    const expected = "a counter that is not negative";
    return fail({ code: "METER_IMPLAUSIBLE", quantity: "imported energy", value: "no value", expected });
  }
  const numberIn = (register: NumberRegister): number | null => {
    const its = words.get(register);
    return its === undefined ? null : decodeNumber(its, register, map);
  };
  const frequencyHz = frequency === undefined ? null : numberIn(frequency);
  const reading: MeterReading = {
    importedMilliWh: imported.milliWh,
    resolutionMilliWh: imported.resolutionMilliWh,
    rolloverMilliWh: imported.rolloverMilliWh,
    register: counterPlace(importedEnergy, map),
    exportedMilliWh: exportedEnergy === undefined ? null : (decodeCounter(words, exportedEnergy, map)?.milliWh ?? null),
    powerW: numberIn(power),
    voltageV: voltage.map(numberIn),
    currentA: current.map(numberIn),
    frequencyHz: frequencyHz === null ? null : withoutTenfold(frequencyHz, frequency?.tenfoldAbove),
    ...arrival,
  };
  const implausible = checkPlausibility(reading, map.directCurrent === true ? "direct" : "alternating");
  return implausible === undefined ? ok(reading) : fail(implausible);
}

/** The registers lie elsewhere than the table says. */
export const MISFIT_QUANTITY = "table of registers";

function misfitIn(map: RegisterMap, words: RegisterWords): MeterFault | undefined {
  for (const mark of map.marks ?? []) {
    const its = words.get(mark);
    const value = its === undefined ? null : decodeNumber(its, mark, map);
    if (value === mark.value) continue;
    const expected = `${mark.value} in register ${mark.address}`;
    return { code: "METER_IMPLAUSIBLE", quantity: MISFIT_QUANTITY, value: value ?? "no value", expected };
  }
  return undefined;
}

function withoutTenfold(value: number, above: number | undefined): number {
  return above !== undefined && value > above ? value / 10 : value;
}
