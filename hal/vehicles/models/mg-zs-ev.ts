/**
 * MG ZS EV and MG5. The battery management moved from 781 to 7E5 in 2021 and kept the identifiers recorded here.
 *
 * Sources: OVMS vehicle_mgev, peternixon, iternio mg, OBDb (recorded on both units); iternio's state of charge is ten
 * times too small. The car's own current is positive while it discharges. What the newer car's charge control tells
 * under other identifiers is not settled between the sources (V /97 or /93, A x0.2 - 409.6 or /10), so it is not asked.
 */
import type { RequestVariant, VehicleProfile } from "../profile.ts";

const battery = { idBits: 11, requestId: 0x781, responseId: 0x789 } as const;
const newerBattery = { idBits: 11, requestId: 0x7e5, responseId: 0x7ed } as const;

const unknown = [0x0ffe, 0x0fff, 0xfffe, 0xffff] as const;

const voltage = {
  ecu: battery,
  request: "22B042",
  grade: "B",
  dataBytesMin: 2,
  signals: { batteryVoltageV: { offset: 0, bytes: 2, divide: 4, invalid: unknown, min: 200, max: 500 } },
} as const satisfies RequestVariant;

const current = {
  ecu: battery,
  request: "22B043",
  grade: "B",
  dataBytesMin: 2,
  signals: {
    batteryCurrentA: { offset: 0, bytes: 2, divide: -40, add: 1000, invalid: [0, 0xfffe, 0xffff], min: -500, max: 400 },
  },
} as const satisfies RequestVariant;

const state = {
  ecu: battery,
  request: "22B048",
  grade: "B",
  dataBytesMin: 1,
  // 6 alternating current, 7 direct current.
  signals: { chargeState: { offset: 0, bytes: 1, invalid: [0xff], min: 0, max: 254 } },
} as const satisfies RequestVariant;

const bus = {
  ecu: battery,
  request: "22B041",
  grade: "B",
  dataBytesMin: 2,
  signals: { busVoltageV: { offset: 0, bytes: 2, divide: 4, invalid: unknown, min: 0, max: 600 } },
} as const satisfies RequestVariant;

export const mgZsEv = {
  name: "mg-zs-ev",
  aliases: ["mg", "mg5", "zs-ev"],
  covers: "MG ZS EV and MG5",
  requests: [
    { ...voltage, pace: "power", otherwise: [{ ...voltage, ecu: newerBattery, grade: "C" }] },
    { ...current, pace: "power", otherwise: [{ ...current, ecu: newerBattery, grade: "C" }] },
    { ...state, pace: "state", otherwise: [{ ...state, ecu: newerBattery, grade: "C" }] },
    {
      ecu: battery,
      request: "22B046",
      pace: "state",
      grade: "B",
      dataBytesMin: 2,
      signals: { stateOfChargePercent: { offset: 0, bytes: 2, divide: 10, invalid: [0xffff], min: 0, max: 100 } },
    },
    { ...bus, pace: "slow", otherwise: [{ ...bus, ecu: newerBattery, grade: "C" }] },
  ],
  session: null,
  charging: { any: [{ all: [{ quantity: "chargeState", values: [6, 7] }], heldMs: 0 }] },
  plugged: null,
  inlet: [],
  counter: null,
  cellCounts: [],
  currentMaxA: 500,
  powerMaxW: 150_000,
  identification: [
    { ecu: battery, request: "22B042", dataBytes: { min: 2, max: 4 }, conditions: [] },
    { ecu: battery, request: "22B048", dataBytes: { min: 1, max: 4 }, conditions: [] },
  ],
} as const satisfies VehicleProfile;
