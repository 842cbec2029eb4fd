/**
 * All that honest meters can have shown in a block: certified limits and plausible losses added up, so that what lies
 * outside needs another explanation. No honest charge is outside, however unlucky.
 */
import { defaultLoss, type LossPpm } from "#core/contract/default-loss.ts";
import { PPM, type Terms } from "#core/contract/terms.ts";
import { divideUp, saturate } from "#core/metering/whole-numbers.ts";
import type { EnergyBlock } from "./energy-blocks.ts";
import { STANDING_W } from "./interval-loss.ts";

export interface Envelope {
  readonly lossPpm: LossPpm;
  /** Vehicle over station: least, middle and most of an honest pair. */
  readonly leastPpm: number;
  readonly middlePpm: number;
  readonly mostPpm: number;
  /** Mean power of the charge at the station, which the losses are taken at. */
  readonly usualW: number;
  /** By so much any block can be off. */
  readonly noiseMilliWh: number;
  /** What the car uses all the time is between its two measuring points. */
  readonly hasStandingLoss: boolean;
}

export type EnvelopeTerms = Pick<Terms, "mpePpm" | "lossPpm" | "measuringPoints">;

/** The losses of the terms, and what is known of cars at this power. */
export function envelopeOf(terms: EnvelopeTerms, usualW: number, noiseMilliWh: number): Envelope {
  const known = defaultLoss(terms.measuringPoints, usualW);
  const lossPpm: LossPpm = [Math.min(known[0], terms.lossPpm[0]), Math.max(known[1], terms.lossPpm[1])];
  const [station, vehicle] = terms.mpePpm;
  const [least, most] = [PPM - lossPpm[1], PPM - lossPpm[0]];
  return {
    lossPpm,
    leastPpm: Number((BigInt(least) * BigInt(PPM - vehicle)) / BigInt(PPM + station)),
    middlePpm: Math.floor((least + most) / 2),
    mostPpm: Number(divideUp(BigInt(most) * BigInt(PPM + vehicle), BigInt(Math.max(1, PPM - station)))),
    usualW,
    noiseMilliWh,
    hasStandingLoss: terms.measuringPoints[1] !== "vehicle-inlet",
  };
}

/** What the vehicle can have counted, mWh. */
export interface Range {
  readonly least: number;
  readonly most: number;
}

export function rangeOf(envelope: Envelope, block: EnergyBlock): Range {
  const { leastPpm, mostPpm, noiseMilliWh } = envelope;
  const least = shareOf(block.stationMilliWh, leastPpm) - standingMilliWh(envelope, block) - noiseMilliWh;
  return { least: Math.max(0, least), most: shareOf(block.stationMilliWh, mostPpm) + noiseMilliWh };
}

/** By how much the vehicle's amount is outside of the range, mWh. */
export function outside({ least, most }: Range, vehicleMilliWh: number): number {
  return Math.max(0, least - vehicleMilliWh, vehicleMilliWh - most);
}

/** The same with the station's amount taken as so many millionths of what it is. */
export function scaled(block: EnergyBlock, ratioPpm: number): EnergyBlock {
  return ratioPpm === PPM ? block : { ...block, stationMilliWh: shareOf(block.stationMilliWh, ratioPpm) };
}

export function shareOf(milliWh: number, sharePpm: number): number {
  return saturate((BigInt(milliWh) * BigInt(sharePpm)) / BigInt(PPM));
}

/** Energy of a power over a time, mWh. */
export function energyAt(powerW: number, seconds: number): number {
  return saturate((BigInt(powerW) * BigInt(seconds) * 10n) / 36n);
}

/** A charge at 10 A, for which the lowest row of the default losses is. */
const LOWEST_ROW_W = 2_300;

/** Where less power flows than usual, the car's own use weighs more than the band of the usual power holds. */
function standingMilliWh({ hasStandingLoss, usualW }: Envelope, { seconds, stationMilliWh }: EnergyBlock): number {
  if (!hasStandingLoss) return 0;
  const held = saturate((BigInt(stationMilliWh) * BigInt(STANDING_W)) / BigInt(Math.max(LOWEST_ROW_W, usualW)));
  return Math.max(0, energyAt(STANDING_W, seconds) - held);
}
