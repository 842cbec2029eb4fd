/**
 * Siemens SENTRON PAC2200, PAC3200, PAC4200: three phases, floats, energy as double in Wh, a counter for each of two
 * tariffs. Modbus TCP, or a serial line with a module.
 *
 * Sources: OpenEMS MeterSiemensPac2200Impl.java; volkszaehler/mbmd meters/rs485/pac2200.go; Siemens manual L1V30415167B
 * for the identification (I&M0): 27 registers from 64001 that are given as a whole, with order number, serial number
 * and firmware (a letter and three numbers). Its offsets are the addresses on the wire.
 *
 * Both projects read tariff 1 only; whoever uses tariff 2 would be billed too little, so the sum is taken. mbmd reads
 * the frequency at 46, which is the middle of another value: 55 fits the grid and its maximum at 129.
 */
import type { RegisterMap } from "#hal/protocols/modbus/register-map.ts";

export const siemensPac2200 = {
  model: "siemens-pac2200",
  functionCode: 3,
  wordOrder: "high-first",
  registersPerReadMax: 125,
  blocks: [{ address: 64_001, count: 27 }],
  pauseMs: 0,
  answerMs: 1000,
  factory: { unit: 1 },
  identity: {
    serialNumber: { address: 64_012, type: "text", count: 8, optional: true },
    firmware: { address: 64_021, type: "u32", scale: 1, shownAs: "version", optional: true },
  },
  quantities: {
    importedEnergy: {
      ...{ address: 801, type: "f64", scale: 1, unit: "Wh" },
      plus: [{ address: 805, type: "f64", scale: 1, unit: "Wh" }],
    },
    exportedEnergy: {
      ...{ address: 809, type: "f64", scale: 1, unit: "Wh" },
      plus: [{ address: 813, type: "f64", scale: 1, unit: "Wh" }],
    },
    power: { address: 65, type: "f32", scale: 1 },
    voltage: [
      { address: 1, type: "f32", scale: 1 },
      { address: 3, type: "f32", scale: 1 },
      { address: 5, type: "f32", scale: 1 },
    ],
    current: [
      { address: 13, type: "f32", scale: 1 },
      { address: 15, type: "f32", scale: 1 },
      { address: 17, type: "f32", scale: 1 },
    ],
    frequency: { address: 55, type: "f32", scale: 1 },
  },
} as const satisfies RegisterMap;
