/**
 * Acrel DJSF1352-RN: direct current, integers whose decimal point stands in the register behind each.
 *
 * Source: EVerest modules/HardwareDrivers/PowerMeters/Acrel_DJSF1352_RN, which takes power as W and energy as Wh; in
 * some settings of the meter power is in kW. A power that does not fit volts and amperes is refused, so a meter that is
 * set so is noticed and needs a model file with another scale. From memory, not checked: 9600 baud when new. No
 * register of the serial number is known to us.
 */
import type { RegisterMap } from "#hal/protocols/modbus/register-map.ts";

export const acrelDjsf1352 = {
  model: "acrel-djsf1352",
  functionCode: 3,
  wordOrder: "high-first",
  registersPerReadMax: 20,
  pauseMs: 0,
  answerMs: 1000,
  factory: { baudRate: 9600, parity: "none", stopBits: 1, unit: 1 },
  directCurrent: true,
  identity: {},
  quantities: {
    importedEnergy: { address: 12, type: "u32", scale: 1, unit: "Wh" },
    exportedEnergy: { address: 14, type: "u32", scale: 1, unit: "Wh" },
    power: { address: 8, type: "i16", scale: 0.001, exponent: { address: 9, type: "u16" } },
    voltage: [{ address: 0, type: "u16", scale: 0.001, exponent: { address: 1, type: "u16" } }],
    current: [{ address: 2, type: "i16", scale: 0.001, exponent: { address: 3, type: "u16" } }],
  },
} as const satisfies RegisterMap;
