/**
 * Iskra WM3M4C: three phases, numbers with their decimal exponent in the first byte, energy with an exponent in a
 * register of its own. Renewed about once a second. A meter for charging stations that signs its readings itself
 * (OCMF); these are its plain registers.
 *
 * Source: EVerest modules/HardwareDrivers/PowerMeters/RsIskraMeter (unit 33). Speed and parity are what the device is
 * set to.
 */
import type { NumberRegister, RegisterMap } from "#hal/protocols/modbus/register-map.ts";

const volts = (address: number): NumberRegister => ({ address, type: "t5", scale: 1 });
const amperes = (address: number): NumberRegister => ({ address, type: "t6", scale: 1 });

export const iskraWm3m4c = {
  model: "iskra-wm3m4c",
  functionCode: 4,
  wordOrder: "high-first",
  registersPerReadMax: 120,
  pauseMs: 0,
  answerMs: 1000,
  factory: { unit: 33 },
  identity: {
    serialNumber: { address: 9, type: "text", count: 4, optional: true },
  },
  quantities: {
    importedEnergy: { address: 418, type: "i32", scale: 1, unit: "Wh", exponent: { address: 414, type: "i16" } },
    exportedEnergy: { address: 420, type: "i32", scale: 1, unit: "Wh", exponent: { address: 415, type: "i16" } },
    power: { address: 140, type: "t6", scale: 1 },
    voltage: [volts(107), volts(109), volts(111)],
    current: [amperes(126), amperes(128), amperes(130)],
    frequency: { address: 105, type: "t5", scale: 1 },
  },
} as const satisfies RegisterMap;
