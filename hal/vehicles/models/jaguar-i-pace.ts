/**
 * Jaguar I-Pace.
 *
 * Sources: OVMS vehicle_jaguaripace, iternio ipace2019 and ipace2021, wican; not on any recording. The car's own
 * current is positive while it discharges. That 29 and 48 mean charging has iternio alone.
 */
import type { VehicleProfile } from "../profile.ts";

const battery = { idBits: 11, requestId: 0x7e4, responseId: 0x7ec } as const;
const charger = { idBits: 11, requestId: 0x7e5, responseId: 0x7ed } as const;

const cellVoltage = { offset: 0, bytes: 2, divide: 1000, invalid: [0, 0xffff], min: 2, max: 4.5 } as const;

export const jaguarIPace = {
  name: "jaguar-i-pace",
  aliases: ["ipace", "i-pace"],
  covers: "Jaguar I-Pace",
  requests: [
    {
      ecu: battery,
      request: "22490F",
      pace: "power",
      grade: "B",
      dataBytesMin: 2,
      signals: { batteryVoltageV: { offset: 0, bytes: 2, divide: 100, invalid: [0, 0xffff], min: 250, max: 480 } },
    },
    {
      ecu: battery,
      request: "22490C",
      pace: "power",
      grade: "B",
      dataBytesMin: 2,
      signals: {
        batteryCurrentA: { offset: 0, bytes: 2, divide: -40, add: 819.2, invalid: [0, 0xffff], min: -800, max: 600 },
      },
    },
    {
      ecu: battery,
      request: "224903",
      pace: "state",
      grade: "C",
      dataBytesMin: 2,
      signals: { cellVoltageMaxV: cellVoltage },
    },
    {
      ecu: battery,
      request: "224904",
      pace: "state",
      grade: "C",
      dataBytesMin: 2,
      signals: { cellVoltageMinV: cellVoltage },
    },
    {
      ecu: charger,
      request: "22FD37",
      pace: "state",
      grade: "C",
      dataBytesMin: 2,
      signals: { chargeState: { offset: 1, bytes: 1, min: 0, max: 255 } },
    },
    {
      ecu: battery,
      request: "224910",
      pace: "state",
      grade: "B",
      dataBytesMin: 2,
      signals: { stateOfChargePercent: { offset: 0, bytes: 2, divide: 100, invalid: [0xffff], min: 0, max: 100 } },
    },
    {
      ecu: battery,
      request: "224918",
      pace: "slow",
      grade: "B",
      dataBytesMin: 1,
      signals: { stateOfHealthPercent: { offset: 0, bytes: 1, divide: 2, invalid: [0xff], min: 0, max: 110 } },
    },
  ],
  session: null,
  charging: {
    any: [
      // 29 direct current, 48 alternating current.
      { all: [{ quantity: "chargeState", values: [29, 48] }], heldMs: 0 },
      // A car that does not tell its state does not tell either whether it stands: longer than most hills are.
      {
        whileUnknown: ["chargeState"],
        all: [{ quantity: "batteryCurrentA", min: 0.501, max: 600 }],
        heldMs: 30_000,
      },
    ],
  },
  plugged: null,
  inlet: [],
  counter: null,
  // 84.7 kWh usable, 90 in all; from memory.
  usableMilliWh: 86_000_000,
  cellCounts: [108],
  currentMaxA: 800,
  powerMaxW: 300_000,
  identification: [
    { ecu: battery, request: "22490F", dataBytes: { min: 2, max: 4 }, conditions: [] },
    { ecu: battery, request: "22490C", dataBytes: { min: 2, max: 4 }, conditions: [] },
  ],
} as const satisfies VehicleProfile;
