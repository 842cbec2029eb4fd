/**
 * Eastron SDM120-Modbus, SDM120M, SDM120CT: one phase, floats, energy in kWh.
 *
 * Sources: Eastron, "SDM120 Modbus protocol" v2.5 (2400 baud when new, and its settings can be changed over Modbus
 * only, says mbmd); volkszaehler/mbmd meters/rs485/sdm120.go; nmakel/sdm_modbus; openWB packages/modules/common/sdm.py.
 * The maker allows 80 registers a read, but not every unit in the field answers more than 20; and 100 ms of rest
 * between requests are needed (snaptec/openWB pull request 1287).
 */
import type { RegisterMap } from "#hal/protocols/modbus/register-map.ts";

export const eastronSdm120 = {
  model: "eastron-sdm120",
  functionCode: 4,
  wordOrder: "high-first",
  registersPerReadMax: 80,
  registersPerReadSafe: 20,
  evenOnly: true,
  pauseMs: 100,
  answerMs: 1000,
  factory: { baudRate: 2400, parity: "none", stopBits: 1, unit: 1 },
  identity: {
    serialNumber: { functionCode: 3, address: 0xfc00, type: "u32", scale: 1, optional: true },
    firmware: { functionCode: 3, address: 0xfc03, type: "u32", scale: 1, shownAs: "hex", optional: true },
  },
  quantities: {
    importedEnergy: { address: 0x0048, type: "f32", scale: 1, unit: "kWh", step: 0.001 },
    exportedEnergy: { address: 0x004a, type: "f32", scale: 1, unit: "kWh", step: 0.001 },
    power: { address: 0x000c, type: "f32", scale: 1 },
    voltage: [{ address: 0x0000, type: "f32", scale: 1 }],
    current: [{ address: 0x0006, type: "f32", scale: 1 }],
    frequency: { address: 0x0046, type: "f32", scale: 1, tenfoldAbove: 100 },
  },
} as const satisfies RegisterMap;
