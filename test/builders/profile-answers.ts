/**
 * Answers of a car that is as a profile says: raw values that its own signals decode to the wanted ones. Good for what
 * a driver does with answers; whether a profile is right, recordings say.
 */
import type { RequestVariant, Signal, VehicleProfile } from "#hal/vehicles/profile.ts";
import { signalsOf } from "#hal/vehicles/decode-signals.ts";
import { probeName } from "#hal/vehicles/identification.ts";
import { allVariants } from "#hal/vehicles/profile-requests.ts";
import type { Quantity } from "#hal/vehicles/quantity.ts";
import { fromHex } from "#base/bytes.ts";

export type Wanted = Readonly<Partial<Record<Quantity, number>>>;

/** The raw number, without sign, that decodes to the value; the nearest where steps are coarse. */
export function rawOf(signal: Signal, value: number): number {
  const raw = Math.round(((value - (signal.add ?? 0)) * (signal.divide ?? 1)) / (signal.multiply ?? 1));
  return raw < 0 ? raw + 256 ** signal.bytes : raw;
}

/** From the service byte on. What is not wanted is the least that the signal may show, or 0 where that is allowed. */
export function answerOf(variant: RequestVariant, wanted: Wanted = {}): Uint8Array {
  const request = fromHex(variant.request) ?? new Uint8Array();
  const data = new Uint8Array(variant.dataBytesMin);
  for (const [quantity, signal] of signalsOf(variant)) {
    const value = wanted[quantity] ?? (signal.min <= 0 ? 0 : signal.min);
    putRaw(data, signal, rawOf(signal, value));
  }
  return Uint8Array.of((request[0] ?? 0) + 0x40, ...request.subarray(1), ...data);
}

export function putRaw(data: Uint8Array, signal: Signal, raw: number): void {
  for (let place = 0; place < signal.bytes; place += 1) {
    data[signal.offset + place] = Math.floor(raw / 256 ** (signal.bytes - 1 - place)) % 256;
  }
}

/**
 * By the name that a probe has, such as `7E4/220101`, and the profile's session. Where two variants share a name, the
 * first answers.
 */
export function answersOf(profile: VehicleProfile, wanted: Wanted = {}): Map<string, Uint8Array> {
  const variants = [...allVariants(profile)].reverse();
  const answers = variants.map((variant) => [probeName(variant), answerOf(variant, wanted)] as const);
  if (profile.session === null) return new Map(answers);
  const { type } = profile.session;
  const request = `10${type.toString(16).toUpperCase().padStart(2, "0")}`;
  const sessions = variants.map(({ ecu }) => [probeName({ ecu, request }), Uint8Array.of(0x50, type)] as const);
  return new Map([...answers, ...sessions]);
}

/** A car of the profile that stands, charges with nothing, and has as many cells as the first of its counts. */
export function restingCar(profile: VehicleProfile): Wanted {
  const cells = profile.cellCounts[0] ?? 100;
  return { batteryVoltageV: cells * 3.7, cellVoltageMaxV: 3.7, cellVoltageMinV: 3.7, batteryCurrentA: 0, motorRpm: 0 };
}
