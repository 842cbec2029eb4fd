/**
 * Ford Mustang Mach-E and F-150 Lightning. The battery's current is not to be trusted: its identifier, 48F9, was never
 * recorded at anything but 0, 25.5 and -25.6 A, whatever the car did. So nothing is measured at the battery; what the
 * car takes is told by the direct current that its charger, or the fast charger through it, delivers.
 *
 * Sources: OBDb (recorded), iternio MachE. They do not agree on which unit, 7E4 or 7E2, has the battery's and the
 * charger's values, so both are asked.
 */
import type { RequestVariant, VehicleProfile } from "../profile.ts";

const battery = { idBits: 11, requestId: 0x7e4, responseId: 0x7ec } as const;
const charger = { idBits: 11, requestId: 0x7e2, responseId: 0x7ea } as const;

const chargerCurrent = {
  ecu: battery,
  request: "224850",
  grade: "B",
  dataBytesMin: 2,
  signals: { chargerCurrentA: { offset: 0, bytes: 2, divide: 100, invalid: [0xffff], min: 0, max: 600 } },
} as const satisfies RequestVariant;

const chargerVoltage = {
  ecu: charger,
  request: "22484A",
  grade: "B",
  dataBytesMin: 2,
  signals: { chargerVoltageV: { offset: 0, bytes: 2, divide: 100, invalid: [0xffff], min: 0, max: 600 } },
} as const satisfies RequestVariant;

const batteryVoltage = {
  ecu: battery,
  request: "22480D",
  grade: "B",
  dataBytesMin: 2,
  signals: { batteryVoltageV: { offset: 0, bytes: 2, divide: 100, invalid: [0, 0xffff], min: 200, max: 480 } },
} as const satisfies RequestVariant;

const chargeState = {
  ecu: battery,
  request: "22484F",
  grade: "B",
  dataBytesMin: 1,
  // 0 not ready, 1 ready, 2 fault, 3 waits, 4 prepares, 5 charges, 6 done, 7 external charger, 8 begins.
  signals: { chargeState: { offset: 0, bytes: 1, invalid: [0xff], min: 0, max: 254 } },
} as const satisfies RequestVariant;

export const fordMachE = {
  name: "ford-mach-e",
  aliases: ["mache", "mach-e", "f-150-lightning"],
  covers: "Ford Mustang Mach-E, F-150 Lightning",
  requests: [
    { ...chargerCurrent, pace: "power", otherwise: [{ ...chargerCurrent, ecu: charger, grade: "C" }] },
    { ...chargerVoltage, pace: "power", otherwise: [{ ...chargerVoltage, ecu: battery, grade: "C" }] },
    {
      ecu: charger,
      request: "22485E",
      pace: "inlet",
      grade: "B",
      dataBytesMin: 2,
      signals: { mainsVoltage1V: { offset: 0, bytes: 2, divide: 100, invalid: [0xffff], min: 0, max: 300 } },
    },
    {
      ecu: charger,
      request: "22485F",
      pace: "inlet",
      grade: "B",
      dataBytesMin: 1,
      signals: { mainsCurrent1A: { offset: 0, bytes: 1, invalid: [0xff], min: 0, max: 100 } },
    },
    {
      ecu: charger,
      request: "224851",
      pace: "state",
      grade: "B",
      dataBytesMin: 1,
      // 0 none, 1 to 8 a kind of charger, 6 alternating and 8 direct current, 10 and more trouble.
      signals: { chargeLevel: { offset: 0, bytes: 1, invalid: [0xff], min: 0, max: 254 } },
    },
    { ...batteryVoltage, pace: "state", otherwise: [{ ...batteryVoltage, ecu: charger, grade: "C" }] },
    { ...chargeState, pace: "state", otherwise: [{ ...chargeState, ecu: charger, grade: "C" }] },
    {
      ecu: battery,
      request: "224801",
      pace: "state",
      grade: "B",
      dataBytesMin: 2,
      signals: { stateOfChargePercent: { offset: 0, bytes: 2, divide: 500, invalid: [0xffff], min: 0, max: 102 } },
    },
    {
      ecu: battery,
      request: "224845",
      pace: "slow",
      grade: "B",
      dataBytesMin: 1,
      signals: { displayChargePercent: { offset: 0, bytes: 1, divide: 2, invalid: [0xff], min: 0, max: 100 } },
    },
    {
      ecu: battery,
      request: "2248F9",
      pace: "slow",
      grade: "untrusted",
      dataBytesMin: 2,
      signals: { batteryCurrentA: { offset: 0, bytes: 2, isSigned: true, divide: 10, min: -3300, max: 3300 } },
    },
  ],
  session: null,
  charging: {
    any: [
      { all: [{ quantity: "chargeState", values: [5] }], heldMs: 0 },
      // The states have one source, and nothing comes through the charger on the road.
      { all: [{ quantity: "chargerCurrentA", min: 0.501, max: 600 }], heldMs: 10_000 },
    ],
  },
  plugged: {
    yes: { quantity: "chargeLevel", min: 1, max: 8 },
    no: { quantity: "chargeLevel", min: 0, max: 0 },
  },
  inlet: [
    // Before the mains side, whose current has steps of a whole ampere.
    {
      kind: "direct-current",
      grade: "B",
      when: [{ quantity: "chargerVoltageV", min: 100, max: 600 }],
      sumOf: [["chargerVoltageV", "chargerCurrentA"]],
    },
    {
      kind: "apparent",
      grade: "B",
      when: [{ quantity: "mainsVoltage1V", min: 80, max: 300 }],
      sumOf: [["mainsVoltage1V", "mainsCurrent1A"]],
    },
  ],
  counter: null,
  cellCounts: [],
  currentMaxA: 600,
  powerMaxW: 250_000,
  identification: [
    { ecu: battery, request: "224801", dataBytes: { min: 2, max: 4 }, conditions: [] },
    { ecu: battery, request: "224845", dataBytes: { min: 1, max: 4 }, conditions: [] },
  ],
} as const satisfies VehicleProfile;
