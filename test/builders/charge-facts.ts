/** Terms and signed facts of a charge, from the energies that each side's meter would have shown. */
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { defaultTerms } from "#core/contract/default-terms.ts";
import { energyV1CodeHash } from "#core/contract/energy-v1.ts";
import type { Terms } from "#core/contract/terms.ts";
import type { ChargeFacts } from "#core/session/charge-facts.ts";
import type { CompleteBody, ReportBody, Role } from "#core/session/facts.ts";
import { perKwh } from "./tariffs.ts";

const crypto = new NodeCryptography();

/** 22 kW alternating current, both meters at the cable's ends: the worked example of the protocol. */
export function inletTerms(changes: Partial<Terms> = {}): Terms {
  return {
    ...defaultTerms({
      codeHash: energyV1CodeHash(crypto),
      currency: "EUR",
      currencyDigits: 2,
      tariff: perKwh(450_000),
      powerMaxW: 22_000,
      energyMaxMilliWh: 100_000_000,
      durationMaxSeconds: 86_400,
      stationMpePpm: 10_000,
      stationMeasuringPoint: "mains",
      stationResolutionMilliWh: 1000,
    }),
    mpePpm: [10_000, 20_000],
    lossPpm: [0, 30_000],
    measuringPoints: ["mains", "vehicle-inlet"],
    resolutionMilliWh: [1000, 1000],
    tolerancePpm: 50_000,
    ...changes,
  };
}

/** 11 kW alternating current, the vehicle measures at its battery within 3 %. */
export function batteryTerms(changes: Partial<Terms> = {}): Terms {
  return inletTerms({
    powerMaxW: 11_000,
    mpePpm: [20_000, 30_000],
    lossPpm: [50_000, 120_000],
    measuringPoints: ["mains", "battery"],
    resolutionMilliWh: [1000, 1],
    tolerancePpm: 71_000,
    ...changes,
  });
}

export interface ChargeStory {
  readonly terms?: Terms;
  /** Energy since the start at reading 0, 1, 2 …, mWh. */
  readonly station?: readonly number[];
  readonly vehicle?: readonly number[];
  /** Energy at completion; absent when that side does not complete. */
  readonly stationFinal?: number;
  readonly vehicleFinal?: number;
  readonly finalMs?: number;
  readonly start?: readonly [number, number];
}

export function chargeOf(story: ChargeStory): ChargeFacts {
  const { terms = inletTerms(), station = [], vehicle = [], stationFinal, vehicleFinal, start = [0, 0] } = story;
  const stationReports = reportsOf({ role: "station", terms, start: start[0] }, station);
  const vehicleReports = reportsOf({ role: "vehicle", terms, start: start[1] }, vehicle);
  const atMs = story.finalMs ?? Math.max(station.length, vehicle.length) * terms.readingIntervalSeconds * 1000;
  const complete = (role: Role, finalMilliWh: number, reports: number): CompleteBody => ({
    address: ADDRESS,
    role,
    finalMilliWh,
    reports,
    head: new Uint8Array(32).fill(reports),
    reason: "finished",
    atMs,
  });
  return {
    open: {
      version: 1,
      network: new Uint8Array(8),
      vehicle: new Uint8Array(32).fill(1),
      station: new Uint8Array(32).fill(2),
      evse: 1,
      terms,
      transcript: new Uint8Array(32),
      reference: [0, new Uint8Array(32)],
      startMilliWh: [start[0], start[1]],
      startedAt: 1_700_000_000,
      notAfter: 1_700_100_000,
      salt: new Uint8Array(16),
    },
    reports: { station: stationReports, vehicle: vehicleReports },
    completes: {
      ...(stationFinal === undefined
        ? {}
        : { station: complete("station", start[0] + stationFinal, stationReports.length) }),
      ...(vehicleFinal === undefined
        ? {}
        : { vehicle: complete("vehicle", start[1] + vehicleFinal, vehicleReports.length) }),
    },
    cancelled: {},
  };
}

/** Evenly growing energies at reading 0 to `readings`. */
export function ramp(readings: number, milliWhPerReading: number): readonly number[] {
  return Array.from({ length: readings + 1 }, (_, index) => index * milliWhPerReading);
}

const ADDRESS = new Uint8Array(32).fill(7);

function reportsOf(
  log: { readonly role: Role; readonly terms: Terms; readonly start: number },
  energies: readonly number[],
): readonly ReportBody[] {
  const { role, terms, start } = log;
  const size = terms.readingsPerReport;
  const count = Math.ceil(energies.length / size);
  return Array.from({ length: count }, (_, sequence) => {
    const batch = energies.slice(sequence * size, (sequence + 1) * size);
    return {
      address: ADDRESS,
      role,
      sequence,
      firstReading: sequence * size,
      registerMilliWh: batch.map((energy, place) => (place === 0 ? start + energy : energy - (batch[place - 1] ?? 0))),
      previous: new Uint8Array(32).fill(sequence),
      atMs: (sequence * size + batch.length - 1) * terms.readingIntervalSeconds * 1000,
      flags: 0,
    };
  });
}
