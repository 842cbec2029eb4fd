/**
 * The terms that an offer and a want lead to. Both sides compute them from the same two inputs, and sign only when the
 * bytes are the same.
 *
 * In an offer, whatever concerns the vehicle is a limit: its class, its resolution, the loss band, the tolerance. The
 * vehicle names what it has; the agreed terms hold that, so they are never looser than the offer.
 */
import { fail, type Result } from "#base/result.ts";
import { checkTerms, type TermsFault } from "./check-terms.ts";
import { defaultLossUpTo } from "./default-loss.ts";
import { defaultTolerancePpm } from "./default-tolerance.ts";
import type { Terms } from "./terms.ts";
import type { Want } from "./want.ts";

export type AgreeFault =
  | TermsFault
  /** The vehicle asks for what the offer does not allow. */
  | {
      readonly code: "TERMS_NOT_MET";
      readonly field: keyof Want | "tolerancePpm";
      readonly wanted: number;
      readonly limit: number;
    };

export function agreeTerms(offer: Terms, want: Want): Result<Terms, AgreeFault> {
  const checked = checkTerms(offer);
  if (!checked.ok) return checked;
  const limits = checkVehicle(offer, want);
  if (limits !== undefined) return fail(limits);
  const [station] = offer.measuringPoints;
  const [least, most] = permittedLoss(offer, want);
  const lossPpm = [Math.max(least, want.lossPpm[0]), Math.min(most, want.lossPpm[1])] as const;
  if (lossPpm[0] > lossPpm[1]) return fail(notMet("lossPpm", want.lossPpm[0], most));
  const { bind: offeredBind, ...offered } = offer;
  const measured = {
    ...offered,
    // Whoever cannot follow a pattern, or will not, charges without.
    ...(offeredBind === undefined || want.bind !== offeredBind ? {} : { bind: offeredBind }),
    energyMaxMilliWh: Math.min(offer.energyMaxMilliWh, want.energyMaxMilliWh),
    durationMaxSeconds: Math.min(offer.durationMaxSeconds, want.durationMaxSeconds),
    mpePpm: [offer.mpePpm[0], want.vehicleMpePpm],
    lossPpm,
    lossModel: want.lossModel,
    measuringPoints: [station, want.vehicleMeasuringPoint],
    resolutionMilliWh: [offer.resolutionMilliWh[0], want.vehicleResolutionMilliWh],
  } satisfies Terms;
  const tolerancePpm = defaultTolerancePpm(measured);
  if (tolerancePpm > offer.tolerancePpm) return fail(notMet("tolerancePpm", tolerancePpm, offer.tolerancePpm));
  return checkTerms({ ...measured, tolerancePpm });
}

function checkVehicle(offer: Terms, want: Want): AgreeFault | undefined {
  const [, mpeMax] = offer.mpePpm;
  const [, resolutionMax] = offer.resolutionMilliWh;
  if (want.vehicleMpePpm > mpeMax) return notMet("vehicleMpePpm", want.vehicleMpePpm, mpeMax);
  if (want.vehicleResolutionMilliWh > resolutionMax) {
    return notMet("vehicleResolutionMilliWh", want.vehicleResolutionMilliWh, resolutionMax);
  }
  return undefined;
}

/**
 * A vehicle cannot move the expected ratio by naming any band it likes: it stays inside what the station offered for
 * this measuring point or, for another point, inside what cars at this power are known to lose.
 */
function permittedLoss(offer: Terms, want: Want): readonly [number, number] {
  const [station, vehicle] = offer.measuringPoints;
  if (want.vehicleMeasuringPoint === vehicle) return offer.lossPpm;
  return defaultLossUpTo([station, want.vehicleMeasuringPoint], offer.powerMaxW);
}

function notMet(field: keyof Want | "tolerancePpm", wanted: number, limit: number): AgreeFault {
  return { code: "TERMS_NOT_MET", field, wanted, limit };
}
