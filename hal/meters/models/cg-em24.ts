/**
 * Carlo Gavazzi EM24, three phases, integers with the low word first, energy in steps of 0.1 kWh. Two meters of one
 * name with two maps: the serial one (EM24-DIN AV…) and the one with a network socket (E1).
 *
 * Sources: Carlo Gavazzi, "EM24 communication protocol" V4R0 (at most 11 registers a read; functions 3 and 4 are
 * equal); Victron dbus-cgwacs and dbus-modbus-client carlo_gavazzi.py; volkszaehler/mbmd
 * meters/rs485/carlogavazzi-em24.go and carlogavazzi-em24_e1.go, whose import register of the serial model, 0x0042, is
 * the partial counter that a button resets: the total is 0x003E (the maker, Victron, evcc pull request 17173). Export
 * is missing in some variants of it (evcc pull request 31736). Counters show seven digits and one behind the point.
 * 4800 baud can be set, too.
 *
 * Power has a sign only with application H: set by the selector, which must not be locked, or in the E1 (firmware 1.8.3
 * or newer, says evcc) by 7 in register 0xA000.
 */
import type { RegisterMap } from "#hal/protocols/modbus/register-map.ts";

export const cgEm24Rs485 = {
  model: "cg-em24-rs485",
  functionCode: 4,
  wordOrder: "low-first",
  registersPerReadMax: 11,
  pauseMs: 0,
  answerMs: 500,
  notAvailable: { i32: 0x7fff_ffffn, u16: 0xffffn },
  factory: { baudRate: 9600, parity: "none", stopBits: 1, unit: 1 },
  identity: {
    serialNumber: { address: 0x1300, type: "text", count: 7, optional: true },
    firmware: { address: 0x0302, type: "u16", scale: 1, optional: true, alone: true },
    modelCode: { address: 0x000b, type: "u16", scale: 1, optional: true, alone: true, from: 71, to: 73 },
  },
  quantities: {
    importedEnergy: { address: 0x003e, type: "i32", scale: 0.1, unit: "kWh", rolloverCounts: 100_000_000 },
    exportedEnergy: { address: 0x005c, type: "i32", scale: 0.1, unit: "kWh", optional: true },
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
    frequency: { address: 0x0037, type: "i16", scale: 0.1 },
  },
} as const satisfies RegisterMap;

export const cgEm24E1 = {
  model: "cg-em24-e1",
  functionCode: 4,
  wordOrder: "low-first",
  registersPerReadMax: 50,
  pauseMs: 0,
  answerMs: 500,
  factory: { unit: 1 },
  identity: {
    serialNumber: { address: 0x5000, type: "text", count: 7, optional: true },
    firmware: { address: 0x0304, type: "u16", scale: 1, shownAs: "version", optional: true, alone: true },
    modelCode: { address: 0x000b, type: "u16", scale: 1, optional: true, alone: true, from: 1648, to: 1653 },
  },
  quantities: {
    importedEnergy: { address: 0x0034, type: "i32", scale: 0.1, unit: "kWh", rolloverCounts: 100_000_000 },
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
