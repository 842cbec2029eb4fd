/**
 * BMW i3 with its sisters: extended addressing, the first byte of each frame names its receiver.
 *
 * Sources: OVMS vehicle_bmwi3, OBDb BMW-i3 (recorded: voltage, current, state of charge), evDash CarBmwI3, iternio.
 * The counter has the finest step of all: 36 Ws. The charger's replies have one source and no recording. Whether a
 * fast charger shows in the charger's mode is not known; if it does not, such a charge is not seen as one.
 */
import type { VehicleProfile } from "../profile.ts";

const battery = {
  idBits: 11,
  requestId: 0x6f1,
  responseId: 0x607,
  extension: { ecu: 0x07, tester: 0xf1 },
} as const;
const charger = {
  idBits: 11,
  requestId: 0x6f1,
  responseId: 0x615,
  extension: { ecu: 0x15, tester: 0xf1 },
} as const;

const counter = { bytes: 4, multiply: 10, invalid: [0xffffffff], min: 0, max: 1e12 } as const;
const mainsVoltage = { bytes: 2, invalid: [0xffff], min: 0, max: 300 } as const;
const mainsCurrent = { bytes: 2, divide: 10, invalid: [0xffff], min: 0, max: 100 } as const;

export const bmwI3 = {
  name: "bmw-i3",
  aliases: ["i3", "i3s", "mini-se"],
  covers: "BMW i3 and i3s, Mini Cooper SE",
  requests: [
    {
      ecu: battery,
      request: "22DD68",
      pace: "power",
      grade: "A",
      dataBytesMin: 2,
      signals: { batteryVoltageV: { offset: 0, bytes: 2, divide: 100, invalid: [0, 0xffff], min: 200, max: 450 } },
    },
    {
      ecu: battery,
      request: "22DD69",
      pace: "power",
      grade: "A",
      dataBytesMin: 4,
      signals: {
        batteryCurrentA: {
          offset: 0,
          bytes: 4,
          isSigned: true,
          divide: 100,
          invalid: [0x7fffffff, 0x80000000],
          min: -600,
          max: 400,
        },
      },
    },
    {
      ecu: charger,
      request: "22DE84",
      pace: "state",
      grade: "C",
      dataBytesMin: 16,
      // 1 standby, 2 charges, 3 charges with less, 4 stop, 5 error.
      signals: { chargeState: { offset: 9, bytes: 1, min: 0, max: 255 } },
    },
    {
      ecu: battery,
      request: "22DD7C",
      pace: "state",
      grade: "B",
      dataBytesMin: 85,
      signals: {
        chargedMilliWh: { offset: 77, ...counter },
        dischargedMilliWh: { offset: 81, ...counter },
      },
    },
    {
      ecu: battery,
      request: "22DDBC",
      pace: "state",
      grade: "A",
      dataBytesMin: 6,
      signals: { displayChargePercent: { offset: 0, bytes: 2, divide: 10, invalid: [0xffff], min: 0, max: 105 } },
    },
    {
      ecu: charger,
      request: "22DE86",
      pace: "inlet",
      grade: "C",
      dataBytesMin: 12,
      signals: {
        mainsVoltage1V: { offset: 0, ...mainsVoltage },
        chargerVoltageV: { offset: 4, bytes: 2, divide: 10, invalid: [0xffff], min: 0, max: 600 },
        mainsVoltage2V: { offset: 8, ...mainsVoltage },
        mainsVoltage3V: { offset: 10, ...mainsVoltage },
      },
    },
    {
      ecu: charger,
      request: "22DE87",
      pace: "inlet",
      grade: "C",
      dataBytesMin: 14,
      signals: {
        mainsCurrent1A: { offset: 0, ...mainsCurrent },
        chargerCurrentA: { offset: 4, bytes: 2, divide: 10, add: -204.7, invalid: [0xffff], min: -205, max: 100 },
        mainsCurrent2A: { offset: 10, ...mainsCurrent },
        mainsCurrent3A: { offset: 12, ...mainsCurrent },
      },
    },
    {
      ecu: charger,
      request: "22DE85",
      pace: "slow",
      grade: "C",
      dataBytesMin: 4,
      signals: {
        chargerEfficiencyPercent: { offset: 0, bytes: 1, invalid: [0xff], min: 0, max: 100 },
        chargerPowerW: { offset: 2, bytes: 2, invalid: [0xffff], min: 0, max: 12_000 },
      },
    },
  ],
  session: null,
  charging: { any: [{ all: [{ quantity: "chargeState", values: [2, 3] }], heldMs: 0 }] },
  plugged: null,
  inlet: [
    {
      kind: "apparent",
      grade: "C",
      when: [{ quantity: "mainsVoltage1V", min: 80, max: 300 }],
      sumOf: [
        ["mainsVoltage1V", "mainsCurrent1A"],
        ["mainsVoltage2V", "mainsCurrent2A"],
        ["mainsVoltage3V", "mainsCurrent3A"],
      ],
    },
  ],
  counter: { resolutionMilliWh: 10, includesRegeneration: true },
  cellCounts: [],
  currentMaxA: 600,
  powerMaxW: 200_000,
  identification: [{ ecu: battery, request: "22DD68", dataBytes: { min: 2, max: 4 }, conditions: [] }],
} as const satisfies VehicleProfile;
