/**
 * Which counters a meter is billed by, where the model has coarse and fine ones. The fine ones stand in some variants
 * only, and what one of their counts weighs is often known from a sister model alone: they are believed when they show
 * the same energy as the coarse ones, whose weight the maker states. Decided before the first reading and then kept,
 * for a change in the middle of a charge would look like a jump of the register.
 */
import { decodeEnergy } from "#hal/protocols/modbus/decode-register.ts";
import type { EnergyCounter, EnergyRegister, RegisterMap } from "#hal/protocols/modbus/register-map.ts";
import { decodeCounter } from "./decode-counter.ts";
import { counterRegisters, finerRegisters } from "./map-registers.ts";
import type { RegisterWords } from "./register-reader.ts";

/** What has to be read for the choice: nothing for most models. */
export function registersToCompare(map: RegisterMap): readonly EnergyRegister[] {
  const finer = finerRegisters(map);
  return finer.length === 0 ? [] : [...counterRegisters(map), ...finer].map(({ register }) => register);
}

/**
 * The map with one counter for each quantity, by what the registers to compare have shown. A finer one that was chosen
 * has to be there from now on.
 */
export function chooseCounters(map: RegisterMap, words: RegisterWords): RegisterMap {
  const isFine = agrees(map, words);
  return withCounters(map, (finer) => isFine && words.has(finer));
}

/** The map with the finer counters where it has some and they are believed, and with the coarse ones elsewhere. */
export function withCounters(map: RegisterMap, isBelieved: (finer: EnergyRegister) => boolean): RegisterMap {
  const { importedEnergy, exportedEnergy } = map.quantities;
  const chosen = (counter: EnergyCounter): EnergyCounter => {
    const { finer, ...coarse } = counter;
    return finer !== undefined && isBelieved(finer) ? finer : coarse;
  };
  return {
    ...map,
    quantities: {
      ...map.quantities,
      importedEnergy: chosen(importedEnergy),
      ...(exportedEnergy === undefined ? {} : { exportedEnergy: chosen(exportedEnergy) }),
    },
  };
}

/** The two were not read at the same instant: 0.05 kWh is more than flows between two requests. */
const BETWEEN_MILLI_WH = 50_000;

function agrees(map: RegisterMap, words: RegisterWords): boolean {
  const { importedEnergy } = map.quantities;
  const { finer } = importedEnergy;
  const fineWords = finer === undefined ? undefined : words.get(finer);
  if (finer === undefined || fineWords === undefined) return false;
  const fine = decodeEnergy(fineWords, finer, map);
  const coarse = decodeCounter(words, importedEnergy, map);
  if (fine === null || coarse === null) return false;
  const apartMilliWh = Math.abs(fine.milliWh - coarse.milliWh);
  return apartMilliWh <= coarse.resolutionMilliWh + fine.resolutionMilliWh + BETWEEN_MILLI_WH;
}
