/**
 * Carlo Gavazzi EM111, EM112, ET112: one phase, integers with the low word first. Energy in steps of 0.1 kWh, and from
 * firmware b.10 on (made since 2020) in Wh as well.
 *
 * Sources: Carlo Gavazzi, "EM100/ET100 series communication protocol" (in OpenEMS
 * io.openems.edge.meter.carlo.gavazzi/doc); evcc templates/definition/meter/cg-emt1xx.yaml; Victron. The EM111 gives 50
 * registers a read; EM112 and ET112 would give 125 (their register 0x2004 says so). The maker does not tell the weight
 * of the counters at 0x0500: that it is Wh is known of the EM580, so they are compared with the coarse ones before they
 * are believed. ET112 may show the export as a negative number, of which Victron takes the amount. EM112 made since May
 * 2025 have tenths of Wh at 0x0600; not used.
 */
import type { RegisterMap } from "#hal/protocols/modbus/register-map.ts";

export const cgEm11x = {
  model: "cg-em11x",
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
    modelCode: { address: 0x000b, type: "u16", scale: 1, optional: true, alone: true, from: 101, to: 121 },
  },
  quantities: {
    importedEnergy: {
      ...{ address: 0x0010, type: "i32", scale: 0.1, unit: "kWh", rolloverCounts: 100_000_000 },
      finer: { address: 0x0500, type: "i64", scale: 1, unit: "Wh" },
    },
    exportedEnergy: {
      ...{ address: 0x0020, type: "i32", scale: 0.1, unit: "kWh", sign: "absolute", optional: true },
      finer: { address: 0x051c, type: "i64", scale: 1, unit: "Wh", sign: "absolute" },
    },
    power: { address: 0x0004, type: "i32", scale: 0.1 },
    voltage: [{ address: 0x0000, type: "i32", scale: 0.1 }],
    current: [{ address: 0x0002, type: "i32", scale: 0.001 }],
    frequency: { address: 0x000f, type: "u16", scale: 0.1 },
  },
} as const satisfies RegisterMap;
