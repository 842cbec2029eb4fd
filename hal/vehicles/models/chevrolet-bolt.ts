/**
 * Chevrolet Bolt EV and EUV, Opel Ampera-e.
 *
 * Sources: OBDb (recorded), iternio bolt17 and bolt19, wican, OVMS vehicle_boltev; the fine voltage and the current are
 * on no recording. The car's own current is positive while it discharges. OVMS stretches the displayed charge by 39/99,
 * which no recording supports.
 */
import type { VehicleProfile } from "../profile.ts";

const drive = { idBits: 11, requestId: 0x7e1, responseId: 0x7e9 } as const;
const energy = { idBits: 11, requestId: 0x7e4, responseId: 0x7ec } as const;

export const chevroletBolt = {
  name: "chevrolet-bolt",
  aliases: ["bolt", "bolt-euv", "ampera-e"],
  covers: "Chevrolet Bolt EV and EUV, Opel Ampera-e",
  requests: [
    {
      ecu: drive,
      request: "222885",
      pace: "power",
      grade: "C",
      dataBytesMin: 2,
      signals: { batteryVoltageV: { offset: 0, bytes: 2, divide: 100, invalid: [0, 0xffff], min: 200, max: 450 } },
      otherwise: [
        {
          ecu: energy,
          request: "22432D",
          grade: "B",
          dataBytesMin: 2,
          signals: {
            batteryVoltageV: {
              offset: 0,
              bytes: 2,
              multiply: 52,
              divide: 100,
              invalid: [0, 0xffff],
              min: 200,
              max: 450,
            },
          },
        },
      ],
    },
    {
      ecu: drive,
      request: "222414",
      pace: "power",
      grade: "B",
      dataBytesMin: 2,
      signals: {
        batteryCurrentA: {
          offset: 0,
          bytes: 2,
          isSigned: true,
          divide: -20,
          invalid: [0x7fff, 0x8000],
          min: -600,
          max: 600,
        },
      },
    },
    {
      ecu: energy,
      request: "224368",
      pace: "inlet",
      grade: "B",
      dataBytesMin: 1,
      signals: { mainsVoltage1V: { offset: 0, bytes: 1, multiply: 2, invalid: [0xff], min: 0, max: 300 } },
    },
    {
      ecu: energy,
      request: "224369",
      pace: "inlet",
      grade: "B",
      dataBytesMin: 1,
      signals: { mainsCurrent1A: { offset: 0, bytes: 1, divide: 5, invalid: [0xff], min: 0, max: 51 } },
    },
    {
      ecu: energy,
      request: "22436B",
      pace: "slow",
      grade: "B",
      dataBytesMin: 2,
      signals: { chargerVoltageV: { offset: 0, bytes: 2, divide: 2, invalid: [0xffff], min: 0, max: 600 } },
    },
    {
      ecu: energy,
      request: "22436C",
      pace: "slow",
      grade: "B",
      dataBytesMin: 2,
      signals: {
        chargerCurrentA: { offset: 0, bytes: 2, isSigned: true, divide: 20, invalid: [0x7fff], min: -20, max: 400 },
      },
    },
    {
      ecu: energy,
      request: "224531",
      pace: "state",
      grade: "B",
      dataBytesMin: 1,
      // 0 none, 1 and 2 alternating current, 3 direct current.
      signals: { chargeLevel: { offset: 0, bytes: 1, invalid: [0xff], min: 0, max: 254 } },
    },
    {
      ecu: energy,
      request: "224373",
      pace: "state",
      grade: "C",
      dataBytesMin: 2,
      signals: { chargeState: { offset: 1, bytes: 1, min: 0, max: 255 } },
    },
    {
      ecu: energy,
      request: "2243AF",
      pace: "state",
      grade: "B",
      dataBytesMin: 2,
      signals: { stateOfChargePercent: { offset: 0, bytes: 2, multiply: 100, divide: 65_535, min: 0, max: 100 } },
    },
    {
      ecu: energy,
      request: "228334",
      pace: "slow",
      grade: "B",
      dataBytesMin: 1,
      signals: { displayChargePercent: { offset: 0, bytes: 1, multiply: 100, divide: 255, min: 0, max: 100 } },
    },
  ],
  session: null,
  charging: {
    any: [
      {
        all: [
          { quantity: "chargeLevel", min: 1, max: 3 },
          { quantity: "chargeState", mask: 0x01, min: 1, max: 1 },
        ],
        heldMs: 0,
      },
      // The bit has one source. A plugged car whose battery takes current charges, whatever the bit says.
      {
        all: [
          { quantity: "chargeLevel", min: 1, max: 3 },
          { quantity: "batteryCurrentA", min: 0.501, max: 600 },
        ],
        heldMs: 10_000,
      },
    ],
  },
  plugged: {
    yes: { quantity: "chargeLevel", min: 1, max: 3 },
    no: { quantity: "chargeLevel", min: 0, max: 0 },
  },
  inlet: [
    {
      kind: "apparent",
      grade: "B",
      when: [{ quantity: "mainsVoltage1V", min: 80, max: 300 }],
      sumOf: [["mainsVoltage1V", "mainsCurrent1A"]],
    },
  ],
  counter: null,
  // 60 kWh, from 2020 on 66 in all; from memory.
  usableMilliWh: 61_000_000,
  cellCounts: [],
  currentMaxA: 600,
  powerMaxW: 200_000,
  identification: [
    { ecu: energy, request: "224531", dataBytes: { min: 1, max: 4 }, conditions: [] },
    { ecu: energy, request: "2243AF", dataBytes: { min: 2, max: 4 }, conditions: [] },
  ],
} as const satisfies VehicleProfile;
