/**
 * ABB B21, B23, B24 and the A series with the same registers: integers, energy in steps of 0.01 kWh. The B21 has one
 * phase; its registers of a phase's power are not supported, the totals are those of L1 (Victron).
 *
 * Sources: volkszaehler/mbmd meters/rs485/abb.go; openWB packages/modules/common/b23.py; Victron dbus-modbus-client
 * abb.py (units 1 and 2 are probed, at least 0.5 s for an answer, the name at 0x8960). Not seen: the maker's own list.
 * Speed and parity are set on the display, no default is known. All ones (unsigned) or 0x7F… (signed) mean that the
 * meter has no such value. From memory, not checked: the names of the A series, of which A41 and A42 have one phase.
 * Janitza's B series is the same hardware with another map.
 */
import type { NumberRegister, RegisterMap } from "#hal/protocols/modbus/register-map.ts";

const volts = (address: number): NumberRegister => ({ address, type: "u32", scale: 0.1 });
const amperes = (address: number): NumberRegister => ({ address, type: "u32", scale: 0.01 });
const NAME = { address: 0x8960, type: "text", count: 2, optional: true } as const;

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
  factory: { unit: 1 },
  identity: {
    serialNumber: { address: 0x8900, type: "u32", scale: 1, optional: true },
    firmware: { address: 0x8908, type: "text", count: 8, optional: true },
    modelName: { ...NAME, startsWith: ["B23", "B24", "A43", "A44"] },
  },
  quantities: {
    importedEnergy: { address: 0x5000, type: "u64", scale: 0.01, unit: "kWh" },
    // Meters that count in one direction only leave it empty or refuse it.
    exportedEnergy: { address: 0x5004, type: "u64", scale: 0.01, unit: "kWh", optional: true },
    power: { address: 0x5b14, type: "i32", scale: 0.01 },
    voltage: [volts(0x5b00), volts(0x5b02), volts(0x5b04)],
    current: [amperes(0x5b0c), amperes(0x5b0e), amperes(0x5b10)],
    frequency: { address: 0x5b2c, type: "u16", scale: 0.01 },
  },
} as const satisfies RegisterMap;

export const abbB24 = { ...abbB23, model: "abb-b24" } as const satisfies RegisterMap;

export const abbB21 = {
  ...abbB23,
  model: "abb-b21",
  identity: { ...abbB23.identity, modelName: { ...NAME, startsWith: ["B21", "A41", "A42"] } },
  quantities: { ...abbB23.quantities, voltage: [volts(0x5b00)], current: [amperes(0x5b0c)] },
} as const satisfies RegisterMap;
