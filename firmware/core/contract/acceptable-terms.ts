/**
 * Terms that a vehicle signs without asking its driver. `checkTerms` says whether terms can be kept at all; a station
 * may still offer sound ones that let it bill what it likes: an exposure without end for a vehicle that falls silent, a
 * meter so bad that every amount agrees with every other, any price.
 */
import { equalBytes, toHex } from "#base/bytes.ts";
import { fail, type Result } from "#base/result.ts";
import { agreeTerms, type AgreeFault } from "./agree-terms.ts";
import { defaultExposure } from "./default-terms.ts";
import { ENERGY_V1_HASH_HEX } from "./energy-v1-program.ts";
import { overPrice, type PriceLimit } from "./price-limit.ts";
import { EXPOSURE_UNLIMITED_MILLI_WH, type Terms } from "./terms.ts";
import type { Want } from "./want.ts";

export type { PriceLimit } from "./price-limit.ts";

export type AcceptFault =
  | AgreeFault
  | {
      readonly code: "TERMS_UNACCEPTABLE";
      readonly field: keyof Terms;
      /** Of a tariff: which of its prices. */
      readonly part?: string;
      readonly offered: number | string;
      readonly limit: number | string;
    };

/** Device ids of those who may judge a charge of this vehicle. Offers that name nobody are always accepted. */
export type AcceptedArbiters = "any" | readonly Uint8Array[];

/** The most that a vehicle may have at risk: the default for the power, or anything. */
export type AcceptedExposure = "limited" | "unlimited";

/** Widest limit of a meter for charging: class A of MID 2014/32/EU, annex V, table 2. */
const STATION_MPE_PPM_MAX = 35_000;

/**
 * As `agreeTerms`, and a fault for what it gives when the vehicle would not sign that. No limit lets any price pass;
 * of contract code only `energy-v1` is signed unless told otherwise.
 */
export function agreeWithin(
  price: PriceLimit | undefined,
  arbiters: AcceptedArbiters = [],
  acceptsCode: (codeHash: Uint8Array) => boolean = isEnergyV1,
  exposure: AcceptedExposure = "limited",
): (offer: Terms, want: Want) => Result<Terms, AcceptFault> {
  const objectionToAll = (terms: Terms): AcceptFault | undefined =>
    foreignCode(terms, acceptsCode) ??
    overExposure(terms, exposure) ??
    objectionTo(terms, price) ??
    overArbiter(terms, arbiters);
  return (offer, want) => {
    const agreed = agreeTerms(offer, want);
    const objection = agreed.ok ? objectionToAll(agreed.value) : undefined;
    return objection === undefined ? agreed : fail(objection);
  };
}

function objectionTo(terms: Terms, price: PriceLimit | undefined): AcceptFault | undefined {
  const { mpePpm, currency, currencyDigits } = terms;
  if (mpePpm[0] > STATION_MPE_PPM_MAX) return unacceptable("mpePpm", mpePpm[0], STATION_MPE_PPM_MAX);
  if (price === undefined) return undefined;
  if (currency !== price.currency) return unacceptable("currency", currency, price.currency);
  const { currencyDigits: digits = currencyDigits } = price;
  if (currencyDigits !== digits) return unacceptable("currencyDigits", currencyDigits, digits);
  const over = overPrice(terms, price);
  if (over === undefined) return undefined;
  return { ...unacceptable("tariff", over.offered, over.limit), part: over.part };
}

function overExposure({ exposureMilliWh, powerMaxW }: Terms, accepted: AcceptedExposure): AcceptFault | undefined {
  const limit = accepted === "limited" ? defaultExposure(powerMaxW, 0) : EXPOSURE_UNLIMITED_MILLI_WH;
  return exposureMilliWh > limit ? unacceptable("exposureMilliWh", exposureMilliWh, limit) : undefined;
}

function isEnergyV1(codeHash: Uint8Array): boolean {
  return toHex(codeHash) === ENERGY_V1_HASH_HEX;
}

/** The contract's program decides what is owed when the two part: one that nobody here has read is not signed. */
function foreignCode({ codeHash }: Terms, acceptsCode: (codeHash: Uint8Array) => boolean): AcceptFault | undefined {
  return acceptsCode(codeHash) ? undefined : unacceptable("codeHash", toHex(codeHash), "a contract that is accepted");
}

/** Whoever the arbiter is can make the vehicle pay what is contested: an unknown one is no better than the station. */
function overArbiter({ arbiter }: Terms, accepted: AcceptedArbiters): AcceptFault | undefined {
  if (arbiter === null || accepted === "any" || accepted.some((each) => equalBytes(each, arbiter))) return undefined;
  const limit = accepted.length === 0 ? "none" : `one of ${accepted.length} that are accepted`;
  return unacceptable("arbiter", toHex(arbiter), limit);
}

function unacceptable(
  field: keyof Terms,
  offered: number | string,
  limit: number | string,
): Extract<AcceptFault, { readonly code: "TERMS_UNACCEPTABLE" }> {
  return { code: "TERMS_UNACCEPTABLE", field, offered, limit };
}
