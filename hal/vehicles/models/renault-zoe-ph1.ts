/**
 * Renault Zoe, first phase (22 and 41 kWh). The only car in this collection that tells the active power at its inlet.
 *
 * Sources: CanZE assets/ZOE, OVMS, wican; not on any recording. That positive current is charging has yet to be seen
 * on a car: the rule of charging does not use it, so that the first contact can check it.
 */
import type { VehicleProfile } from "../profile.ts";

const chargeManagement = { idBits: 11, requestId: 0x7e4, responseId: 0x7ec } as const;
const charger = { idBits: 11, requestId: 0x792, responseId: 0x793 } as const;

export const renaultZoePh1 = {
  name: "renault-zoe-ph1",
  aliases: ["zoe1", "zoe-ph1", "zoe22", "zoe41"],
  covers: "Renault Zoe Q210, R240, R90, Q90, R110 (22 and 41 kWh)",
  requests: [
    {
      ecu: chargeManagement,
      request: "223203",
      pace: "power",
      grade: "B",
      dataBytesMin: 2,
      signals: { batteryVoltageV: { offset: 0, bytes: 2, divide: 2, invalid: [0, 0xffff], min: 200, max: 450 } },
    },
    {
      ecu: chargeManagement,
      request: "223204",
      pace: "power",
      grade: "C",
      dataBytesMin: 2,
      signals: {
        batteryCurrentA: { offset: 0, bytes: 2, divide: 4, add: -8192, invalid: [0, 0xffff], min: -500, max: 500 },
      },
    },
    {
      ecu: charger,
      request: "22504A",
      pace: "inlet",
      grade: "B",
      dataBytesMin: 2,
      signals: {
        mainsPowerW: { offset: 0, bytes: 2, add: -20_000, invalid: [0xffff], min: -1000, max: 45_000 },
      },
    },
    {
      ecu: charger,
      request: "225017",
      pace: "state",
      grade: "B",
      dataBytesMin: 1,
      // 0 no mains, 1 one phase, 2 three phases, 3 direct current, 4 two phases.
      signals: { chargeLevel: { offset: 0, bytes: 1, invalid: [0xff], min: 0, max: 7 } },
    },
    {
      ecu: chargeManagement,
      request: "222002",
      pace: "state",
      grade: "B",
      dataBytesMin: 2,
      signals: { displayChargePercent: { offset: 0, bytes: 2, divide: 50, invalid: [0xffff], min: 0, max: 105 } },
    },
  ],
  session: { type: 0xc0 },
  charging: {
    any: [
      {
        all: [
          { quantity: "chargeLevel", values: [1, 2, 3, 4] },
          { quantity: "mainsPowerW", min: 300, max: 45_000 },
        ],
        heldMs: 0,
      },
    ],
  },
  // A cable without mains shows as none, so the absence of mains says nothing.
  plugged: { yes: { quantity: "chargeLevel", values: [1, 2, 3, 4] } },
  inlet: [
    {
      kind: "active",
      grade: "B",
      when: [{ quantity: "chargeLevel", values: [1, 2, 4] }],
      sumOf: [["mainsPowerW"]],
    },
  ],
  counter: null,
  cellCounts: [],
  currentMaxA: 500,
  powerMaxW: 100_000,
  identification: [{ ecu: chargeManagement, request: "223203", dataBytes: { min: 2, max: 4 }, conditions: [] }],
} as const satisfies VehicleProfile;
