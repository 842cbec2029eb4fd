/** A lifetime counter from the words of its registers. */
import { decodeEnergy, type Energy } from "#hal/protocols/modbus/decode-register.ts";
import type { EnergyCounter, RegisterMap } from "#hal/protocols/modbus/register-map.ts";
import type { RegisterWords } from "./register-reader.ts";

/**
 * The sum of the counter's registers; null when one of them has no value. Each of them hides up to a step of its own,
 * so the steps add up. A sum does not start again from 0 when one of its parts does.
 */
export function decodeCounter(words: RegisterWords, counter: EnergyCounter, map: RegisterMap): Energy | null {
  const { plus = [] } = counter;
  let sum: Energy | null = null;
  for (const register of [counter, ...plus]) {
    const its = words.get(register);
    const energy = its === undefined ? null : decodeEnergy(its, register, map);
    if (energy === null) return null;
    sum = sum === null ? energy : add(sum, energy);
  }
  return sum !== null && Number.isSafeInteger(sum.milliWh) ? sum : null;
}

/** Where the counter stands: function and register, joined by + for a sum. */
export function counterPlace(counter: EnergyCounter, map: RegisterMap): string {
  const { plus = [] } = counter;
  return [counter, ...plus]
    .map((register) => `${register.functionCode ?? map.functionCode}:${register.address}`)
    .join("+");
}

function add(left: Energy, right: Energy): Energy {
  return {
    milliWh: left.milliWh + right.milliWh,
    resolutionMilliWh: left.resolutionMilliWh + right.resolutionMilliWh,
    rolloverMilliWh: null,
  };
}
