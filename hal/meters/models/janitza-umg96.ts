/**
 * Janitza UMG 96RM, 96RM-E, 103, 512, 604, 801 by their common block at 19000: three phases, floats, energy in Wh,
 * whose smallest step is 1 Wh at 16.7 MWh and 8 Wh at 134 MWh. Renewed each 200 ms; serial or Modbus TCP.
 *
 * Sources: OpenEMS MeterJanitzaUmg96rmeImpl.java and, beside it, Janitza's address lists of UMG 96RM and UMG 604. The
 * UMG 806 has its totals where the 96RM has those of L1: it is another model. The UMG 604 has further counters at 9851
 * and 9863. Each address plus 32768 gives the same value with its bytes the other way round.
 */
import type { RegisterMap } from "#hal/protocols/modbus/register-map.ts";

export const janitzaUmg96 = {
  model: "janitza-umg96",
  functionCode: 3,
  wordOrder: "high-first",
  registersPerReadMax: 125,
  pauseMs: 0,
  answerMs: 1000,
  factory: { unit: 1 },
  identity: {},
  quantities: {
    importedEnergy: { address: 19_068, type: "f32", scale: 1, unit: "Wh", step: 1 },
    exportedEnergy: { address: 19_076, type: "f32", scale: 1, unit: "Wh", step: 1 },
    power: { address: 19_026, type: "f32", scale: 1 },
    voltage: [
      { address: 19000, type: "f32", scale: 1 },
      { address: 19002, type: "f32", scale: 1 },
      { address: 19004, type: "f32", scale: 1 },
    ],
    current: [
      { address: 19012, type: "f32", scale: 1 },
      { address: 19014, type: "f32", scale: 1 },
      { address: 19016, type: "f32", scale: 1 },
    ],
    frequency: { address: 19_050, type: "f32", scale: 1 },
  },
} as const satisfies RegisterMap;
