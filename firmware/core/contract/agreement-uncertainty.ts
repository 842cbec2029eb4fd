/**
 * How far the amounts of two honest sides may lie apart: the expected ratio of vehicle to station, and the uncertainty
 * of the difference from it, after the guide to the expression of uncertainty (JCGM 100). Independent half-widths are
 * taken as rectangular and added as squares; the expanded uncertainty is twice their root (k = 2, about 95 %).
 *
 * Everything is a whole number of ppm, rounded up: a larger uncertainty protects whoever would be accused.
 */
import { divideUp, saturate, squareRootUp } from "#core/metering/whole-numbers.ts";
import { PPM, type Terms } from "./terms.ts";

/**
 * Time by which two readings of one index may differ. The two who met could estimate it from the round trip of their
 * handshake, but every node must come to the same result from signed facts alone, so the cap of the protocol is used.
 */
export const SKEW_MS = 2_000;

/** Below so much energy no verdict is given, however fine the registers are. */
const QUANTITY_MILLI_WH_MIN = 1_000_000;
const RESOLUTIONS_MIN = 100n;
/** Nor while the time between two readings could make up more than a fiftieth: that is 100 s at full power. */
const SKEWS_MIN = 50n;

export type AgreementTerms = Pick<Terms, "mpePpm" | "lossPpm" | "powerMaxW" | "resolutionMilliWh">;

export interface AgreementUncertainty {
  /** Vehicle's amount for 1,000,000 of the station's: the middle of the loss band, rounded down. */
  readonly expectedRatioPpm: number;
  /** U: expanded uncertainty of the relative difference. */
  readonly expandedPpm: number;
  /** Standard uncertainty of each part. */
  readonly parts: {
    readonly stationMeterPpm: number;
    readonly vehiclePpm: number;
    readonly efficiencyPpm: number;
    readonly resolutionPpm: number;
    readonly alignmentPpm: number;
  };
}

/**
 * The uncertainty for an amount that the station measured; an amount of 0 is taken as 1 mWh.
 *
 * @param edges ends of the amount at which power may flow: 1 for a whole charge, which begins with none; 2 for a part
 */
export function agreementUncertainty(
  terms: AgreementTerms,
  stationMilliWh: number,
  edges: 1 | 2 = 1,
): AgreementUncertainty {
  const ratio = expectedRatio(terms);
  const station = BigInt(Math.max(1, stationMilliWh));
  const expectedVehicle = atLeastOne((station * ratio) / RATIO_WHOLE);
  const [loss0, loss1] = terms.lossPpm;

  // Half-widths in parts per billion, so that rounding them up does not show in the ppm of the result.
  const meter = BigInt(terms.mpePpm[0]) * BILLIONTHS_PER_PPM;
  const vehicle = BigInt(terms.mpePpm[1]) * BILLIONTHS_PER_PPM;
  const efficiency = divideUp(BigInt(Math.abs(loss1 - loss0)) * BILLION, atLeastOne(ratio));
  const alignment = divideUp(skewMilliWh(terms.powerMaxW) * BILLION, station);
  const alignments = BigInt(edges) * alignment ** 2n;
  // A register rounds at the start and at the end: two rectangular errors of half a step, r²/12 each.
  const stationStep = divideUp(BigInt(terms.resolutionMilliWh[0]) * BILLION, station);
  const vehicleStep = divideUp(BigInt(terms.resolutionMilliWh[1]) * BILLION, expectedVehicle);

  const widths = meter ** 2n + vehicle ** 2n + efficiency ** 2n + alignments;
  const steps = stationStep ** 2n + vehicleStep ** 2n;
  // U² = 4 × (widths / 3 + steps / 6)
  const expanded = squareRootUp(divideUp(4n * widths + 2n * steps, 3n));
  return {
    expectedRatioPpm: Number((ratio * BigInt(PPM)) / RATIO_WHOLE),
    expandedPpm: inPpm(expanded),
    parts: {
      stationMeterPpm: inPpm(standard(meter)),
      vehiclePpm: inPpm(standard(vehicle)),
      efficiencyPpm: inPpm(standard(efficiency)),
      resolutionPpm: inPpm(squareRootUp(divideUp(steps, 6n))),
      alignmentPpm: inPpm(squareRootUp(divideUp(alignments, 3n))),
    },
  };
}

/**
 * Relative difference of the vehicle's amount from the expected one, in ppm, rounded towards 0. Station amounts of 0
 * are taken as 1 mWh.
 */
export function relativeDifferencePpm(terms: AgreementTerms, stationMilliWh: number, vehicleMilliWh: number): number {
  const expected = BigInt(Math.max(1, stationMilliWh)) * atLeastOne(expectedRatio(terms));
  const found = BigInt(vehicleMilliWh) * RATIO_WHOLE;
  return saturate(((found - expected) * BigInt(PPM)) / expected);
}

/**
 * MMQ, the minimum measured quantity: 1 kWh, or 100 steps of the coarser register, or (above 36 kW) 50 times what flows
 * while two readings may be apart, whichever is most.
 */
export function minimumQuantityMilliWh(terms: AgreementTerms): number {
  const steps = saturate(RESOLUTIONS_MIN * BigInt(Math.max(...terms.resolutionMilliWh)));
  return Math.max(QUANTITY_MILLI_WH_MIN, steps, saturate(SKEWS_MIN * skewMilliWh(terms.powerMaxW)));
}

/** Energy at full power in the time by which two readings may differ, in mWh, rounded up. */
export function skewMilliWh(powerMaxW: number): bigint {
  return divideUp(BigInt(powerMaxW) * BigInt(SKEW_MS), WATT_MS_PER_MILLI_WH);
}

/** Vehicle over station in units of 1 / (2 × 10⁶), which makes the middle of the band a whole number. */
export const RATIO_WHOLE = 2n * BigInt(PPM);

export function expectedRatio(terms: AgreementTerms): bigint {
  return RATIO_WHOLE - BigInt(terms.lossPpm[0]) - BigInt(terms.lossPpm[1]);
}

const BILLION = 1_000_000_000n;
const BILLIONTHS_PER_PPM = 1_000n;
/** 1 mWh is 3.6 J. */
const WATT_MS_PER_MILLI_WH = 3_600n;

/** Terms in which everything is lost are refused elsewhere; here they only must not divide by 0. */
function atLeastOne(value: bigint): bigint {
  return value < 1n ? 1n : value;
}

function standard(halfWidth: bigint): bigint {
  return squareRootUp(divideUp(halfWidth ** 2n, 3n));
}

function inPpm(billionths: bigint): number {
  return saturate(divideUp(billionths, BILLIONTHS_PER_PPM));
}
