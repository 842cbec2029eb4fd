/**
 * Siemens PAC1600, 7KT1665, 7KT1666: three phases, integers, energy in Wh of 32 bits, which are at 0 again after 4 294
 * 967 kWh. Modbus TCP or RTU; no register of the serial number is known to us.
 *
 * Sources: OpenEMS MeterSiemensPac1600Impl.java (reads of at most 30 registers, and none across registers that the
 * meter does not have); evcc templates/definition/meter/siemens-7kt1665.yaml.
 */
import type { RegisterMap } from "#hal/protocols/modbus/register-map.ts";

export const siemensPac1600 = {
  model: "siemens-pac1600",
  functionCode: 3,
  wordOrder: "high-first",
  registersPerReadMax: 30,
  noGap: true,
  pauseMs: 0,
  answerMs: 1000,
  factory: { unit: 1 },
  identity: {},
  quantities: {
    importedEnergy: { address: 6687, type: "u32", scale: 1, unit: "Wh", rolloverCounts: 0x1_0000_0000 },
    exportedEnergy: { address: 6689, type: "u32", scale: 1, unit: "Wh" },
    power: { address: 57, type: "i32", scale: 0.01 },
    voltage: [
      { address: 1, type: "u32", scale: 0.01 },
      { address: 3, type: "u32", scale: 0.01 },
      { address: 5, type: "u32", scale: 0.01 },
    ],
    current: [
      { address: 7, type: "u32", scale: 0.0001 },
      { address: 9, type: "u32", scale: 0.0001 },
      { address: 11, type: "u32", scale: 0.0001 },
    ],
    frequency: { address: 49, type: "i32", scale: 0.01 },
  },
} as const satisfies RegisterMap;
