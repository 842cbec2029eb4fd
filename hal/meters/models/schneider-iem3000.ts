/**
 * Schneider iEM3150 to iEM3355, such as the iEM3155: three phases, floats, power in kW, energy as whole Wh.
 *
 * Source: volkszaehler/mbmd meters/rs485/iem3000.go, after Schneider DOCA0005 (whose numbers are one higher than the
 * addresses on the wire). NaN and the smallest 64-bit integer mean that the model has no such value. From memory, not
 * checked: the serial number at 129, which is optional therefore, and 19200 baud with even parity when new.
 */
import type { RegisterMap } from "#hal/protocols/modbus/register-map.ts";

export const schneiderIem3000 = {
  model: "schneider-iem3000",
  functionCode: 3,
  wordOrder: "high-first",
  registersPerReadMax: 125,
  pauseMs: 0,
  answerMs: 1000,
  notAvailable: { i64: -0x8000_0000_0000_0000n },
  factory: { baudRate: 19_200, parity: "even", stopBits: 1, unit: 1 },
  identity: {
    serialNumber: { address: 129, type: "u32", scale: 1, optional: true },
  },
  quantities: {
    importedEnergy: { address: 3203, type: "i64", scale: 1, unit: "Wh" },
    exportedEnergy: { address: 3207, type: "i64", scale: 1, unit: "Wh", optional: true },
    power: { address: 3059, type: "f32", scale: 1000 },
    voltage: [
      { address: 3027, type: "f32", scale: 1 },
      { address: 3029, type: "f32", scale: 1 },
      { address: 3031, type: "f32", scale: 1 },
    ],
    current: [
      { address: 2999, type: "f32", scale: 1 },
      { address: 3001, type: "f32", scale: 1 },
      { address: 3003, type: "f32", scale: 1 },
    ],
    frequency: { address: 3109, type: "f32", scale: 1 },
  },
} as const satisfies RegisterMap;
