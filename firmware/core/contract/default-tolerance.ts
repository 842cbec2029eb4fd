/**
 * The tolerance T that suits a pair of meters: small, so that a false claim is beyond T + U soon, and no smaller than
 * lets an honest pair be found in agreement at times and in disagreement never.
 *
 * - Capable: T >= 1.15 U at the reference amount. At T = U (JCGM 106: measurement capability 1) only d = 0 would be
 *   accepted; at 1.15 it is a quarter of honest sessions, and most of the others are INCONCLUSIVE, which settles alike.
 *   More acceptance costs detection one for one: at 1.5 it is two thirds, but 20 % too much passes in 3 of 10 sessions
 *   with an uncharacterised on-board charger, at 1.15 in 1 of 10.
 * - Safe: T + U >= the worst difference of an honest pair, every error at its limit and against each other, at every
 *   amount for which a verdict is given.
 */
import { divideUp, saturate } from "#core/metering/whole-numbers.ts";
import {
  agreementUncertainty,
  expectedRatio,
  minimumQuantityMilliWh,
  RATIO_WHOLE,
  skewMilliWh,
  type AgreementTerms,
} from "./agreement-uncertainty.ts";
import { PPM } from "./terms.ts";

/** In whole tenths of a per cent, rounded up. */
export function defaultTolerancePpm(terms: AgreementTerms): number {
  const reference = referenceMilliWh(terms);
  let tolerance = Math.ceil((agreementUncertainty(terms, reference).expandedPpm * CAPABILITY_PERCENT) / 100);
  for (let milliWh = minimumQuantityMilliWh(terms); milliWh <= ENERGY_MILLI_WH_MAX; milliWh = nextAmount(milliWh)) {
    tolerance = Math.max(tolerance, unsafePpm(terms, milliWh));
  }
  return Math.ceil(tolerance / TOLERANCE_STEP_PPM) * TOLERANCE_STEP_PPM;
}

/**
 * The amount from which the tolerance is meant to be capable: the minimum quantity, or five minutes at full power where
 * the time between two readings counts for more. Below it a verdict may be NOT-CAPABLE, and says so.
 */
export function referenceMilliWh(terms: AgreementTerms): number {
  const energy = divideUp(BigInt(terms.powerMaxW) * BigInt(REFERENCE_SECONDS) * 1000n, 3600n);
  return Math.max(minimumQuantityMilliWh(terms), saturate(energy));
}

/**
 * The largest difference from the expected ratio that an honest pair can show when it took a true amount of `milliWh`:
 * ppm, rounded up, in either direction.
 */
export function worstHonestPpm(terms: AgreementTerms, milliWh: number): number {
  const [loss0, loss1] = terms.lossPpm;
  const [stationStep, vehicleStep] = terms.resolutionMilliWh;
  const skew = skewMilliWh(terms.powerMaxW);
  const [whole, amount] = [BigInt(PPM), BigInt(milliWh)];
  const atVehicle = (lossPpm: number, errorPpm: number): bigint =>
    (amount * (whole - BigInt(lossPpm)) * (whole + BigInt(errorPpm))) / (whole * whole);
  const atStation = (errorPpm: number): bigint => (amount * (whole + BigInt(errorPpm))) / whole;
  const far = (station: bigint, vehicle: bigint): bigint => {
    const expected = atLeastOne(station) * atLeastOne(expectedRatio(terms));
    const found = atLeastZero(vehicle) * RATIO_WHOLE;
    const apart = found > expected ? found - expected : expected - found;
    return divideUp(apart * whole, expected);
  };
  const [stationMpe, vehicleMpe] = terms.mpePpm;
  const stationLow = atStation(-stationMpe) - BigInt(stationStep) - skew;
  const stationHigh = atStation(stationMpe) + BigInt(stationStep) + skew;
  const above = far(stationLow, atVehicle(loss0, vehicleMpe) + BigInt(vehicleStep) + 1n);
  const below = far(stationHigh, atVehicle(loss1, -vehicleMpe) - BigInt(vehicleStep));
  return saturate(above > below ? above : below);
}

/** By how much the worst honest pair would be beyond the uncertainty alone. */
function unsafePpm(terms: AgreementTerms, milliWh: number): number {
  // What the station shows can be below the true amount, and U is taken at what is shown: U at more energy is less.
  const shown = saturate((BigInt(milliWh) * BigInt(PPM + terms.mpePpm[0])) / BigInt(PPM));
  return worstHonestPpm(terms, milliWh) - agreementUncertainty(terms, shown).expandedPpm;
}

const CAPABILITY_PERCENT = 115;
const REFERENCE_SECONDS = 300;
const TOLERANCE_STEP_PPM = 1_000;
/** Beyond this no battery reaches, and the shares that depend on the amount are gone. */
const ENERGY_MILLI_WH_MAX = 4_096_000_000;

/** A quarter more: between two such amounts the worst difference moves by less than the rounding of the tolerance. */
function nextAmount(milliWh: number): number {
  return milliWh + Math.ceil(milliWh / 4);
}

function atLeastOne(value: bigint): bigint {
  return value < 1n ? 1n : value;
}

function atLeastZero(value: bigint): bigint {
  return value < 0n ? 0n : value;
}
