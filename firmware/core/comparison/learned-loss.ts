/**
 * How much one vehicle loses on the way from a station's measuring point to its own, learned from its settled charges:
 * by measuring points and power, only where three or more different stations speak, and never beyond the default band.
 *
 * Each station has one vote, the median of its newest charges, and the ratio is the median of the votes. A dishonest
 * station among three can move it no further than to the next honest one; and one that is all there is teaches nothing,
 * since its own error could not be told from the car's loss.
 *
 * The model is a function of the chain: anybody who holds the blocks computes the same bytes, whose hash is in the
 * terms of the charges that use it.
 */
import { defaultLoss, type LossPpm, type MeasuringPoints } from "#core/contract/default-loss.ts";
import { measuringPoint, PPM } from "#core/contract/terms.ts";
import { HASH_BYTES, type Cryptography } from "#core/identity/cryptography.ts";
import { divideUp, squareRootUp } from "#core/metering/whole-numbers.ts";
import { blockReference } from "#core/session/facts.ts";
import { encodeCbor } from "#core/wire/cbor.ts";
import { bytes, encodeShape, field, integer, list, record, tuple, unsigned, type ValueOf } from "#core/wire/schema.ts";
import type { LossObservation } from "./loss-observation.ts";

const ppm = integer(0, PPM);
const BINS_MAX = 64;

export const lossModel = record({
  version: field(1, integer(1, 1)),
  /** Whose charges. */
  vehicle: field(2, bytes(HASH_BYTES)),
  /** The block of the newest charge that it was learned from. */
  upTo: field(3, blockReference),
  /** By measuring points and power: the upper end of the bin, least and most loss, stations and charges behind it. */
  bins: field(4, list(tuple(measuringPoint, measuringPoint, unsigned, ppm, ppm, unsigned, unsigned), BINS_MAX, 1)),
});
export type LossModel = ValueOf<typeof lossModel>;

/** Stations whose votes a bin needs. */
export const LEARNED_STATIONS_MIN = 3;

/** The model from all observations that are given, in any order; undefined when no bin has stations enough. */
export function learnLoss(vehicle: Uint8Array, observations: readonly LossObservation[]): LossModel | undefined {
  const groups = new Map<string, LossObservation[]>();
  for (const observation of observations) {
    const key = [...observation.points, binOf(observation.powerW)].join(">");
    groups.set(key, [...(groups.get(key) ?? []), observation]);
  }
  const found = [...groups.values()].flatMap((group) => learnBin(group));
  const newest = found.map(({ newest }) => newest).sort((left, right) => right[0] - left[0])[0];
  if (newest === undefined) return undefined;
  const bins = found.map(({ bin }) => bin).sort(compareBins);
  return { version: 1, vehicle, upTo: newest, bins: bins.slice(0, BINS_MAX) };
}

/** The band for a charge at this power; undefined where nothing is known beyond the default. */
export function learnedBand(model: LossModel, points: MeasuringPoints, powerW: number): LossPpm | undefined {
  const at = binOf(powerW);
  const bin = model.bins.find(
    ([station, vehicle, powerMaxW]) => station === points[0] && vehicle === points[1] && powerMaxW === at,
  );
  return bin === undefined ? undefined : [bin[3], bin[4]];
}

export function encodeLossModel(model: LossModel): Uint8Array {
  return encodeShape(lossModel, model);
}

/** `TERMS.lossModel`. */
export function lossModelHash(crypto: Cryptography, model: LossModel): Uint8Array {
  return crypto.sha256(encodeCbor(["TALLY1/loss-model", encodeLossModel(model)]));
}

type Bin = LossModel["bins"][number];

interface LearnedBin {
  readonly bin: Bin;
  readonly newest: LossObservation["settledIn"];
}

/** Upper ends: those of the default bands, and of the common direct current stations. */
const BIN_ENDS_W = [2_600, 4_100, 8_200, 12_200, 30_000, 75_000] as const;

function binOf(powerW: number): number {
  return BIN_ENDS_W.find((end) => powerW <= end) ?? Number.MAX_SAFE_INTEGER;
}

/** A station's vote is of its newest charges, and the newest stations vote. */
const CHARGES_PER_STATION = 8;
const STATIONS_MAX = 32;

function learnBin(group: readonly LossObservation[]): readonly LearnedBin[] {
  const byStation = new Map<string, LossObservation[]>();
  for (const observation of [...group].sort(newestFirst)) {
    const own = byStation.get(observation.station) ?? [];
    if (own.length < CHARGES_PER_STATION) byStation.set(observation.station, [...own, observation]);
  }
  const stations = [...byStation.values()].slice(0, STATIONS_MAX);
  const [first] = stations[0] ?? [];
  if (first === undefined || stations.length < LEARNED_STATIONS_MIN) return [];
  const votes = stations.map((charges) => median(charges.map(({ ratioPpm }) => ratioPpm)));
  const end = binOf(first.powerW);
  const mpePpm = Math.max(...stations.flat().map(({ stationMpePpm }) => stationMpePpm));
  const band = boundedBand(median(votes), halfWidthPpm(votes, mpePpm), defaultLoss(first.points, end));
  if (band === undefined) return [];
  const charges = stations.reduce((sum, each) => sum + each.length, 0);
  return [{ bin: [...first.points, end, ...band, stations.length, charges], newest: first.settledIn }];
}

function newestFirst(left: LossObservation, right: LossObservation): number {
  return (
    right.settledIn[0] - left.settledIn[0] ||
    (left.station < right.station ? -1 : left.station > right.station ? 1 : left.ratioPpm - right.ratioPpm)
  );
}

/** Losses of one car differ by so much with temperature and state of charge. */
const HALF_WIDTH_PPM_MIN = 10_000;

/** What the votes differ by, or what the stations' own errors leave of a median of so many, whichever is more. */
function halfWidthPpm(votes: readonly number[], stationMpePpm: number): number {
  const middle = median(votes);
  const apart = median(votes.map((vote) => Math.abs(vote - middle)));
  const ofMeters = squareRootUp(divideUp(BigInt(stationMpePpm) ** 2n, BigInt(votes.length)));
  return Math.max(HALF_WIDTH_PPM_MIN, 2 * apart, Number(ofMeters));
}

/** A want travels in clear, so that a band is named in whole per cents: a finer one would be the car's name. */
const BAND_STEP_PPM = 10_000;

/** Inside of what cars at this power are known to lose; nothing where the two have nothing in common. */
function boundedBand(ratioPpm: number, halfPpm: number, known: LossPpm): LossPpm | undefined {
  const loss = PPM - ratioPpm;
  const least = Math.max(known[0], Math.floor((loss - halfPpm) / BAND_STEP_PPM) * BAND_STEP_PPM);
  const most = Math.min(known[1], Math.ceil((loss + halfPpm) / BAND_STEP_PPM) * BAND_STEP_PPM);
  return least < most ? [least, most] : undefined;
}

/** Of an even number the lower mean of the middle two. */
function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)] ?? 0, sorted[Math.floor(sorted.length / 2)] ?? 0];
  return Math.floor((low + high) / 2);
}

function compareBins(left: Bin, right: Bin): number {
  const place = (bin: Bin): string => `${bin[0]}>${bin[1]}`;
  return place(left) < place(right) ? -1 : place(left) > place(right) ? 1 : left[2] - right[2];
}
