/**
 * Volkswagen's MEB platform: the e-Up's battery signals on 29-bit identifiers, a current of 32 bits, and another
 * charger.
 *
 * Sources: the list of spot2000, evDash CarVWID3, Battery-Emulator MEB-BATTERY, iternio MEB, wican ev_meb, OBDb ID.4.
 * For the current, iternio and spot2000 shift by 32 where they mean 24, iternio turns the sign, and wican takes other
 * bytes; 18 recorded replies settle it. Which of the two identifiers a car answers differs. The charger's replies have
 * one source; their voltage has a tenth of the e-Up's step.
 */
import type { VehicleProfile } from "../profile.ts";
import {
  volkswagenChargeSignals,
  volkswagenCounterSignals,
  volkswagenEfficiencySignals,
  volkswagenVoltageSignals,
} from "./volkswagen-battery.ts";

const battery = { idBits: 29, requestId: 0x17fc007b, responseId: 0x17fe007b } as const;
const charger = { idBits: 11, requestId: 0x744, responseId: 0x7ae } as const;

const current = {
  ecu: battery,
  grade: "A",
  dataBytesMin: 4,
  signals: {
    batteryCurrentA: {
      offset: 0,
      bytes: 4,
      divide: 100,
      add: -1500,
      invalid: [0xffffffff, 0xfffffffe],
      min: -800,
      max: 600,
    },
  },
} as const;

export const vwMeb = {
  name: "vw-meb",
  aliases: ["meb", "id3", "id4", "id5", "id7", "enyaq", "born", "q4"],
  covers: "Volkswagen ID.3, ID.4, ID.5, ID.7 and ID. Buzz, Skoda Enyaq, Cupra Born, Audi Q4 e-tron",
  requests: [
    {
      ecu: battery,
      request: "221E3B",
      pace: "power",
      grade: "A",
      dataBytesMin: 2,
      signals: volkswagenVoltageSignals,
    },
    { ...current, request: "221E3D", pace: "power", otherwise: [{ ...current, request: "221E3E" }] },
    {
      ecu: battery,
      request: "227448",
      pace: "state",
      grade: "B",
      dataBytesMin: 1,
      // 0 standby, 1 on the road, 4 alternating current, 6 direct current.
      signals: { chargeState: { offset: 0, bytes: 1, invalid: [0xff], min: 0, max: 254 } },
    },
    {
      ecu: battery,
      request: "22028C",
      pace: "state",
      grade: "A",
      dataBytesMin: 1,
      signals: volkswagenChargeSignals,
    },
    {
      ecu: battery,
      request: "221E32",
      pace: "state",
      grade: "B",
      dataBytesMin: 16,
      signals: volkswagenCounterSignals,
    },
    {
      ecu: charger,
      request: "221DA7",
      pace: "inlet",
      grade: "C",
      dataBytesMin: 2,
      signals: { chargerVoltageV: { offset: 0, bytes: 2, divide: 10, invalid: [0xffff, 0xfffe], min: 0, max: 600 } },
    },
    {
      ecu: charger,
      request: "22103D",
      pace: "inlet",
      grade: "C",
      dataBytesMin: 2,
      signals: { chargerCurrentA: { offset: 0, bytes: 2, divide: 10, invalid: [0xffff, 0xfffe], min: 0, max: 100 } },
    },
    {
      ecu: charger,
      request: "22103E",
      pace: "slow",
      grade: "C",
      dataBytesMin: 2,
      signals: {
        chargerSessionMilliWh: { offset: 0, bytes: 2, multiply: 10_000, invalid: [0xffff], min: 0, max: 7e8 },
      },
    },
    {
      ecu: charger,
      request: "221507",
      pace: "slow",
      grade: "C",
      dataBytesMin: 9,
      // One counter for each phase of the charger. The unit is the source's; one recorded car shows 100 MWh.
      signals: {
        chargerRail1MilliWh: { offset: 0, bytes: 3, multiply: 100_000, min: 0, max: 2e12 },
        chargerRail2MilliWh: { offset: 3, bytes: 3, multiply: 100_000, min: 0, max: 2e12 },
        chargerRail3MilliWh: { offset: 6, bytes: 3, multiply: 100_000, min: 0, max: 2e12 },
      },
    },
    {
      ecu: charger,
      request: "2215D6",
      pace: "slow",
      grade: "C",
      dataBytesMin: 1,
      signals: volkswagenEfficiencySignals,
    },
  ],
  session: null,
  charging: { any: [{ all: [{ quantity: "chargeState", values: [4, 6] }], heldMs: 0 }] },
  plugged: null,
  inlet: [
    {
      kind: "direct-current",
      grade: "C",
      // A fast charger feeds the battery past this unit, which then says nothing about the inlet.
      when: [
        { quantity: "chargeState", values: [4] },
        { quantity: "chargerVoltageV", min: 100, max: 600 },
      ],
      sumOf: [["chargerVoltageV", "chargerCurrentA"]],
    },
  ],
  counter: { resolutionMilliWh: 117, includesRegeneration: true },
  cellCounts: [],
  currentMaxA: 700,
  powerMaxW: 300_000,
  identification: [{ ecu: battery, request: "221E3B", dataBytes: { min: 2, max: 3 }, conditions: [] }],
} as const satisfies VehicleProfile;
