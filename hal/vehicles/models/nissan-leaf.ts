/**
 * Nissan Leaf ZE0, AZE0 and ZE1. The battery's reply has another length, and behind the voltage another layout, in each
 * generation.
 *
 * Sources: OVMS vehicle_nissanleaf, OBDb (recorded: 39 and 51 bytes). The sign of the current was found on recordings
 * (the voltage sags when it is negative); its scale, 1/1024 A, is from memory and has to be seen on a car. OBDb's state
 * of charge is wrong for the shorter replies. There is no counter of energy, and the car answers only while it is on
 * or charges.
 */
import type { RequestVariant, VehicleProfile } from "../profile.ts";

const battery = { idBits: 11, requestId: 0x79b, responseId: 0x7bb } as const;
const vehicle = { idBits: 11, requestId: 0x797, responseId: 0x79a } as const;

const reply = { ecu: battery, request: "2101", grade: "B" } as const;

const powerSignals = {
  batteryCurrentA: {
    offset: 0,
    bytes: 4,
    isSigned: true,
    divide: 1024,
    invalid: [0x7fffffff, 0x80000000],
    min: -500,
    max: 300,
    grade: "C",
  },
  batteryVoltageV: { offset: 18, bytes: 2, divide: 100, invalid: [0, 0xffff], min: 200, max: 450 },
} as const satisfies RequestVariant["signals"];

const tenthMilliAh = { bytes: 4, divide: 10, min: 0, max: 300_000 } as const;

export const nissanLeaf = {
  name: "nissan-leaf",
  aliases: ["leaf"],
  covers: "Nissan Leaf ZE0, AZE0 and ZE1",
  requests: [
    {
      ...reply,
      pace: "power",
      dataBytesMin: 51,
      signals: {
        ...powerSignals,
        stateOfChargePercent: { offset: 30, bytes: 4, divide: 10_000, min: 0, max: 100 },
        capacityMilliAh: { offset: 34, ...tenthMilliAh },
      },
      otherwise: [
        {
          ...reply,
          dataBytesMin: 39,
          dataBytesMax: 40,
          signals: { ...powerSignals, capacityMilliAh: { offset: 32, ...tenthMilliAh } },
        },
        { ...reply, grade: "C", dataBytesMin: 41, dataBytesMax: 50, signals: powerSignals },
      ],
    },
    {
      ecu: vehicle,
      request: "22114E",
      pace: "state",
      grade: "B",
      dataBytesMin: 1,
      // 0 none, 1 and 2 alternating current, 3 direct current.
      signals: { chargeState: { offset: 0, bytes: 1, invalid: [0xff], min: 0, max: 254 } },
    },
    {
      ecu: vehicle,
      request: "221234",
      pace: "state",
      grade: "B",
      dataBytesMin: 1,
      signals: { plugState: { offset: 0, bytes: 1, invalid: [0xff], min: 0, max: 254 } },
    },
    {
      ecu: vehicle,
      request: "221236",
      pace: "inlet",
      grade: "C",
      dataBytesMin: 2,
      // What the charger puts out, from memory of apps that name it so; no source says at which side it is measured.
      signals: { chargerPowerW: { offset: 0, bytes: 2, multiply: 100, invalid: [0xffff], min: 0, max: 60_000 } },
    },
  ],
  session: null,
  charging: { any: [{ all: [{ quantity: "chargeState", min: 1, max: 3 }], heldMs: 0 }] },
  plugged: {
    yes: { quantity: "plugState", min: 1, max: 254 },
    no: { quantity: "plugState", min: 0, max: 0 },
  },
  inlet: [
    {
      kind: "direct-current",
      grade: "C",
      when: [{ quantity: "chargeState", min: 1, max: 2 }],
      sumOf: [["chargerPowerW"]],
    },
  ],
  counter: null,
  cellCounts: [],
  currentMaxA: 500,
  powerMaxW: 180_000,
  identification: [{ ecu: battery, request: "2101", dataBytes: { min: 39, max: 60 }, conditions: [] }],
} as const satisfies VehicleProfile;
