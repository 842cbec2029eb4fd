/**
 * What the whole Hyundai and Kia family shares: the battery management's replies. One reply carries voltage, current,
 * counters and state together, so there is no skew between voltage and current.
 *
 * Sources: OVMS vehicle_kianiroev and vehicle_hyundai_ioniq5, evDash CarHyundaiEgmp and CarKiaEniro, EVNotiPi kona_ev,
 * iternio hkmc2019, JejuSoul; agreed, and checked on recorded replies. The public list for the Ioniq 5 alone that
 * starts one byte later is wrong in every recorded reply. The car's own current is negative while charging.
 */
import type { ChargingCase, RequestVariant } from "../profile.ts";
import type { EcuAddress } from "#hal/protocols/obd/ecu-address.ts";

export const hyundaiBatteryUnit = { idBits: 11, requestId: 0x7e4, responseId: 0x7ec } as const satisfies EcuAddress;

const battery = {
  ecu: hyundaiBatteryUnit,
  grade: "A",
  dataBytesMin: 59,
  signals: {
    stateOfChargePercent: { offset: 4, bytes: 1, divide: 2, invalid: [0xff], min: 0, max: 100 },
    // Relay and charge flags. That bit 7 means charging, as several lists say, is wrong for service 22: it was
    // recorded on the road, and clear at 7 kW.
    batteryFlags: { offset: 9, bytes: 1, min: 0, max: 255 },
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
    chargedMilliAh: { offset: 30, bytes: 4, multiply: 100, invalid: [0xffffffff], min: 0, max: 1e10 },
    dischargedMilliAh: { offset: 34, bytes: 4, multiply: 100, invalid: [0xffffffff], min: 0, max: 1e10 },
    chargedMilliWh: { offset: 38, bytes: 4, multiply: 100_000, invalid: [0xffffffff], min: 0, max: 1e12 },
    dischargedMilliWh: { offset: 42, bytes: 4, multiply: 100_000, invalid: [0xffffffff], min: 0, max: 1e12 },
    operatingSeconds: { offset: 46, bytes: 4, invalid: [0xffffffff], min: 0, max: 2 ** 31 },
    motorRpm: { offset: 53, bytes: 2, isSigned: true, invalid: [0x7fff, 0x8000], min: -25_000, max: 25_000 },
  },
} as const satisfies Omit<RequestVariant, "request">;

const health = {
  ecu: hyundaiBatteryUnit,
  grade: "A",
  dataBytesMin: 32,
  signals: {
    stateOfHealthPercent: { offset: 25, bytes: 2, divide: 10, invalid: [0xffff], min: 0, max: 110 },
    displayChargePercent: { offset: 31, bytes: 1, divide: 2, invalid: [0xff], min: 0, max: 100 },
  },
} as const satisfies Omit<RequestVariant, "request">;

export const hyundaiBatteryRequest = { ...battery, request: "220101", pace: "power" } as const;
/** Of the cars whose byte 50 tells their state. */
export const hyundaiBatteryStateRequest = {
  ...hyundaiBatteryRequest,
  signals: { ...battery.signals, chargeState: { offset: 50, bytes: 1, min: 0, max: 255 } },
} as const;
export const hyundaiHealthRequest = { ...health, request: "220105", pace: "slow" } as const;

/** The oldest cars have the same layout under the older service. */
export const hyundaiOldBatteryRequest = { ...battery, request: "2101", grade: "B", dataBytesMin: 58 } as const;
export const hyundaiOldHealthRequest = { ...health, request: "2105", grade: "B" } as const;

/** Its smallest step, and regeneration counts: only differences of a plugged, standing car are charge. */
export const hyundaiCounter = { resolutionMilliWh: 100_000, includesRegeneration: true } as const;

/** Where the flags say nothing: current into the battery of a car whose motor stands still, for ten seconds. */
export const standingCharge = {
  all: [
    { quantity: "batteryCurrentA", min: 0.501, max: 600 },
    { quantity: "motorRpm", min: 0, max: 0 },
  ],
  heldMs: 10_000,
} as const satisfies ChargingCase;
