/**
 * ABB B23 and B24: three phases, integers, energy in steps of 0.01 kWh.
 *
 * Sources: volkszaehler/mbmd meters/rs485/abb.go; openWB packages/modules/common/b23.py; Victron dbus-modbus-client
 * abb.py (firmware text at 0x8908). Not seen: the maker's own list. All ones (unsigned) or 0x7F… (signed) mean that the
 * meter has no such value.
 */
import type { RegisterMap } from "#hal/protocols/modbus/register-map.ts";

export const abbB23 = {
  model: "abb-b23",
  functionCode: 3,
  wordOrder: "high-first",
  registersPerReadMax: 125,
  pauseMs: 0,
  answerMs: 1000,
  notAvailable: {
    u16: 0xffffn,
    i16: 0x7fffn,
    u32: 0xffff_ffffn,
    i32: 0x7fff_ffffn,
    u64: 0xffff_ffff_ffff_ffffn,
  },
  identity: {
    serialNumber: { address: 0x8900, type: "u32", scale: 1, optional: true },
    firmware: { address: 0x8908, type: "text", count: 8, optional: true },
  },
  quantities: {
    importedEnergy: { address: 0x5000, type: "u64", scale: 0.01, unit: "kWh" },
    // Meters that count in one direction only leave it empty or refuse it.
    exportedEnergy: { address: 0x5004, type: "u64", scale: 0.01, unit: "kWh", optional: true },
    power: { address: 0x5b14, type: "i32", scale: 0.01 },
    voltage: [
      { address: 0x5b00, type: "u32", scale: 0.1 },
      { address: 0x5b02, type: "u32", scale: 0.1 },
      { address: 0x5b04, type: "u32", scale: 0.1 },
    ],
    current: [
      { address: 0x5b0c, type: "u32", scale: 0.01 },
      { address: 0x5b0e, type: "u32", scale: 0.01 },
      { address: 0x5b10, type: "u32", scale: 0.01 },
    ],
    frequency: { address: 0x5b2c, type: "u16", scale: 0.01 },
  },
} as const satisfies RegisterMap;
