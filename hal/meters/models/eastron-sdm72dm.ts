/**
 * Eastron SDM72D-M, versions 1 and 2: three phases, floats, energy in kWh. Version 1 has power and energy only, so
 * nothing in its values tells a wrong model or word order.
 *
 * Sources: volkszaehler/mbmd meters/rs485/sdm72.go and sdm72v2.go; Eastron, "SDM72D-M-v2 manual" v1.1; openWB
 * packages/modules/common/sdm.py. The maker allows 80 registers a read, but some units answer no more than 10. Asked
 * too fast the meter restarts (reaper7/SDM_Energy_Meter issue 50): openWB rests 100 ms between two requests.
 *
 * The counters at 0x0180 to 0x0186 can be reset and are not used.
 */
import type { RegisterMap } from "#hal/protocols/modbus/register-map.ts";

export const eastronSdm72dmV2 = {
  model: "eastron-sdm72dm-v2",
  functionCode: 4,
  wordOrder: "high-first",
  registersPerReadMax: 80,
  registersPerReadSafe: 10,
  evenOnly: true,
  pauseMs: 100,
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

export const eastronSdm72dmV1 = {
  model: "eastron-sdm72dm-v1",
  functionCode: 4,
  wordOrder: "high-first",
  registersPerReadMax: 80,
  registersPerReadSafe: 10,
  evenOnly: true,
  pauseMs: 100,
  answerMs: 1000,
  factory: { baudRate: 9600, parity: "none", stopBits: 1, unit: 1 },
  identity: {},
  quantities: {
    importedEnergy: { address: 0x0048, type: "f32", scale: 1, unit: "kWh", step: 0.001 },
    exportedEnergy: { address: 0x004a, type: "f32", scale: 1, unit: "kWh", step: 0.001 },
    power: { address: 0x0034, type: "f32", scale: 1 },
    voltage: [],
    current: [],
  },
} as const satisfies RegisterMap;
