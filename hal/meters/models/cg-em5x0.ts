/**
 * Carlo Gavazzi EM530, EM540: three phases, integers with the low word first, energy in steps of 0.1 kWh and, where the
 * unit has them, in Wh.
 *
 * Sources: Victron dbus-cgwacs software/src/ac_sensor_updater.cpp (the one model that stands ten questions a second;
 * 115200 baud there; measuring mode C for a sum of the phases with sign); evcc
 * templates/definition/meter/cg-emt3xx.yaml. 50 registers a read are cautious: EVerest reads 109 of the EM580. That the
 * counters at 0x0500 are there and count Wh is concluded from EM580 and EM11x, so they are compared before they are
 * believed. A frequency in 0.001 Hz stands at 0x053C; 0.1 Hz is enough here.
 */
import type { RegisterMap } from "#hal/protocols/modbus/register-map.ts";

export const cgEm5x0 = {
  model: "cg-em5x0",
  functionCode: 4,
  wordOrder: "low-first",
  registersPerReadMax: 50,
  pauseMs: 0,
  answerMs: 500,
  notAvailable: { i32: 0x7fff_ffffn },
  factory: { baudRate: 9600, parity: "none", stopBits: 1, unit: 1 },
  identity: {
    serialNumber: { address: 0x5000, type: "text", count: 7, optional: true },
    firmware: { address: 0x0302, type: "u16", scale: 1, shownAs: "version", optional: true, alone: true },
    modelCode: { address: 0x000b, type: "u16", scale: 1, optional: true, alone: true, from: 1744, to: 1763 },
  },
  quantities: {
    importedEnergy: {
      ...{ address: 0x0034, type: "i32", scale: 0.1, unit: "kWh", rolloverCounts: 100_000_000 },
      finer: { address: 0x0500, type: "i64", scale: 1, unit: "Wh" },
    },
    exportedEnergy: {
      ...{ address: 0x004e, type: "i32", scale: 0.1, unit: "kWh", optional: true },
      finer: { address: 0x051c, type: "i64", scale: 1, unit: "Wh" },
    },
    power: { address: 0x0028, type: "i32", scale: 0.1 },
    voltage: [
      { address: 0x0000, type: "i32", scale: 0.1 },
      { address: 0x0002, type: "i32", scale: 0.1 },
      { address: 0x0004, type: "i32", scale: 0.1 },
    ],
    current: [
      { address: 0x000c, type: "i32", scale: 0.001 },
      { address: 0x000e, type: "i32", scale: 0.001 },
      { address: 0x0010, type: "i32", scale: 0.001 },
    ],
    frequency: { address: 0x0033, type: "u16", scale: 0.1 },
  },
} as const satisfies RegisterMap;
