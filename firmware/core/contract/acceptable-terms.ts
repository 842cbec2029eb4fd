/**
 * Terms that a vehicle signs without asking its driver. `checkTerms` says whether terms can be kept at all; a station
 * may still offer sound ones that let it bill what it likes: an exposure without end for a vehicle that falls silent, a
 * meter so bad that every amount agrees with every other, any price.
 */
import { fail, type Result } from "#base/result.ts";
import { agreeTerms, type AgreeFault } from "./agree-terms.ts";
import { defaultExposure } from "./default-terms.ts";
import type { Terms } from "./terms.ts";
import type { Want } from "./want.ts";

/** The most that the driver pays, in any band of the tariff; in no other currency. */
export interface PriceLimit {
  readonly currency: string;
  /** Millionths of the currency unit. */
  readonly microPerKwh: number;
}

export type AcceptFault =
  | AgreeFault
  | {
      readonly code: "TERMS_UNACCEPTABLE";
      readonly field: keyof Terms;
      readonly offered: number | string;
      readonly limit: number | string;
    };

/** Widest limit of a meter for charging: class A of MID 2014/32/EU, annex V, table 2. */
const STATION_MPE_PPM_MAX = 35_000;

/**
 * As `agreeTerms`, and a fault for what it gives when the vehicle would not sign that. No limit lets any price pass.
 */
export function agreeWithin(price: PriceLimit | undefined): (offer: Terms, want: Want) => Result<Terms, AcceptFault> {
  return (offer, want) => {
    const agreed = agreeTerms(offer, want);
    const objection = agreed.ok ? objectionTo(agreed.value, price) : undefined;
    return objection === undefined ? agreed : fail(objection);
  };
}

function objectionTo(terms: Terms, price: PriceLimit | undefined): AcceptFault | undefined {
  const { exposureMilliWh, powerMaxW, mpePpm, currency, tariff } = terms;
  const exposureMax = defaultExposure(powerMaxW, 0);
  if (exposureMilliWh > exposureMax) return unacceptable("exposureMilliWh", exposureMilliWh, exposureMax);
  if (mpePpm[0] > STATION_MPE_PPM_MAX) return unacceptable("mpePpm", mpePpm[0], STATION_MPE_PPM_MAX);
  if (price === undefined) return undefined;
  if (currency !== price.currency) return unacceptable("currency", currency, price.currency);
  const highest = Math.max(...tariff.map(([, , microPerKwh]) => microPerKwh));
  return highest > price.microPerKwh ? unacceptable("tariff", highest, price.microPerKwh) : undefined;
}

function unacceptable(field: keyof Terms, offered: number | string, limit: number | string): AcceptFault {
  return { code: "TERMS_UNACCEPTABLE", field, offered, limit };
}
