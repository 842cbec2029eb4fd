/** An OCPI tariff in plain words: what is paid for what and when, and what is free. */
import type { TariffDimension } from "#core/tariff/tariff-terms.ts";
import { dateText, rfc3339, civilOfUnixMs } from "#records/civil-time.ts";
import { priceText } from "#records/quantity-text.ts";
import { SECONDS_A_DAY } from "#tariffs/civil-date.ts";
import type { OcpiComponent, OcpiElement, OcpiRestrictions, OcpiTariff } from "#tariffs/ocpi-tariff.ts";

/** @param zone name of the clock of the place */
export function tariffWords(tariff: OcpiTariff, zone: string): readonly string[] {
  return [
    `Tariff "${tariff.id}" in ${tariff.currency}, OCPI ${tariff.version}. ${TAX[tariff.taxIncluded]}`,
    ...validityWords(tariff),
    "",
    ...DIMENSIONS.flatMap((dimension) => dimensionWords(tariff, dimension, zone)),
    ...reservationWords(tariff, zone),
    ...boundWords(tariff),
  ];
}

const DIMENSIONS: readonly TariffDimension[] = ["FLAT", "ENERGY", "TIME", "PARKING_TIME"];

const TAX: Readonly<Record<OcpiTariff["taxIncluded"], string>> = {
  no: "Tax is added to the prices.",
  yes: "Tax is in the prices.",
  none: "No tax applies.",
};

const TITLES: Readonly<Record<TariffDimension, string>> = {
  FLAT: "Once for a charge",
  ENERGY: "For energy",
  TIME: "For the time of charging",
  PARKING_TIME: "For standing on after the last energy, until the plug is pulled",
};

const UNITS: Readonly<Record<TariffDimension, string>> = {
  FLAT: "",
  ENERGY: " a kWh",
  TIME: " an hour",
  PARKING_TIME: " an hour",
};

function validityWords({ validFrom, validTo }: OcpiTariff): readonly string[] {
  const from = validFrom === undefined ? "" : ` from ${rfc3339(validFrom * 1000)}`;
  const to = validTo === undefined ? "" : ` until ${rfc3339(validTo * 1000)}`;
  return from + to === "" ? [] : [`It may be offered${from}${to}.`];
}

/** Of several prices for one thing the first whose conditions hold is taken. */
function dimensionWords(tariff: OcpiTariff, dimension: TariffDimension, zone: string): readonly string[] {
  const priced = pricesOf(tariff, dimension, undefined);
  if (priced.length === 0) return dimension === "FLAT" ? [] : [`${TITLES[dimension]}: nothing.`];
  const hasFallback = priced.some(({ restrictions }) => conditionWords(restrictions, zone).length === 0);
  return [
    `${TITLES[dimension]}:`,
    ...priced.map((one, place) => `  ${placeWord(place, priced.length)}${lineWords(tariff, one, zone)}`),
    ...(hasFallback ? [] : ["  at all other times: nothing"]),
  ];
}

function reservationWords(tariff: OcpiTariff, zone: string): readonly string[] {
  const titles = {
    RESERVATION: "For a reservation before it",
    RESERVATION_EXPIRES: "For a reservation not used",
  } as const;
  return (["RESERVATION", "RESERVATION_EXPIRES"] as const).flatMap((reservation) => {
    const priced = (["FLAT", "TIME"] as const).flatMap((dimension) => pricesOf(tariff, dimension, reservation));
    if (priced.length === 0) return [];
    return [`${titles[reservation]}:`, ...priced.map((one) => `  ${lineWords(tariff, one, zone)}`)];
  });
}

interface Priced extends Pick<OcpiElement, "restrictions"> {
  readonly component: OcpiComponent;
}

function pricesOf(
  { elements }: OcpiTariff,
  dimension: TariffDimension,
  reservation: OcpiRestrictions["reservation"],
): readonly Priced[] {
  return elements
    .filter(({ restrictions }) => restrictions.reservation === reservation)
    .flatMap(({ components, restrictions }) =>
      components.filter(({ type }) => type === dimension).map((component) => ({ component, restrictions })),
    );
}

function placeWord(place: number, count: number): string {
  if (count === 1) return "";
  return place === 0 ? "first    " : "or else  ";
}

function lineWords({ currency, currencyDigits, taxIncluded }: OcpiTariff, priced: Priced, zone: string): string {
  const { type, microPrice, taxPpm, stepSize } = priced.component;
  const price = `${priceText(microPrice, currencyDigits, currency)}${UNITS[type]}`;
  const rate = `${(taxPpm / 10_000).toString()} % tax`;
  const tax =
    taxPpm === 0 || taxIncluded === "none" ? "" : taxIncluded === "yes" ? ` with ${rate} in it` : ` plus ${rate}`;
  const step = stepSize <= 1 ? "" : `, in steps of ${type === "ENERGY" ? `${stepSize} Wh` : lengthWords(stepSize)}`;
  return [`${price}${tax}${step}`, ...conditionWords(priced.restrictions, zone)].join(", ");
}

function conditionWords(restrictions: OcpiRestrictions, zone: string): readonly string[] {
  const { minMilliWh, maxMilliWh, minMilliA, maxMilliA, minW, maxW, minSeconds, maxSeconds } = restrictions;
  const words = [
    clockWords(restrictions, zone),
    weekdayWords(restrictions),
    restrictions.startDay === undefined ? "" : `from ${dayText(restrictions.startDay)} on`,
    restrictions.endDay === undefined ? "" : `before ${dayText(restrictions.endDay)}`,
    rangeWords(minMilliWh, maxMilliWh, (value) => `${(value / 1_000_000).toString()} kWh`, [
      "after the first",
      "for the first",
    ]),
    rangeWords(minW, maxW, (value) => `${(value / 1000).toString()} kW`, ["at", "below"]),
    rangeWords(minMilliA, maxMilliA, (value) => `${(value / 1000).toString()} A`, ["at", "below"]),
    rangeWords(minSeconds, maxSeconds, lengthWords, ["after", "in the first"]),
  ];
  return words.filter((word) => word !== "");
}

function clockWords({ startMinute, endMinute }: OcpiRestrictions, zone: string): string {
  if (startMinute === undefined && endMinute === undefined) return "";
  return `from ${minuteText(startMinute ?? 0)} to ${minuteText(endMinute ?? 1440)} (${zone})`;
}

function minuteText(minute: number): string {
  const two = (value: number): string => value.toString().padStart(2, "0");
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}

const WEEKDAYS = ["Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays"];

function weekdayWords({ weekdays }: OcpiRestrictions): string {
  if (weekdays === undefined) return "";
  const days = [...weekdays].sort((left, right) => left - right);
  const names = days.map((day) => WEEKDAYS[day] ?? "");
  const [first = 0, last = 0] = [days[0], days.at(-1)];
  const isRun = days.length > 2 && last - first === days.length - 1;
  return `on ${isRun ? `${names[0] ?? ""} to ${names.at(-1) ?? ""}` : names.join(", ")}`;
}

/** In the largest unit that takes a whole number. */
export function lengthWords(seconds: number): string {
  const [unit, length] =
    (
      [
        ["h", 3600],
        ["min", 60],
      ] as const
    ).find(([, each]) => seconds > 0 && seconds % each === 0) ?? (["s", 1] as const);
  return `${seconds / length} ${unit}`;
}

function dayText(day: number): string {
  return dateText(civilOfUnixMs(day * SECONDS_A_DAY * 1000).date);
}

function rangeWords(
  least: number | undefined,
  most: number | undefined,
  show: (value: number) => string,
  [from, below]: readonly [from: string, below: string],
): string {
  const words = [
    least === undefined || least === 0 ? "" : `${from} ${show(least)}${from === "at" ? " or more" : ""}`,
    most === undefined ? "" : `${below} ${show(most)}`,
  ];
  return words.filter((word) => word !== "").join(" and ");
}

function boundWords({ currency, currencyDigits, minPrice, maxPrice }: OcpiTariff): readonly string[] {
  const text = (title: string, bound: OcpiTariff["minPrice"]): readonly string[] => {
    if (bound === undefined) return [];
    const [before, after] = [bound.beforeTax, bound.withTax].map((micro) =>
      micro === null ? undefined : priceText(micro, currencyDigits, currency),
    );
    return [`${title}: ${before ?? ""} before tax${after === undefined ? "" : `, ${after} with tax`}.`];
  };
  return [...text("At least", minPrice), ...text("At most", maxPrice)];
}
