/** The table of registers of a meter that was found in a SunSpec chain. */
import type { EnergyCounter, NumberRegister, RegisterMap } from "#hal/protocols/modbus/register-map.ts";
import { COMMON_MODEL, FLOAT_METER, INTEGER_METER, METER_MODELS } from "./meter-models.ts";
import type { Direction, SunspecChoice } from "./sunspec-choice.ts";
import type { ChainModel } from "./walk-chain.ts";

export interface MeterPlace {
  /** One of 201 to 204 and 211 to 214. */
  readonly model: ChainModel;
  /** Model 1 that says whose it is: the last one before it. */
  readonly common: ChainModel;
}

/** A model table whose addresses hold only until the device says others. */
export interface SunspecMap extends RegisterMap {
  readonly sunspec: SunspecChoice;
}

export function isSunspecMap(map: RegisterMap): map is SunspecMap {
  return "sunspec" in map;
}

/**
 * Before anything was found: as if the meter stood first in a chain at 40000. Its addresses serve to see whether
 * anybody answers at all; what differs in a configuration (pause, time for an answer) is kept.
 */
export function undiscoveredMap(name: string, choice: SunspecChoice): SunspecMap {
  const common = { id: COMMON_MODEL.id, address: 40_002, length: 66 };
  const model = { id: 203, address: 40_070, length: INTEGER_METER.length };
  const conventions = {
    model: name,
    functionCode: 3,
    wordOrder: "high-first",
    registersPerReadMax: 125,
    pauseMs: 0,
    answerMs: 1000,
    // A counter of 0 has never counted, or is none (acc32). The other marks are those of int16, uint16 and sunssf.
    notAvailable: { i16: -0x8000n, u16: 0xffffn, u32: 0n },
  } as const;
  return { ...conventions, sunspec: choice, ...discovered({ model, common }, choice.direction) };
}

/** The same with the addresses of this meter. Undefined when the model is no meter. */
export function meterMap(map: SunspecMap, place: MeterPlace): SunspecMap {
  return { ...map, ...discovered(place, map.sunspec.direction) };
}

function discovered(place: MeterPlace, direction: Direction): Pick<RegisterMap, "identity" | "quantities" | "marks"> {
  const { model, common } = place;
  const { layout, phases } = METER_MODELS[model.id] ?? { layout: INTEGER_METER, phases: 3 };
  const at = layout.type === "integers" ? integerRegisters(model.address) : floatRegisters(model.address);
  const isSwapped = direction === "swapped";
  return {
    identity: {
      serialNumber: commonText(common, COMMON_MODEL.serialNumber),
      firmware: commonText(common, COMMON_MODEL.version),
    },
    quantities: {
      importedEnergy: isSwapped ? at.exported : at.imported,
      exportedEnergy: isSwapped ? at.imported : at.exported,
      power: direction === "as-is" ? at.power : { ...at.power, sign: "reversed" },
      voltage: at.voltage.slice(0, phases),
      current: at.current.slice(0, phases),
      frequency: at.frequency,
    },
    // A device that got other models by an update or at a restart shows other words here.
    marks: [
      { address: model.address, type: "u16", scale: 1, value: model.id },
      { address: model.address + 1, type: "u16", scale: 1, value: model.length },
    ],
  };
}

interface MeterRegisters {
  readonly imported: EnergyCounter;
  readonly exported: EnergyCounter;
  readonly power: NumberRegister;
  readonly voltage: readonly NumberRegister[];
  readonly current: readonly NumberRegister[];
  readonly frequency: NumberRegister;
}

function integerRegisters(base: number): MeterRegisters {
  const { exponents, ...offsets } = INTEGER_METER;
  const scaled = (offset: number, exponent: number): NumberRegister => ({
    ...{ address: base + offset, type: "i16", scale: 1 },
    exponent: { address: base + exponent, type: "i16" },
  });
  const counter = (offset: number): EnergyCounter => ({
    ...{ address: base + offset, type: "u32", scale: 1, unit: "Wh", rolloverCounts: ACC32_COUNTS },
    exponent: { address: base + exponents.energy, type: "i16" },
  });
  return {
    imported: counter(offsets.importedEnergy),
    exported: counter(offsets.exportedEnergy),
    power: scaled(offsets.power, exponents.power),
    voltage: offsets.voltage.map((offset) => scaled(offset, exponents.voltage)),
    current: offsets.current.map((offset) => scaled(offset, exponents.current)),
    frequency: scaled(offsets.frequency, exponents.frequency),
  };
}

/** SunSpec device information model specification, acc32: an accumulator of 32 bits. */
const ACC32_COUNTS = 2 ** 32;

function floatRegisters(base: number): MeterRegisters {
  const float = (offset: number): NumberRegister => ({ address: base + offset, type: "f32", scale: 1 });
  const counter = (offset: number): EnergyCounter => ({ ...float(offset), unit: "Wh" });
  return {
    imported: counter(FLOAT_METER.importedEnergy),
    exported: counter(FLOAT_METER.exportedEnergy),
    power: float(FLOAT_METER.power),
    voltage: FLOAT_METER.voltage.map(float),
    current: FLOAT_METER.current.map(float),
    frequency: float(FLOAT_METER.frequency),
  };
}

function commonText(
  { address }: ChainModel,
  { offset, count }: { readonly offset: number; readonly count: number },
): { readonly address: number; readonly type: "text"; readonly count: number } {
  return { address: address + offset, type: "text", count };
}
