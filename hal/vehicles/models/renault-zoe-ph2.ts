/**
 * Renault Zoe, second phase (52 kWh, from 2019).
 *
 * Sources: OVMS vehicle_renaultzoe_ph2, CanZE assets/ZOE_Ph2, Battery-Emulator GEN2; not on any recording. Other lists
 * give another scale (EVNotiPi, 9257), read the counter one byte off (wican), or take the available energy for the
 * energy charged (iternio, 91C8). Regeneration has a counter of its own.
 */
import type { VehicleProfile } from "../profile.ts";

const battery = { idBits: 29, requestId: 0x18dadbf1, responseId: 0x18daf1db } as const;
const vehicle = { idBits: 29, requestId: 0x18dadaf1, responseId: 0x18daf1da } as const;

const wattHours = { offset: 0, bytes: 4, multiply: 1000, invalid: [0xffffffff], min: 0, max: 1e12 } as const;
const percent = { offset: 0, bytes: 2, divide: 100, invalid: [0xffff], min: 0, max: 105 } as const;

export const renaultZoePh2 = {
  name: "renault-zoe-ph2",
  aliases: ["zoe", "zoe2", "zoe-ph2", "zoe50"],
  covers: "Renault Zoe ZE50 (52 kWh, from 2019)",
  requests: [
    {
      ecu: battery,
      request: "229005",
      pace: "power",
      grade: "B",
      dataBytesMin: 2,
      signals: { batteryVoltageV: { offset: 0, bytes: 2, divide: 10, invalid: [0, 0xffff], min: 200, max: 450 } },
    },
    {
      ecu: battery,
      request: "22925D",
      pace: "power",
      grade: "B",
      dataBytesMin: 2,
      // A mean of 100 ms.
      signals: {
        batteryCurrentA: { offset: 0, bytes: 2, divide: 32, add: -1020, invalid: [0xffff], min: -500, max: 500 },
      },
    },
    {
      ecu: battery,
      request: "229243",
      pace: "state",
      grade: "B",
      dataBytesMin: 4,
      signals: { chargedMilliWh: wattHours },
    },
    {
      ecu: battery,
      request: "229001",
      pace: "state",
      grade: "B",
      dataBytesMin: 2,
      signals: { stateOfChargePercent: percent },
    },
    {
      ecu: battery,
      request: "229245",
      pace: "slow",
      grade: "B",
      dataBytesMin: 4,
      signals: { dischargedMilliWh: wattHours },
    },
    {
      ecu: battery,
      request: "229247",
      pace: "slow",
      grade: "B",
      dataBytesMin: 4,
      signals: { regeneratedMilliWh: wattHours },
    },
    {
      ecu: battery,
      request: "229002",
      pace: "slow",
      grade: "B",
      dataBytesMin: 2,
      signals: { displayChargePercent: percent },
    },
    {
      ecu: vehicle,
      request: "22300D",
      pace: "inlet",
      grade: "B",
      dataBytesMin: 2,
      signals: { mainsCurrentA: { offset: 0, bytes: 2, divide: 10, invalid: [0xffff], min: 0, max: 100 } },
    },
    {
      ecu: vehicle,
      request: "222B8A",
      pace: "inlet",
      grade: "B",
      dataBytesMin: 2,
      // Between two phases where there are three.
      signals: { mainsVoltage1V: { offset: 0, bytes: 2, divide: 2, invalid: [0xffff], min: 0, max: 500 } },
    },
    {
      ecu: vehicle,
      request: "22300B",
      pace: "state",
      grade: "B",
      dataBytesMin: 1,
      // 0 one phase, 1 two, 2 three, 3 not found out; only the low half of the byte counts here and below.
      signals: { mainsPhases: { offset: 0, bytes: 1, mask: 0x0f, min: 0, max: 15 } },
    },
    {
      ecu: vehicle,
      request: "222B6D",
      pace: "state",
      grade: "B",
      dataBytesMin: 1,
      // 0 none, 1 waits, 2 ended, 3 charges, 4 failed, 5 waits for current, 6 flap open, 8 prepares.
      signals: { chargeState: { offset: 0, bytes: 1, mask: 0x0f, min: 0, max: 15 } },
    },
    {
      ecu: vehicle,
      request: "222B85",
      pace: "state",
      grade: "B",
      dataBytesMin: 1,
      signals: { plugState: { offset: 0, bytes: 1, mask: 0x0f, min: 0, max: 15 } },
    },
  ],
  session: { type: 0x03 },
  charging: { any: [{ all: [{ quantity: "chargeState", min: 3, max: 3 }], heldMs: 0 }] },
  plugged: {
    yes: { quantity: "plugState", min: 1, max: 1 },
    no: { quantity: "plugState", min: 0, max: 0 },
  },
  inlet: [
    {
      // The product is apparent power; the table makes it an estimate of the active.
      kind: "active",
      grade: "B",
      when: [
        { quantity: "mainsVoltage1V", min: 80, max: 500 },
        { quantity: "mainsPhases", min: 0, max: 2 },
      ],
      sumOf: [["mainsVoltage1V", "mainsCurrentA"]],
      factors: [
        {
          by: "mainsPhases",
          steps: [
            [0, 1],
            [1, 1],
            [2, Math.sqrt(3)],
          ],
        },
        {
          // Measured by the author of the OVMS module with a class A analyser, on three phases; nothing between 6 and
          // 7 A, where the middle of its neighbours stands. The charger draws more reactive power the less it charges.
          by: "mainsCurrentA",
          steps: [
            [0, 0.5],
            [6, 0.64],
            [7, 0.775],
            [8, 0.901],
            [9, 0.929],
            [10, 0.905],
            [11, 0.888],
            [12, 0.902],
            [13, 0.916],
            [14, 0.931],
            [15, 0.948],
            [16, 0.978],
            [17, 0.99],
            [18, 0.997],
            [19, 1],
          ],
        },
      ],
    },
  ],
  counter: { resolutionMilliWh: 1000, includesRegeneration: false },
  // 52 kWh usable by the maker, 54.7 in all; both from memory.
  usableMilliWh: 52_000_000,
  cellCounts: [],
  currentMaxA: 500,
  powerMaxW: 120_000,
  identification: [{ ecu: battery, request: "229005", dataBytes: { min: 2, max: 4 }, conditions: [] }],
} as const satisfies VehicleProfile;
