/**
 * Carlo Gavazzi EM330, EM340, EM341, ET330, ET340: three phases, integers with the low word first, energy in steps of
 * 0.1 kWh, of which eight digits are shown.
 *
 * Sources: Carlo Gavazzi, "EM341 Modbus" (in OpenEMS io.openems.edge.meter.carlo.gavazzi/doc): 50 registers a read,
 * identification words one at a time, 40 ms for an answer as a rule and 500 at most; volkszaehler/mbmd
 * meters/rs485/carlogavazzi-ex3x0.go; Victron dbus-cgwacs. The counter at 0x003C can be reset and is not used; a change
 * of the measuring system resets the totals, too (Victron). In the meter's "easy connection" mode A (register 0x1103)
 * power is always positive and both directions count as import: it has to be off. Engineering samples with the code 330
 * gave the high word first.
 */
import type { RegisterMap } from "#hal/protocols/modbus/register-map.ts";

export const cgEm3x0 = {
  model: "cg-em3x0",
  functionCode: 4,
  wordOrder: "low-first",
  registersPerReadMax: 50,
  pauseMs: 0,
  answerMs: 500,
  notAvailable: { i32: 0x7fff_ffffn },
  factory: { baudRate: 9600, parity: "none", stopBits: 1, unit: 1 },
  identity: {
    serialNumber: { address: 0x5000, type: "text", count: 7, optional: true },
    firmware: { address: 0x0302, type: "u16", scale: 1, optional: true, alone: true },
    modelCode: { address: 0x000b, type: "u16", scale: 1, optional: true, alone: true, from: 330, to: 348 },
  },
  quantities: {
    importedEnergy: { address: 0x0034, type: "i32", scale: 0.1, unit: "kWh", rolloverCounts: 100_000_000 },
    // Some variants answer with an illegal address.
    exportedEnergy: { address: 0x004e, type: "i32", scale: 0.1, unit: "kWh", optional: true },
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
