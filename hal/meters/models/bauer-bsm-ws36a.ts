/**
 * Bauer BSM-WS36A-H01: three phases, integers with decimal exponents in registers of their own (SunSpec models 1 and
 * 203 at their place in this meter). A meter for charging stations that signs its readings itself; these are its plain
 * registers, and its lifetime counter, not that of the present charge (40251).
 *
 * Sources: chargeITmobility/bsm-python doc/modbus/bsm-ws36a-modbus-registers.csv (addresses as on the wire; the text
 * beside it counts from 1) and recorded frames of a real one; sunspec/models model_203.json for the marks of an empty
 * value.
 */
import type { NumberRegister, RegisterMap } from "#hal/protocols/modbus/register-map.ts";

const scaledBy = (exponentAddress: number, address: number): NumberRegister => ({
  ...{ address, type: "i16", scale: 1 },
  exponent: { address: exponentAddress, type: "i16" },
});
const ENERGY_EXPONENT = { address: 40_144, type: "i16" } as const;

export const bauerBsmWs36a = {
  model: "bauer-bsm-ws36a",
  functionCode: 3,
  wordOrder: "high-first",
  registersPerReadMax: 125,
  pauseMs: 0,
  answerMs: 1000,
  notAvailable: { i16: -0x8000n, u16: 0xffffn },
  factory: { baudRate: 19_200, parity: "even", stopBits: 1, unit: 42 },
  identity: {
    serialNumber: { address: 40_052, type: "text", count: 16, optional: true },
    firmware: { address: 40_044, type: "text", count: 8, optional: true },
    modelName: { address: 40_020, type: "text", count: 16, optional: true, startsWith: ["BSM-WS36A"] },
  },
  quantities: {
    importedEnergy: { address: 40_136, type: "u32", scale: 1, unit: "Wh", exponent: ENERGY_EXPONENT },
    exportedEnergy: { address: 40_128, type: "u32", scale: 1, unit: "Wh", exponent: ENERGY_EXPONENT },
    power: scaledBy(40_112, 40_108),
    voltage: [scaledBy(40_105, 40_098), scaledBy(40_105, 40_099), scaledBy(40_105, 40_100)],
    current: [scaledBy(40_096, 40_093), scaledBy(40_096, 40_094), scaledBy(40_096, 40_095)],
    frequency: scaledBy(40_107, 40_106),
  },
} as const satisfies RegisterMap;
