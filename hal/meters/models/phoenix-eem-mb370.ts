/**
 * Phoenix Contact EEM-MB370, EEM-MB370-24DC, EEM-MA370: three phases, floats with the LOW word first, energy in Wh.
 *
 * Source: OpenEMS PhoenixContactMeterImpl.java, which reads 57 registers at once; that the energy is in Wh is concluded
 * from its scaling. Modbus TCP or a serial line; no register of the serial number is known to us.
 */
import type { RegisterMap } from "#hal/protocols/modbus/register-map.ts";

export const phoenixEemMb370 = {
  model: "phoenix-eem-mb370",
  functionCode: 3,
  wordOrder: "low-first",
  registersPerReadMax: 60,
  pauseMs: 0,
  answerMs: 1000,
  factory: { unit: 1 },
  identity: {},
  quantities: {
    importedEnergy: { address: 0x8100, type: "f32", scale: 1, unit: "Wh", step: 1 },
    exportedEnergy: { address: 0x8106, type: "f32", scale: 1, unit: "Wh", step: 1 },
    power: { address: 0x8016, type: "f32", scale: 1 },
    voltage: [
      { address: 0x8006, type: "f32", scale: 1 },
      { address: 0x8008, type: "f32", scale: 1 },
      { address: 0x800a, type: "f32", scale: 1 },
    ],
    current: [
      { address: 0x800e, type: "f32", scale: 1 },
      { address: 0x8010, type: "f32", scale: 1 },
      { address: 0x8012, type: "f32", scale: 1 },
    ],
    frequency: { address: 0x800c, type: "f32", scale: 1 },
  },
} as const satisfies RegisterMap;
