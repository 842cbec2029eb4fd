/**
 * Socomec COUNTIS E23, E24, E27, E28 (socomec-countis-e2x) and E34, E44 (socomec-countis-e34), which differ in the
 * weight of the frequency: three phases, integers, power in steps of 10 W, energy in steps of 10 Wh.
 *
 * Sources: OpenEMS MeterSocomecThreephaseImpl.java and AbstractSocomecMeter.java with Socomec's own tables beside them;
 * OpenEMS reads 54 registers at once. The first four registers spell the maker's name, one character in each. The
 * counters from 0xC65C on can be reset and are not used; 0xC652 has whole kWh only. From memory, not checked: 38400
 * baud when new. No register of the serial number is known to us.
 */
import type { RegisterMap } from "#hal/protocols/modbus/register-map.ts";

export const socomecCountisE2x = {
  model: "socomec-countis-e2x",
  functionCode: 3,
  wordOrder: "high-first",
  registersPerReadMax: 60,
  pauseMs: 0,
  answerMs: 1000,
  factory: { baudRate: 38_400, parity: "none", stopBits: 1, unit: 5 },
  identity: {
    firmware: { address: 50_007, type: "u16", scale: 1, optional: true },
    modelName: {
      ...{ address: 50_000, type: "text", count: 4, charactersPerRegister: 1, optional: true },
      startsWith: ["SOCO"],
    },
  },
  quantities: {
    importedEnergy: { address: 0xc702, type: "u32", scale: 10, unit: "Wh" },
    exportedEnergy: { address: 0xc708, type: "u32", scale: 10, unit: "Wh" },
    power: { address: 0xc568, type: "i32", scale: 10 },
    voltage: [
      { address: 0xc558, type: "u32", scale: 0.01 },
      { address: 0xc55a, type: "u32", scale: 0.01 },
      { address: 0xc55c, type: "u32", scale: 0.01 },
    ],
    current: [
      { address: 0xc560, type: "u32", scale: 0.001 },
      { address: 0xc562, type: "u32", scale: 0.001 },
      { address: 0xc564, type: "u32", scale: 0.001 },
    ],
    frequency: { address: 0xc55e, type: "u32", scale: 0.001 },
  },
} as const satisfies RegisterMap;

export const socomecCountisE34 = {
  ...socomecCountisE2x,
  model: "socomec-countis-e34",
  quantities: { ...socomecCountisE2x.quantities, frequency: { address: 0xc55e, type: "u32", scale: 0.01 } },
} as const satisfies RegisterMap;
