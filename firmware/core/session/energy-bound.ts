/**
 * The conservative bound that both sides hold each other to while a charge runs (protocol 2.7): from what the vehicle
 * signed, the least and the most that an honest station can have signed. Limits are certified maxima, so they are added
 * linearly: an honest pair never fails, however unlucky.
 *
 * Vehicle readings are brought to the station's measuring point by the loss band [l0, l1] of the terms. Registers are
 * energies since the start of the session, mWh, from 0 to 2^53 - 1; results beyond that stay at 2^53 - 1.
 */
import { skewMilliWh } from "#core/contract/agreement-uncertainty.ts";
import { PPM, type Terms } from "#core/contract/terms.ts";
import { divideUp, saturate } from "#core/metering/whole-numbers.ts";

export type BoundTerms = Pick<Terms, "mpePpm" | "lossPpm" | "powerMaxW" | "resolutionMilliWh">;

/** lo(x): what the station must have given if the least was lost, rounded down. */
export function leastAtStation(terms: BoundTerms, vehicleMilliWh: number): number {
  return saturate(least(terms, vehicleMilliWh));
}

/** hi(x): what the station can have given if the most was lost, rounded up. */
export function mostAtStation(terms: BoundTerms, vehicleMilliWh: number): number {
  return saturate(most(terms, vehicleMilliWh));
}

/** U: what both meters, both resolutions and the time between the two readings can add, rounded up. */
export function uncertaintyBound(terms: BoundTerms, stationMilliWh: number, vehicleMilliWh: number): number {
  return saturate(uncertainty(terms, stationMilliWh, vehicleMilliWh));
}

/** Whether the two readings of one index can both be honest: lo(v) - U <= s <= hi(v) + U. */
export function matches(terms: BoundTerms, stationMilliWh: number, vehicleMilliWh: number): boolean {
  return matchInNumbers(terms, stationMilliWh, vehicleMilliWh) ?? matchInBigInts(terms, stationMilliWh, vehicleMilliWh);
}

/**
 * The same sums in plain numbers, at a tenth of the time: a charge has some hundred readings, and whoever applies its
 * facts asks for each of them. Quotients of whole numbers below 2^53 round to the right side. Undefined where a product
 * that counts would not be whole any more. A bound beyond 2^53 may be off by some mWh, but no reading is outside of it.
 */
function matchInNumbers(terms: BoundTerms, stationMilliWh: number, vehicleMilliWh: number): boolean | undefined {
  const [stationMpe, vehicleMpe] = terms.mpePpm;
  const [stationStep, vehicleStep] = terms.resolutionMilliWh;
  const [leastLeft, mostLeft] = [wholeLess(terms.lossPpm[0]), wholeLess(terms.lossPpm[1])];
  const atStation = stationStep + Number(skewMilliWh(terms.powerMaxW));
  const fromStation = stationMilliWh + atStation;
  if (Math.max(fromStation, vehicleMilliWh, vehicleStep) > TIMES_WHOLE_MAX) return undefined;
  const most = Math.ceil((vehicleMilliWh * PPM) / mostLeft);
  const mostOfStep = Math.ceil((vehicleStep * PPM) / mostLeft);
  const vehicleTop = most + mostOfStep;
  if (vehicleTop > TIMES_WHOLE_MAX) return undefined;
  const bound =
    Math.ceil((fromStation * stationMpe) / wholeLess(stationMpe)) +
    Math.ceil((vehicleTop * vehicleMpe) / wholeLess(vehicleMpe)) +
    atStation +
    mostOfStep;
  const least = Math.floor((vehicleMilliWh * PPM) / leastLeft);
  return least - bound <= stationMilliWh && stationMilliWh <= most + bound;
}

const TIMES_WHOLE_MAX = Math.floor(Number.MAX_SAFE_INTEGER / PPM);

function wholeLess(sharePpm: number): number {
  return Math.max(1, PPM - sharePpm);
}

function matchInBigInts(terms: BoundTerms, stationMilliWh: number, vehicleMilliWh: number): boolean {
  const bound = uncertainty(terms, stationMilliWh, vehicleMilliWh);
  const station = BigInt(stationMilliWh);
  return least(terms, vehicleMilliWh) - bound <= station && station <= most(terms, vehicleMilliWh) + bound;
}

const WHOLE = BigInt(PPM);

function least(terms: BoundTerms, vehicleMilliWh: number): bigint {
  return (BigInt(vehicleMilliWh) * WHOLE) / remaining(terms.lossPpm[0]);
}

function most(terms: BoundTerms, vehicleMilliWh: number): bigint {
  return divideUp(BigInt(vehicleMilliWh) * WHOLE, remaining(terms.lossPpm[1]));
}

/**
 * An indication i of a meter that errs by at most m means a true amount between i/(1+m) and i/(1-m): the error as a
 * share of the indication is m/(1-m), not m. At 3 % the difference is 0.09 %, and without it a pair at the edge of both
 * classes would fail.
 */
function uncertainty(terms: BoundTerms, stationMilliWh: number, vehicleMilliWh: number): bigint {
  const [stationMpe, vehicleMpe] = terms.mpePpm;
  const [stationStep, vehicleStep] = terms.resolutionMilliWh;
  const atStation = BigInt(stationStep) + skewMilliWh(terms.powerMaxW);
  const vehicleTop = most(terms, vehicleMilliWh) + most(terms, vehicleStep);
  return (
    divideUp((BigInt(stationMilliWh) + atStation) * BigInt(stationMpe), remaining(stationMpe)) +
    divideUp(vehicleTop * BigInt(vehicleMpe), remaining(vehicleMpe)) +
    atStation +
    most(terms, vehicleStep)
  );
}

/**
 * What is left of the whole; a share of all of it is refused by the check of the terms and must only not divide by 0.
 */
function remaining(sharePpm: number): bigint {
  return BigInt(Math.max(1, PPM - sharePpm));
}
