/**
 * Digits after the point of the currencies in use (ISO 4217; from memory, and held against the runtime's own table by a
 * test). A currency that is not here is refused: a wrong number of digits is a wrong price.
 */
const TWO_DIGITS =
  "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP " +
  "CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES " +
  "KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK " +
  "NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB " +
  "TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD XCG YER ZAR ZMW ZWG";
const NO_DIGITS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF";
const THREE_DIGITS = "BHD IQD JOD KWD LYD OMR TND";

const DIGITS: ReadonlyMap<string, number> = new Map(
  [NO_DIGITS, "", TWO_DIGITS, THREE_DIGITS].flatMap((codes, digits) =>
    codes.split(" ").map((code): [string, number] => [code, digits]),
  ),
);

/** Of an ISO 4217 code; undefined for one that is not known. */
export function currencyDigitsOf(currency: string): number | undefined {
  return currency === "" ? undefined : DIGITS.get(currency);
}

export function knownCurrencies(): readonly string[] {
  return [...DIGITS.keys()].filter((code) => code !== "");
}
