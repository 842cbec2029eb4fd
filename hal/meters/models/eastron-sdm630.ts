/**
 * Eastron SDM630-Modbus v1 and v2, SDM630 MID: three phases, floats, energy in kWh.
 *
 * Sources: Eastron, "SDM630 Modbus protocol" v2.0 (input registers; at most 40 values, even start and even count; more
 * gives an exception or a late answer; no answer to a damaged question); volkszaehler/mbmd meters/rs485/sdm.go;
 * nmakel/sdm_modbus and openWB packages/modules/common/sdm.py for the serial number at 0xFC00 (the maker's list has it
 * at 0x002A of the holding registers). The pause is what openWB keeps between two requests; some units give the
 * frequency as 500, says openWB.
 *
 * The counters at 0x0048 and 0x004A cannot be reset; those at 0x0180 to 0x0186 can and are not used. Power is the total
 * at 0x0034, which may differ a little from the sum of the phases. The order of the words can be changed in the meter
 * (holding register 0x0028); then voltage and frequency are implausible, and the reading is refused.
 */
import type { RegisterMap } from "#hal/protocols/modbus/register-map.ts";

export const eastronSdm630 = {
  model: "eastron-sdm630",
  functionCode: 4,
  wordOrder: "high-first",
  registersPerReadMax: 80,
  evenOnly: true,
  pauseMs: 50,
  answerMs: 1000,
  factory: { baudRate: 9600, parity: "none", stopBits: 1, unit: 1 },
  identity: {
    serialNumber: { functionCode: 3, address: 0xfc00, type: "u32", scale: 1, optional: true },
  },
  quantities: {
    importedEnergy: { address: 0x0048, type: "f32", scale: 1, unit: "kWh", step: 0.001 },
    exportedEnergy: { address: 0x004a, type: "f32", scale: 1, unit: "kWh", step: 0.001 },
    power: { address: 0x0034, type: "f32", scale: 1 },
    voltage: [
      { address: 0x0000, type: "f32", scale: 1 },
      { address: 0x0002, type: "f32", scale: 1 },
      { address: 0x0004, type: "f32", scale: 1 },
    ],
    current: [
      { address: 0x0006, type: "f32", scale: 1 },
      { address: 0x0008, type: "f32", scale: 1 },
      { address: 0x000a, type: "f32", scale: 1 },
    ],
    frequency: { address: 0x0046, type: "f32", scale: 1, tenfoldAbove: 100 },
  },
} as const satisfies RegisterMap;
