/**
 * Whether terms can be kept at all. Their shape bounds each number; here the numbers are held against each other. Both
 * sides check before they sign, and every node checks the OPEN that carries them.
 */
import { fail, ok, type Result } from "#base/result.ts";
import { REPORTS_PER_SESSION_MAX } from "#core/limits.ts";
import { checkTariff } from "#core/tariff/check-tariff.ts";
import type { MeasuringPoint, Terms } from "./terms.ts";

export interface TermsFault {
  readonly code: "TERMS_UNSOUND";
  readonly field: keyof Terms;
  readonly reason: string;
}

/** Worst class that is accepted: double the widest limit of MID (class A below -25 °C, 9 %), rounded up. */
const MPE_PPM_MAX = 200_000;
/** More than half of the energy lost on the way is a fault, not a loss. */
const LOSS_PPM_MAX = 500_000;
const TOLERANCE_PPM_MAX = 500_000;

/** Says the first thing that is wrong, or returns the terms. */
export function checkTerms(terms: Terms): Result<Terms, TermsFault> {
  const fault =
    checkPrices(terms) ?? checkCurrency(terms) ?? checkReports(terms) ?? checkLimits(terms) ?? checkMeasuring(terms);
  return fault === undefined ? ok(terms) : fail(fault);
}

type Finding = TermsFault | undefined;

function checkPrices({ tariff }: Terms): Finding {
  const checked = checkTariff(tariff);
  if (checked.ok) return undefined;
  const { path, reason } = checked.fault;
  return unsound("tariff", path === "" ? reason : `${path}: ${reason}`);
}

function checkCurrency({ currency }: Terms): Finding {
  return /^[A-Z]{3}$/.test(currency) ? undefined : unsound("currency", "is not three capital letters (ISO 4217)");
}

/** What can flow between two reports must stay below half of the exposure: a lost one can be repeated in the other. */
function checkReports(terms: Terms): Finding {
  const { readingIntervalSeconds, readingsPerReport, powerMaxW, exposureMilliWh, durationMaxSeconds } = terms;
  const reportSeconds = readingIntervalSeconds * readingsPerReport;
  if (!isWithinHalf(powerMaxW, reportSeconds, exposureMilliWh)) {
    return unsound("exposureMilliWh", `is less than twice the energy of ${reportSeconds} s at full power`);
  }
  if (durationMaxSeconds > reportSeconds * REPORTS_PER_SESSION_MAX) {
    return unsound("durationMaxSeconds", `is more than ${REPORTS_PER_SESSION_MAX} reports cover`);
  }
  return undefined;
}

/** 1 mWh is 3.6 J: W × s × 1000 / 3600 <= mWh / 2, without a division. */
function isWithinHalf(powerMaxW: number, seconds: number, exposureMilliWh: number): boolean {
  return 2000n * BigInt(powerMaxW) * BigInt(seconds) <= 3600n * BigInt(exposureMilliWh);
}

function checkLimits({ durationMaxSeconds, energyMaxMilliWh, graceSeconds }: Terms): Finding {
  if (durationMaxSeconds === 0) return unsound("durationMaxSeconds", "leaves no time to charge");
  if (energyMaxMilliWh === 0) return unsound("energyMaxMilliWh", "leaves no energy to charge");
  return graceSeconds === 0 ? unsound("graceSeconds", "leaves no time to complete") : undefined;
}

function checkMeasuring(terms: Terms): Finding {
  const { mpePpm, lossPpm, tolerancePpm, measuringPoints, resolutionMilliWh, exposureMilliWh } = terms;
  if (Math.max(...mpePpm) > MPE_PPM_MAX) return unsound("mpePpm", `is above ${MPE_PPM_MAX} ppm`);
  if (lossPpm[0] > lossPpm[1]) return unsound("lossPpm", "the least loss is above the most");
  if (lossPpm[1] > LOSS_PPM_MAX) return unsound("lossPpm", `is above ${LOSS_PPM_MAX} ppm`);
  if (tolerancePpm > TOLERANCE_PPM_MAX) return unsound("tolerancePpm", `is above ${TOLERANCE_PPM_MAX} ppm`);
  const [station, vehicle] = measuringPoints;
  if (!STATION_POINTS.includes(station)) return unsound("measuringPoints", `no station measures at ${station}`);
  if (!VEHICLE_POINTS.includes(vehicle)) return unsound("measuringPoints", `no vehicle measures at ${vehicle}`);
  if (Math.min(...resolutionMilliWh) === 0) return unsound("resolutionMilliWh", "a register has a smallest step");
  if (Math.max(...resolutionMilliWh) > exposureMilliWh / 2) {
    return unsound("resolutionMilliWh", "a step is more than half of the exposure");
  }
  return undefined;
}

const STATION_POINTS: readonly MeasuringPoint[] = ["mains", "charger-output"];
const VEHICLE_POINTS: readonly MeasuringPoint[] = ["vehicle-inlet", "charger-output", "battery"];

function unsound(field: keyof Terms, reason: string): TermsFault {
  return { code: "TERMS_UNSOUND", field, reason };
}
