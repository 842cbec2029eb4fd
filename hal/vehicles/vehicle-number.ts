/**
 * What a vehicle identification number says about whom to ask first: its maker (ISO 3780, the first three characters)
 * and its tenth character, which many makers use for the model year. The rest names one car, and so its owner; it
 * leaves this file in no form.
 */

export interface VehicleNumberHint {
  readonly maker: string;
  readonly yearCode: string;
}

/** J1979 service 09, infotype 02; or ISO 14229-1 F190. */
export const VEHICLE_NUMBER_REQUESTS = ["0902", "22F190"] as const;

/** `payload`: the whole answer, from the service byte on. Undefined when there is no number in it. */
export function readVehicleNumberHint(payload: Uint8Array): VehicleNumberHint | undefined {
  const text = String.fromCharCode(...payload.subarray(0, ANSWER_BYTES_MAX));
  // Neither I nor O nor Q stands in such a number (ISO 3779).
  const number = /[A-HJ-NPR-Z0-9]{17}/.exec(text)?.[0];
  return number === undefined ? undefined : { maker: number.slice(0, 3), yearCode: number.slice(9, 10) };
}

/** Names of the profiles that the maker's cars may have; empty when the maker is not known here. */
export function profilesOfMaker(maker: string): readonly string[] {
  return MAKERS.find(({ codes }) => codes.includes(maker))?.profiles ?? [];
}

const ANSWER_BYTES_MAX = 64;

/** From memory: assignments of ISO 3780 that are widely published. They only order the questions. */
const MAKERS: readonly { readonly codes: readonly string[]; readonly profiles: readonly string[] }[] = [
  {
    // Hyundai, Kia.
    codes: ["KMH", "KM8", "TMA", "NLH", "5NM", "7YA", "KNA", "KNC", "KND", "U5Y", "5XY"],
    profiles: ["hyundai-ioniq-5", "hyundai-kona", "kia-niro-sg2", "kia-ev3", "hyundai-ioniq-28"],
  },
  {
    // Volkswagen, Seat and Cupra, Skoda, Audi.
    codes: ["WVW", "WVG", "WV1", "WV2", "1V2", "VSS", "TMB", "WAU", "WA1"],
    profiles: ["vw-meb", "vw-e-up"],
  },
  { codes: ["VF1"], profiles: ["renault-zoe-ph2", "renault-zoe-ph1"] },
  { codes: ["WBY", "WBA", "WMW"], profiles: ["bmw-i3"] },
  { codes: ["1G1", "KL8", "W0L", "W0V"], profiles: ["chevrolet-bolt"] },
  { codes: ["LSJ"], profiles: ["mg-zs-ev"] },
  { codes: ["JN1", "SJN", "1N4"], profiles: ["nissan-leaf"] },
  { codes: ["SAD"], profiles: ["jaguar-i-pace"] },
  { codes: ["3FM", "1FT"], profiles: ["ford-mach-e"] },
];
