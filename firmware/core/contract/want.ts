/** What a vehicle asks for when it answers an offer: how much and how long, and how it measures. */
import { HASH_BYTES } from "#core/identity/cryptography.ts";
import { bytes, field, integer, nullable, optional, record, tuple, unsigned, type ValueOf } from "#core/wire/schema.ts";
import { measuringPoint, physicalBinding, PPM } from "./terms.ts";

const ppm = integer(0, PPM);

export const want = record({
  energyMaxMilliWh: field(1, unsigned),
  durationMaxSeconds: field(2, integer(0, 7 * 86_400)),
  /** Largest error of the vehicle's measurement. */
  vehicleMpePpm: field(3, ppm),
  vehicleMeasuringPoint: field(4, measuringPoint),
  /** Smallest step of the register that the vehicle reports. */
  vehicleResolutionMilliWh: field(5, unsigned),
  /** Loss from the station's measuring point to the vehicle's: least and most, at the power that this car draws. */
  lossPpm: field(6, tuple(ppm, ppm)),
  /** Hash of the learned model that the band comes from; null: a default band. */
  lossModel: field(7, nullable(bytes(HASH_BYTES))),
  /** Said only to a station that offers it: one that does not know the key would not understand the want. */
  bind: optional(8, physicalBinding),
});

export type Want = ValueOf<typeof want>;
