/**
 * Volkswagen e-Up and e-Golf with their sisters. Voltage and current come in two replies and are asked back to back.
 *
 * Sources: OVMS vehicle_vweup, OBDb e-Golf, evDash CarVWUpMii. The current's offset is theirs (2044 quarters of an
 * ampere); another public list has 2048, one ampere off. The counters include regeneration.
 */
import type { VehicleProfile } from "../profile.ts";
import {
  volkswagenChargeSignals,
  volkswagenCounterSignals,
  volkswagenEfficiencySignals,
  volkswagenVoltageSignals,
} from "./volkswagen-battery.ts";

const battery = { idBits: 11, requestId: 0x7e5, responseId: 0x7ed } as const;
const chargeManagement = { idBits: 11, requestId: 0x765, responseId: 0x7cf } as const;
const charger = { idBits: 11, requestId: 0x744, responseId: 0x7ae } as const;

const mainsVoltage = { bytes: 2, invalid: [511, 0xffff], min: 0, max: 300 } as const;
const mainsCurrent = { bytes: 1, divide: 10, invalid: [255], min: 0, max: 25.4 } as const;

export const vwEUp = {
  name: "vw-e-up",
  aliases: ["eup", "e-up", "egolf", "mii", "citigo"],
  covers: "Volkswagen e-Up and e-Golf, Seat Mii electric, Skoda Citigo iV",
  requests: [
    {
      ecu: battery,
      request: "221E3B",
      pace: "power",
      grade: "A",
      dataBytesMin: 2,
      signals: volkswagenVoltageSignals,
    },
    {
      ecu: battery,
      request: "221E3D",
      pace: "power",
      grade: "A",
      dataBytesMin: 2,
      dataBytesMax: 3,
      signals: {
        batteryCurrentA: { offset: 0, bytes: 2, divide: 4, add: -511, invalid: [0xffff], min: -400, max: 400 },
      },
    },
    {
      ecu: battery,
      request: "22028C",
      pace: "state",
      grade: "B",
      dataBytesMin: 1,
      signals: volkswagenChargeSignals,
    },
    {
      ecu: battery,
      request: "221E32",
      pace: "state",
      grade: "A",
      dataBytesMin: 16,
      signals: volkswagenCounterSignals,
    },
    {
      ecu: chargeManagement,
      request: "221DD6",
      pace: "state",
      grade: "B",
      dataBytesMin: 1,
      // 0 none, 1 to 3 alternating current, 4 and more direct current.
      signals: { chargeState: { offset: 0, bytes: 1, invalid: [0xff], min: 0, max: 254 } },
    },
    {
      ecu: chargeManagement,
      request: "221DD0",
      pace: "slow",
      grade: "B",
      dataBytesMin: 1,
      signals: { displayChargePercent: { offset: 0, bytes: 1, divide: 2, invalid: [0xff], min: 0, max: 105 } },
    },
    // The charger: one phase to 2019, two from 2020 on, under other identifiers.
    {
      ecu: charger,
      request: "221DA9",
      pace: "inlet",
      grade: "B",
      dataBytesMin: 2,
      signals: { mainsVoltage1V: { offset: 0, ...mainsVoltage } },
      otherwise: [
        {
          ecu: charger,
          request: "2241FC",
          grade: "B",
          dataBytesMin: 4,
          signals: {
            mainsVoltage1V: { offset: 0, ...mainsVoltage },
            mainsVoltage2V: { offset: 2, ...mainsVoltage },
          },
        },
      ],
    },
    {
      ecu: charger,
      request: "221DA8",
      pace: "inlet",
      grade: "B",
      dataBytesMin: 1,
      signals: { mainsCurrent1A: { offset: 0, ...mainsCurrent } },
      otherwise: [
        {
          ecu: charger,
          request: "2241FB",
          grade: "B",
          dataBytesMin: 2,
          signals: {
            mainsCurrent1A: { offset: 0, ...mainsCurrent },
            mainsCurrent2A: { offset: 1, ...mainsCurrent },
          },
        },
      ],
    },
    {
      ecu: charger,
      request: "221DDA",
      pace: "state",
      grade: "B",
      dataBytesMin: 1,
      // Bit 0 plugged, bit 1 locked.
      signals: { plugState: { offset: 0, bytes: 1, invalid: [0xff], min: 0, max: 254 } },
    },
    {
      ecu: charger,
      request: "2215D6",
      pace: "slow",
      grade: "B",
      dataBytesMin: 1,
      signals: volkswagenEfficiencySignals,
    },
  ],
  session: null,
  charging: { any: [{ all: [{ quantity: "chargeState", min: 1, max: 254 }], heldMs: 0 }] },
  plugged: {
    yes: { quantity: "plugState", mask: 0x01, min: 1, max: 1 },
    no: { quantity: "plugState", mask: 0x01, min: 0, max: 0 },
  },
  inlet: [
    {
      kind: "apparent",
      grade: "B",
      when: [],
      sumOf: [
        ["mainsVoltage1V", "mainsCurrent1A"],
        ["mainsVoltage2V", "mainsCurrent2A"],
      ],
    },
    { kind: "apparent", grade: "B", when: [], sumOf: [["mainsVoltage1V", "mainsCurrent1A"]] },
  ],
  counter: { resolutionMilliWh: 117, includesRegeneration: true },
  cellCounts: [],
  currentMaxA: 400,
  powerMaxW: 120_000,
  identification: [
    { ecu: battery, request: "221E3B", dataBytes: { min: 2, max: 3 }, conditions: [] },
    { ecu: battery, request: "221E3D", dataBytes: { min: 2, max: 3 }, conditions: [] },
  ],
} as const satisfies VehicleProfile;
