/**
 * Hyundai and Kia, service 22, first generation. One reply carries voltage, current, counters and state together, so
 * there is no skew between voltage and current.
 *
 * Layout agreed by OVMS, evDash, EVNotiPi and iternio, and checked on recorded replies. The car's own current is
 * negative while charging. Of the charging bits in circulation only this one holds on recordings: byte 50, bits 2 and
 * 3.
 */
import type { ProfileRequest, VehicleProfile } from "../profile.ts";

/** The battery management's main reply, shared by the whole family; only its charging state changed over the years. */
export const hyundaiBatteryRequest = {
  ecu: { idBits: 11, requestId: 0x7e4, responseId: 0x7ec },
  request: "220101",
  dataBytesMin: 59,
  signals: {
    stateOfChargePercent: { offset: 4, bytes: 1, divide: 2, min: 0, max: 100 },
    batteryCurrentA: {
      offset: 10,
      bytes: 2,
      isSigned: true,
      divide: -10,
      invalid: [0x7fff, 0x8000],
      min: -600,
      max: 600,
    },
    batteryVoltageV: { offset: 12, bytes: 2, divide: 10, invalid: [0, 0xffff], min: 200, max: 900 },
    cellVoltageMaxV: { offset: 23, bytes: 1, divide: 50, invalid: [0, 0xff], min: 2, max: 4.5 },
    cellVoltageMinV: { offset: 25, bytes: 1, divide: 50, invalid: [0, 0xff], min: 2, max: 4.5 },
    auxiliaryVoltageV: { offset: 29, bytes: 1, divide: 10, invalid: [0xff], min: 0, max: 25.4 },
    // Counts regeneration too: only differences of a plugged, standing car are charge.
    chargedMilliWh: { offset: 38, bytes: 4, multiply: 100_000, invalid: [0xffffffff], min: 0, max: 1e12 },
    dischargedMilliWh: { offset: 42, bytes: 4, multiply: 100_000, invalid: [0xffffffff], min: 0, max: 1e12 },
    operatingSeconds: { offset: 46, bytes: 4, invalid: [0xffffffff], min: 0, max: 2 ** 31 },
    chargeState: { offset: 50, bytes: 1, min: 0, max: 255 },
    motorRpm: { offset: 53, bytes: 2, isSigned: true, invalid: [0x7fff, 0x8000], min: -25_000, max: 25_000 },
  },
} as const satisfies ProfileRequest;

export const hyundaiKona = {
  name: "hyundai-kona",
  covers: "Hyundai Kona Electric 2018-2023, Ioniq Electric 38 kWh; Kia e-Niro and e-Soul 2018-2022",
  powerRequests: [hyundaiBatteryRequest],
  otherRequests: [],
  charging: { all: [{ quantity: "chargeState", mask: 0x0c, min: 0x08, max: 0x08 }], heldMs: 0 },
  cellCounts: [88, 90, 98],
  currentMaxA: 600,
  powerMaxW: 200_000,
  chargedResolutionMilliWh: 100_000,
  sessions: [],
} as const satisfies VehicleProfile;
