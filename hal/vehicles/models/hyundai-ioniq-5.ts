/**
 * Hyundai, Kia and Genesis on the E-GMP platform: the Kona's reply at twice the voltage, without charging bits. All
 * three public rules for its charging flags are wrong: they are never set, not even at 306 A from a fast charger.
 *
 * Sources of the charger's and the charge manager's replies: OBDb, confirmed on recordings only. On those the charger's
 * output is 0.85 to 0.96 of what its input multiplies to. A shorter reply to 22E002, of cars from 2024 on and of the
 * EV3, has another layout, which nobody has published; it is not read.
 */
import type { ProfileRequest, VehicleProfile } from "../profile.ts";
import {
  hyundaiBatteryRequest,
  hyundaiBatteryUnit,
  hyundaiCounter,
  hyundaiHealthRequest,
  standingCharge,
} from "./hyundai-battery.ts";

const charger = { idBits: 11, requestId: 0x7e5, responseId: 0x7ed } as const;
const chargeManagement = { idBits: 11, requestId: 0x744, responseId: 0x74c } as const;

export const chargeManagementRequest = {
  ecu: chargeManagement,
  request: "22E001",
  pace: "state",
  grade: "C",
  // Replies of 21 and 34 bytes were recorded too, with other layouts.
  dataBytesMin: 36,
  signals: {
    // 0 with no cable on all recordings, and something else with each kind of charger.
    plugState: { offset: 4, bytes: 2, min: 0, max: 0xffff },
    // 04 plugged in and idle, 05 alternating current, 08 direct current.
    chargeState: { offset: 17, bytes: 1, min: 0, max: 255 },
    // Half an ampere above what flows on recordings, and there before anything flows.
    requestedCurrentA: { offset: 23, bytes: 2, divide: 10, invalid: [0xffff], min: 0, max: 100 },
  },
} as const satisfies ProfileRequest;

/** Lifetime counters of whole kilowatt hours: too coarse to measure with, good to compare with. */
export const lifetimeChargeRequest = {
  ecu: hyundaiBatteryUnit,
  request: "220111",
  pace: "slow",
  grade: "C",
  dataBytesMin: 20,
  signals: {
    mainsSessions: { offset: 4, bytes: 4, min: 0, max: 1e6 },
    dcSessions: { offset: 8, bytes: 4, min: 0, max: 1e6 },
    chargedByMainsMilliWh: { offset: 12, bytes: 4, multiply: 1_000_000, min: 0, max: 1e12 },
    chargedByDcMilliWh: { offset: 16, bytes: 4, multiply: 1_000_000, min: 0, max: 1e12 },
  },
} as const satisfies ProfileRequest;

/** The state decides; where it is not known, the current of a standing car does. A plugged car does not move. */
export const egmpCharging = {
  any: [
    {
      all: [
        { quantity: "chargeState", values: [0x05, 0x08] },
        { quantity: "motorRpm", min: 0, max: 0 },
      ],
      heldMs: 0,
    },
    standingCharge,
  ],
} as const satisfies VehicleProfile["charging"];

export const egmpIdentification = [
  { ecu: hyundaiBatteryUnit, request: "220101", dataBytes: { min: 59, max: 64 }, conditions: [] },
  { ecu: chargeManagement, request: "22E001", dataBytes: { min: 36, max: 40 }, conditions: [] },
] as const satisfies VehicleProfile["identification"];

export const hyundaiIoniq5 = {
  name: "hyundai-ioniq-5",
  aliases: ["ioniq5", "ioniq6", "ev6", "ev9", "egmp"],
  covers: "Hyundai Ioniq 5 and 6, Kia EV6 and EV9",
  requests: [
    hyundaiBatteryRequest,
    chargeManagementRequest,
    {
      ecu: charger,
      request: "22E002",
      pace: "inlet",
      grade: "C",
      dataBytesMin: 58,
      signals: {
        mainsVoltage1V: { offset: 4, bytes: 2, divide: 10, invalid: [0xffff], min: 0, max: 300 },
        mainsVoltage2V: { offset: 6, bytes: 2, divide: 10, invalid: [0xffff], min: 0, max: 300 },
        mainsFrequencyHz: { offset: 10, bytes: 1, min: 0, max: 70 },
        mainsCurrentA: { offset: 11, bytes: 2, isSigned: true, divide: 100, min: -5, max: 100 },
        mainsCurrent1A: { offset: 13, bytes: 2, isSigned: true, divide: 100, min: -5, max: 60 },
        mainsCurrent2A: { offset: 15, bytes: 2, isSigned: true, divide: 100, min: -5, max: 60 },
        chargerVoltageV: { offset: 19, bytes: 2, divide: 10, invalid: [0xffff], min: 0, max: 900 },
        chargerCurrentA: { offset: 21, bytes: 2, isSigned: true, divide: 100, min: -5, max: 60 },
      },
    },
    hyundaiHealthRequest,
    lifetimeChargeRequest,
  ],
  session: null,
  charging: egmpCharging,
  plugged: {
    yes: { quantity: "plugState", min: 1, max: 0xffff },
    no: { quantity: "plugState", min: 0, max: 0 },
  },
  inlet: [
    {
      // One phase: both halves of the charger hang on it, and their currents add up to the whole.
      kind: "apparent",
      grade: "C",
      when: [
        { quantity: "mainsVoltage1V", min: 80, max: 300 },
        { quantity: "mainsVoltage2V", min: 0, max: 20 },
      ],
      sumOf: [["mainsVoltage1V", "mainsCurrentA"]],
    },
    {
      // Several phases are not on any recording, so nobody knows what the currents add up to; the output is certain.
      kind: "direct-current",
      grade: "C",
      when: [
        { quantity: "mainsVoltage1V", min: 80, max: 300 },
        { quantity: "mainsVoltage2V", min: 80, max: 300 },
      ],
      sumOf: [["chargerVoltageV", "chargerCurrentA"]],
    },
  ],
  counter: hyundaiCounter,
  // Recorded: 132, 144, 152, 180 and 192.
  cellCounts: [132, 144, 152, 168, 180, 192],
  currentMaxA: 600,
  powerMaxW: 400_000,
  identification: egmpIdentification,
} as const satisfies VehicleProfile;
