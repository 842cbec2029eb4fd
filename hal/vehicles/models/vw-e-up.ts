/**
 * Volkswagen e-Up and e-Golf with their sisters. Voltage and current come in two replies and are asked back to back.
 *
 * Sources: OVMS vehicle_vweup, OBDb e-Golf. The current's offset is theirs (2044 quarters of an ampere); another public
 * list has 2048, one ampere off. The counters include regeneration; 8583.07 of their steps are a kilowatt hour.
 */
import type { VehicleProfile } from "../profile.ts";

const battery = { idBits: 11, requestId: 0x7e5, responseId: 0x7ed } as const;
const chargeManagement = { idBits: 11, requestId: 0x765, responseId: 0x7cf } as const;

export const vwEUp = {
  name: "vw-e-up",
  covers: "Volkswagen e-Up and e-Golf, Seat Mii electric, Skoda Citigo iV",
  powerRequests: [
    {
      ecu: battery,
      request: "221E3B",
      dataBytesMin: 2,
      signals: {
        batteryVoltageV: {
          offset: 0,
          bytes: 2,
          divide: 4,
          invalid: [0xffff, 0x0ffe, 0x0fff],
          min: 180,
          max: 450,
        },
      },
    },
    {
      ecu: battery,
      request: "221E3D",
      dataBytesMin: 2,
      signals: {
        batteryCurrentA: { offset: 0, bytes: 2, divide: 4, add: -511, invalid: [0xffff], min: -400, max: 400 },
      },
    },
  ],
  otherRequests: [
    {
      ecu: battery,
      request: "22028C",
      dataBytesMin: 1,
      signals: {
        stateOfChargePercent: { offset: 0, bytes: 1, multiply: 2, divide: 5, invalid: [0xff], min: 0, max: 100 },
      },
    },
    {
      ecu: battery,
      request: "221E32",
      dataBytesMin: 16,
      signals: {
        chargedMilliWh: {
          offset: 8,
          bytes: 4,
          multiply: 1e6,
          divide: 8583.07,
          invalid: [0xffffffff],
          min: 0,
          max: 3e11,
        },
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
      },
    },
    {
      ecu: chargeManagement,
      request: "221DD6",
      dataBytesMin: 1,
      // 0 none, 1 to 3 alternating current, 4 and more direct current.
      signals: { chargeState: { offset: 0, bytes: 1, invalid: [0xff], min: 0, max: 254 } },
    },
  ],
  charging: { all: [{ quantity: "chargeState", min: 1, max: 254 }], heldMs: 0 },
  cellCounts: [],
  currentMaxA: 400,
  powerMaxW: 120_000,
  chargedResolutionMilliWh: 117,
  sessions: [],
} as const satisfies VehicleProfile;
