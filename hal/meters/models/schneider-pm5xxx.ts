/**
 * Schneider PowerLogic PM5110, PM5300, PM5500 series: three phases, floats, power in kW, energy in kWh and Wh.
 *
 * Source: "PM51xx PM53xx PMC register list" R01 as a public program quotes it; its numbers are one higher than the
 * addresses on the wire. NaN means that the model has no such value. From memory, not checked: the 64-bit counters of
 * Wh at 3203 and 3207 with their empty value, so they are compared with the floats before they are believed; and 19200
 * baud with even parity when new. No register of the serial number is known to us.
 */
import type { RegisterMap } from "#hal/protocols/modbus/register-map.ts";

export const schneiderPm5xxx = {
  model: "schneider-pm5xxx",
  functionCode: 3,
  wordOrder: "high-first",
  registersPerReadMax: 125,
  pauseMs: 0,
  answerMs: 1000,
  notAvailable: { i64: -0x8000_0000_0000_0000n },
  factory: { baudRate: 19_200, parity: "even", stopBits: 1, unit: 1 },
  identity: {},
  quantities: {
    importedEnergy: {
      ...{ address: 2699, type: "f32", scale: 1, unit: "kWh" },
      finer: { address: 3203, type: "i64", scale: 1, unit: "Wh" },
    },
    exportedEnergy: {
      ...{ address: 2701, type: "f32", scale: 1, unit: "kWh" },
      finer: { address: 3207, type: "i64", scale: 1, unit: "Wh" },
    },
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
