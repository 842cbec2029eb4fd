/**
 * Eastron SDM220-Modbus and SDM230-Modbus: one phase, floats, energy in kWh.
 *
 * Sources: volkszaehler/mbmd meters/rs485/sdm230.go; nmakel/sdm_modbus documents/sdm230_modbus_protocol_v1.1.pdf and
 * its default of 2400 baud (the display tells). The pause is that of the SDM120. EVerest's table for this model scales
 * the energy as if it were Wh; the register is in kWh.
 */
import type { RegisterMap } from "#hal/protocols/modbus/register-map.ts";

export const eastronSdm230 = {
  model: "eastron-sdm230",
  functionCode: 4,
  wordOrder: "high-first",
  registersPerReadMax: 80,
  evenOnly: true,
  pauseMs: 100,
  answerMs: 1000,
  factory: { baudRate: 2400, parity: "none", stopBits: 1, unit: 1 },
  identity: {
    serialNumber: { functionCode: 3, address: 0xfc00, type: "u32", scale: 1, optional: true },
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
