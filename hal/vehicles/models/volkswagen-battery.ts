/**
 * Signals that Volkswagen's battery management kept from the e-Up to the ID.7: only bus, identifiers and the current
 * changed. Sources: OVMS vehicle_vweup, OBDb e-Golf and ID.4, evDash CarVWUpMii and CarVWID3, the MEB list of
 * spot2000, Battery-Emulator; e-Golf and ID.4 recorded.
 */
import type { RequestVariant } from "../profile.ts";

export const volkswagenVoltageSignals = {
  batteryVoltageV: { offset: 0, bytes: 2, divide: 4, invalid: [0xffff, 0x0ffe, 0x0fff], min: 180, max: 500 },
} as const satisfies RequestVariant["signals"];

/** 0.4 % a step; OBDb's e-Golf has 100/255, which is 2 % away. FE, 101.6 %, was recorded. */
export const volkswagenChargeSignals = {
  stateOfChargePercent: { offset: 0, bytes: 1, multiply: 2, divide: 5, invalid: [0xff], min: 0, max: 102 },
} as const satisfies RequestVariant["signals"];

/** 549.316 steps are an ampere hour and 8583.07 a kilowatt hour; what flowed out is counted downwards. */
export const volkswagenCounterSignals = {
  chargedMilliAh: { offset: 0, bytes: 4, multiply: 1e3, divide: 549.316, invalid: [0xffffffff], min: 0, max: 8e9 },
  dischargedMilliAh: {
    offset: 4,
    bytes: 4,
    isSigned: true,
    multiply: -1e3,
    divide: 549.316,
    invalid: [0x7fffffff],
    min: 0,
    max: 8e9,
  },
  chargedMilliWh: { offset: 8, bytes: 4, multiply: 1e6, divide: 8583.07, invalid: [0xffffffff], min: 0, max: 3e11 },
  dischargedMilliWh: {
    offset: 12,
    bytes: 4,
    isSigned: true,
    multiply: -1e6,
    divide: 8583.07,
    invalid: [0x7fffffff],
    min: 0,
    max: 3e11,
  },
} as const satisfies RequestVariant["signals"];

export const volkswagenEfficiencySignals = {
  chargerEfficiencyPercent: {
    offset: 0,
    bytes: 1,
    divide: 10,
    add: 75,
    invalid: [251, 252, 253, 254, 255],
    min: 75,
    max: 100,
  },
} as const satisfies RequestVariant["signals"];
