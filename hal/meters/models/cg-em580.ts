/**
 * Carlo Gavazzi EM580: three phases, integers with the low word first, energy in Wh. A meter for charging stations that
 * signs its readings itself (OCMF); these are its plain registers.
 *
 * Source: EVerest modules/HardwareDrivers/PowerMeters/CarloGavazzi_EM580 (unit 1, three tries half a second apart).
 * Speed and parity are what the device is set to.
 */
import type { RegisterMap } from "#hal/protocols/modbus/register-map.ts";

export const cgEm580 = {
  model: "cg-em580",
  functionCode: 4,
  wordOrder: "low-first",
  registersPerReadMax: 109,
  pauseMs: 0,
  answerMs: 500,
  notAvailable: { i32: 0x7fff_ffffn },
  factory: { unit: 1 },
  identity: {
    serialNumber: { address: 0x5000, type: "text", count: 7, optional: true },
    firmware: { address: 0x0302, type: "u16", scale: 1, shownAs: "version", optional: true, alone: true },
  },
  quantities: {
    importedEnergy: { address: 0x0500, type: "i64", scale: 1, unit: "Wh" },
    exportedEnergy: { address: 0x051c, type: "i64", scale: 1, unit: "Wh", optional: true },
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
    frequency: { address: 0x0033, type: "i16", scale: 0.1 },
  },
} as const satisfies RegisterMap;
