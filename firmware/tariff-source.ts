/**
 * The tariff that a charger offers at this moment: from the prices of the configuration, or compiled from an OCPI
 * tariff for the time that an offer made now may be charged in. One that is not valid now is no tariff at all.
 */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { openTimeZone } from "#adapters/time-zone/intl-time-zone.ts";
import { messageOf } from "#base/message-of.ts";
import { fail, ok, type Result } from "#base/result.ts";
import type { ChargePointConfig } from "#config/charge-point-config.ts";
import type { TariffConfig, TariffFileConfig } from "#config/tariff-config.ts";
import { paysForStanding } from "#core/session/idle.ts";
import type { Terms } from "#core/contract/terms.ts";
import type { TimeZone } from "#hal/ports/time-zone.ts";
import { OFFER_SECONDS } from "#services/station-handshake-service.ts";
import { rfc3339 } from "#records/civil-time.ts";
import type { OfferFault } from "#services/station-service.ts";
import { compileTariff } from "#tariffs/compile-tariff.ts";
import { currencyDigitsOf } from "#tariffs/currencies.ts";
import type { OcpiTariff } from "#tariffs/ocpi-tariff.ts";
import { readOcpiTariff } from "#tariffs/read-ocpi-tariff.ts";
import { simpleTariff } from "#tariffs/simple-tariff.ts";
import { GatewayError } from "./gateway-error.ts";

export type TariffTerms = Pick<Terms, "currency" | "currencyDigits" | "tariff">;

/** @param nowSeconds unix time */
export type TariffSource = (nowSeconds: number) => Result<TariffTerms, OfferFault>;

/**
 * @param home the configuration's folder, from which the path of a file starts
 * @throws GatewayError CONFIG_INVALID for a file that is not there, no OCPI tariff, or one that no time can make right
 */
export async function configuredTariff(
  config: TariffConfig,
  place: { readonly home: string; readonly durationMaxSeconds: number; readonly nowSeconds: number },
): Promise<TariffSource> {
  if (config.kind === "prices") {
    const { currency, prices } = config;
    const terms = { currency, currencyDigits: currencyDigitsOf(currency) ?? 2, tariff: simpleTariff(prices) };
    return () => ok(terms);
  }
  const path = resolve(place.home, config.file);
  const zone = openTimeZone(config.timeZone);
  if (!zone.ok) throw invalid("time_zone", `found "${config.timeZone}", expected a name of the IANA database`);
  const ocpi = await readTariffFile(path);
  if (!ocpi.ok) throw invalid("file", ocpi.fault.detail);
  const source = ocpiSource(ocpi.value, config, { zone: zone.value, durationMaxSeconds: place.durationMaxSeconds });
  const now = source(place.nowSeconds);
  if (!now.ok && now.fault.code !== NOT_VALID) throw invalid("file", `${path}: ${now.fault.detail}`);
  return source;
}

/**
 * Who cannot see when a car leaves must not ask for the time that it stands.
 *
 * @throws GatewayError CONFIG_INVALID
 */
export function checkPlugIsSeen(point: ChargePointConfig, tariff: ReturnType<TariffSource>): void {
  const isBlind = point.kind === "contactor" && point.plug === "always";
  if (!isBlind || !tariff.ok || !paysForStanding(tariff.value)) return;
  throw new GatewayError(
    "CONFIG_INVALID",
    'charge_point.plug: found "always", expected a line that tells when a car leaves, since parking has a price',
  );
}

/** A JSON file with one tariff object of OCPI; the fault names the file, and what in it is wrong where. */
export async function readTariffFile(path: string): Promise<Result<OcpiTariff, OfferFault>> {
  const bytes = await readFile(path).catch((error: unknown) => messageOf(error));
  if (typeof bytes === "string") return unreadable(path, `cannot be read: ${bytes}`);
  if (bytes.length > TARIFF_FILE_BYTES_MAX) return unreadable(path, `${bytes.length} bytes are no tariff`);
  let json: unknown;
  try {
    // Editors of some systems begin a file with a mark that is no part of JSON.
    json = JSON.parse(bytes.toString("utf8").replace(/^\uFEFF/, ""));
  } catch (error) {
    return unreadable(path, `is not JSON: ${messageOf(error)}`);
  }
  const read = readOcpiTariff(json);
  return read.ok ? read : fail({ code: read.fault.code, detail: `${path}: ${faultText(read.fault)}` });
}

/** Sixty-four elements with all that they may say, and texts in some languages, are a tenth of this. */
const TARIFF_FILE_BYTES_MAX = 256 * 1024;

function unreadable(path: string, reason: string): Result<never, OfferFault> {
  return fail({ code: "TARIFF_UNREADABLE", detail: `${path}: ${reason}` });
}

export function faultText({ path, reason }: { readonly path: string; readonly reason: string }): string {
  return path === "" ? `the tariff ${reason}` : `${path} ${reason}`;
}

const NOT_VALID = "TARIFF_NOT_VALID";

interface Place {
  readonly zone: TimeZone;
  readonly durationMaxSeconds: number;
}

/** So long one compilation serves: an offer whose windows moved with each second would be a new one each second. */
const SERVES_SECONDS = 3600;
/** What the two clocks may differ by. */
const MARGIN_SECONDS = 900;

export function ocpiSource(
  ocpi: OcpiTariff,
  { voltageV, rounding }: Pick<TariffFileConfig, "voltageV" | "rounding">,
  { zone, durationMaxSeconds }: Place,
): TariffSource {
  let compiled: { readonly hour: number; readonly terms: Result<TariffTerms, OfferFault> } | undefined;
  return (nowSeconds) => {
    const invalidity = invalidityAt(ocpi, nowSeconds);
    if (invalidity !== undefined) return fail({ code: NOT_VALID, detail: invalidity });
    const hour = Math.floor(nowSeconds / SERVES_SECONDS);
    if (compiled?.hour === hour) return compiled.terms;
    const from = Math.max(hour * SERVES_SECONDS - MARGIN_SECONDS, ocpi.validFrom ?? 0);
    const until = (hour + 1) * SERVES_SECONDS + OFFER_SECONDS + durationMaxSeconds + MARGIN_SECONDS;
    const { currency, currencyDigits } = ocpi;
    const options = {
      ...{ from, until, timeZone: zone, currencyDigits },
      ...(voltageV === undefined ? {} : { voltageV }),
      ...(rounding === undefined ? {} : { rounding }),
    };
    const tariff = compileTariff(ocpi, options);
    const terms = tariff.ok
      ? ok({ currency, currencyDigits, tariff: tariff.value })
      : fail({ code: tariff.fault.code, detail: faultText(tariff.fault) });
    compiled = { hour, terms };
    return terms;
  };
}

/** An offer made now may be taken until it expires, and the charge then has the price of its start. */
function invalidityAt({ validFrom, validTo }: OcpiTariff, nowSeconds: number): string | undefined {
  const text = (seconds: number): string => rfc3339(seconds * 1000);
  if (validFrom !== undefined && nowSeconds < validFrom) return `is not valid before ${text(validFrom)}`;
  const isOver = validTo !== undefined && nowSeconds + OFFER_SECONDS > validTo;
  return isOver ? `is no longer offered: it is valid until ${text(validTo)}` : undefined;
}

function invalid(key: string, found: string): GatewayError {
  return new GatewayError("CONFIG_INVALID", `tariff.${key}: ${found}`);
}
