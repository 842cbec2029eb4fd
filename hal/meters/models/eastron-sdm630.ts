/**
 * Eastron SDM630-Modbus v1 and v2, SDM630 MID: three phases, floats, energy in kWh.
 *
 * Sources: Eastron, "SDM630 Modbus protocol" v2.0 (input registers; at most 40 values, even start and even count);
 * volkszaehler/mbmd meters/rs485/sdm.go; nmakel/sdm_modbus and openWB packages/modules/common/sdm.py for the serial
 * number at 0xFC00. The counters at 0x0048 and 0x004A cannot be reset; those at 0x0180 to 0x0186 can and are not used.
 * The pause is what openWB keeps between two requests.
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
  identity: {
    serialNumber: { functionCode: 3, address: 0xfc00, type: "u32", scale: 1, optional: true },
  },
  quantities: {
    importedEnergy: { address: 0x0048, type: "f32", scale: 1, unit: "kWh" },
    exportedEnergy: { address: 0x004a, type: "f32", scale: 1, unit: "kWh" },
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
    frequency: { address: 0x0046, type: "f32", scale: 1 },
  },
} as const satisfies RegisterMap;
