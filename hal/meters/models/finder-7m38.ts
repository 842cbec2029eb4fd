/**
 * Finder 7M.38.8.400.0212: three phases, floats, energy in Wh, whose smallest step grows beyond 16.7 MWh.
 *
 * Source: volkszaehler/mbmd meters/rs485/finder7m38.go. 60 registers a read are cautious, no source states a maximum;
 * speed and parity are what the device is set to. The one-phase 7M.24 has the same addresses with L1 in the totals. No
 * register of the serial number is known to us.
 */
import type { RegisterMap } from "#hal/protocols/modbus/register-map.ts";

export const finder7m38 = {
  model: "finder-7m38",
  functionCode: 4,
  wordOrder: "high-first",
  registersPerReadMax: 60,
  pauseMs: 0,
  answerMs: 1000,
  factory: { unit: 1 },
  identity: {},
  quantities: {
    importedEnergy: { address: 2752, type: "f32", scale: 1, unit: "Wh", step: 1 },
    exportedEnergy: { address: 2756, type: "f32", scale: 1, unit: "Wh", step: 1 },
    power: { address: 2536, type: "f32", scale: 1 },
    voltage: [
      { address: 2500, type: "f32", scale: 1 },
      { address: 2502, type: "f32", scale: 1 },
      { address: 2504, type: "f32", scale: 1 },
    ],
    current: [
      { address: 2516, type: "f32", scale: 1 },
      { address: 2518, type: "f32", scale: 1 },
      { address: 2520, type: "f32", scale: 1 },
    ],
    frequency: { address: 2584, type: "f32", scale: 1 },
  },
} as const satisfies RegisterMap;
