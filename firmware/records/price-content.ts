/**
 * The price line by line. What is shown adds up to the last digit: amounts have as many decimals as they need, at most
 * two more than the currency, and the line of the rounding takes up what is left.
 */
import type { Terms } from "#core/contract/terms.ts";
import { divideHalfEven } from "#core/metering/whole-numbers.ts";
import {
  PARTS_PER_UNIT,
  type Amount,
  type FreeStretch,
  type Price,
  type PriceLine,
} from "#core/tariff/price-session.ts";
import type { Catalogue } from "./catalogue/catalogue.ts";
import { clockOf, type LocalTime } from "./catalogue/local-time.ts";
import { energyText, lengthText, minorText, moneyText, shareText, type Currency } from "./catalogue/notation.ts";
import type { ReceiptFigures } from "./receipt-figures.ts";

export interface PriceContent {
  readonly rows: readonly PriceRow[];
  readonly sums: readonly PriceSum[];
  /** Why there are no rows; undefined where there are. */
  readonly note: string | undefined;
}

export interface PriceRow {
  readonly what: string;
  readonly when: string;
  readonly quantity: string;
  readonly price: string;
  readonly amount: string;
}

export interface PriceSum {
  readonly label: string;
  readonly amount: string;
  /** Among several the one that is to be paid. */
  readonly isTotal: boolean;
}

/** Of a receipt, or of a session that nobody has had. */
export interface PricePart {
  readonly view: { readonly charge: { readonly open: { readonly startedAt: number; readonly terms: TariffTerms } } };
  readonly figures: Pick<ReceiptFigures, "price" | "ending" | "amount">;
  readonly texts: Catalogue;
  readonly localTime: LocalTime | undefined;
}

type TariffTerms = Pick<Terms, "currency" | "currencyDigits" | "tariff">;

export function priceContent(part: PricePart): PriceContent {
  const { view, figures, texts } = part;
  const { price, ending, amount } = figures;
  const currency = currencyOf(part);
  const total = { label: texts.price.total, amount: minorText(texts.notation, currency, amount), isTotal: true };
  if (price === undefined) {
    const note = ending === "mutual" ? texts.price.agreedOn : texts.price.sealedOnly;
    return { rows: [], sums: [total], note };
  }
  if (price.lines.length === 0 && amount === 0) return { rows: [], sums: [total], note: texts.price.nothing };
  const { taxIncluded } = view.charge.open.terms.tariff;
  const column = columnOf(price, taxIncluded === "no" ? "beforeTax" : "withTax", currency.digits);
  const show = (value: bigint): string => moneyText(texts.notation, currency, { value, decimals: column.decimals });
  const rows = [
    ...price.lines.map((line, place) => ({
      atMs: line.fromMs,
      row: lineRow(part, line, show(column.lines[place] ?? 0n)),
    })),
    ...freeRows(part, price.free),
  ];
  const sum = (label: string, value: bigint): readonly PriceSum[] =>
    value === 0n ? [] : [{ label, amount: show(value), isTotal: false }];
  const { bound } = price;
  return {
    rows: rows.sort((left, right) => left.atMs - right.atMs).map(({ row }) => row),
    sums: [
      ...(bound === null ? [] : sum(texts.price[bound.kind], column.bound)),
      ...sum(texts.price.rounding, column.rounding),
      ...(taxIncluded === "no" ? taxSums(texts, price, currency) : []),
      total,
      ...(taxIncluded === "yes" ? taxSums(texts, price, currency) : []),
    ],
    note: undefined,
  };
}

interface Column {
  readonly decimals: number;
  /** All in 10⁻ᵈ of the unit. */
  readonly lines: readonly bigint[];
  readonly bound: bigint;
  readonly rounding: bigint;
}

function columnOf({ lines, bound, ...price }: Price, of: keyof Amount, digits: number): Column {
  const exact = [...lines, ...(bound === null ? [] : [bound])].map((amount) => amount[of]);
  const decimals = [0, 1, 2]
    .map((more) => digits + more)
    .find((count) => exact.every((parts) => isExact(parts, count)));
  const shownDecimals = decimals ?? digits + 2;
  const shown = exact.map((parts) => rounded(parts, shownDecimals));
  const minor = of === "beforeTax" ? price.minorUnitsBeforeTax : price.minorUnits;
  const total = BigInt(minor) * 10n ** BigInt(shownDecimals - digits);
  return {
    decimals: shownDecimals,
    lines: shown.slice(0, lines.length),
    bound: shown[lines.length] ?? 0n,
    rounding: total - shown.reduce((sum, value) => sum + value, 0n),
  };
}

function isExact(parts: bigint, decimals: number): boolean {
  return (parts * 10n ** BigInt(decimals)) % PARTS_PER_UNIT === 0n;
}

function rounded(parts: bigint, decimals: number): bigint {
  const scaled = (parts < 0n ? -parts : parts) * 10n ** BigInt(decimals);
  const value = divideHalfEven(scaled, PARTS_PER_UNIT);
  return parts < 0n ? -value : value;
}

function lineRow(part: PricePart, line: PriceLine, amount: string): PriceRow {
  const { texts } = part;
  const { dimension, phase, quantity, billedQuantity, microPrice } = line;
  const money = moneyText(texts.notation, currencyOf(part), {
    value: BigInt(microPrice),
    decimals: 6,
    least: currencyOf(part).digits,
  });
  const used = quantityText(texts, dimension, quantity);
  const isStepped = billedQuantity !== quantity;
  const billed = isStepped ? `, ${texts.price.stepped(quantityText(texts, dimension, billedQuantity))}` : "";
  return {
    what: nameOf(texts, dimension, phase),
    when: dimension === "FLAT" ? "" : timesText(part, line),
    quantity: `${used}${billed}`,
    price: priceText(texts, dimension, money),
    amount,
  };
}

/** What costs nothing is shown where it could be missed: contested energy, and the free part of what has a price. */
function freeRows(part: PricePart, free: readonly FreeStretch[]): readonly { atMs: number; row: PriceRow }[] {
  const { texts, view } = part;
  const { rules } = view.charge.open.terms.tariff;
  return free
    .filter(
      ({ dimension, phase, reason, quantity }) =>
        quantity > 0 &&
        (reason === "not-billed"
          ? dimension === "ENERGY"
          : rules.some((rule) => rule.dimension === dimension && rule.phase === phase)),
    )
    .map((stretch) => ({
      atMs: stretch.fromMs,
      row: {
        what: nameOf(texts, stretch.dimension, stretch.phase),
        when: timesText(part, stretch),
        quantity: quantityText(texts, stretch.dimension, stretch.quantity),
        price: stretch.reason === "not-billed" ? texts.price.notBilled : texts.price.free,
        amount: minorText(texts.notation, currencyOf(part), 0),
      },
    }));
}

function taxSums(
  texts: Catalogue,
  { taxes, minorUnitsBeforeTax, minorUnits }: Price,
  currency: Currency,
): readonly PriceSum[] {
  const { price, notation } = texts;
  const isWithin = taxes.every(({ taxMinorUnits }) => taxMinorUnits === 0) || minorUnitsBeforeTax === minorUnits;
  if (isWithin) return [];
  const sums = taxes
    .filter(({ taxMinorUnits }) => taxMinorUnits !== 0)
    .map(({ taxPpm, taxMinorUnits }) => ({
      label: taxPpm === null ? price.taxOfBound : price.tax(shareText(notation, taxPpm, taxPpm % 10_000 === 0 ? 0 : 2)),
      amount: minorText(notation, currency, taxMinorUnits),
      isTotal: false,
    }));
  return [
    { label: price.beforeTax, amount: minorText(notation, currency, minorUnitsBeforeTax), isTotal: false },
    ...sums,
  ];
}

function currencyOf({ view }: PricePart): Currency {
  const { currency: code, currencyDigits: digits } = view.charge.open.terms;
  return { code, digits };
}

function nameOf(
  { dimensions, phases }: Catalogue,
  dimension: PriceLine["dimension"],
  phase: PriceLine["phase"],
): string {
  return phase === "charging" ? dimensions[dimension] : phases[phase](dimensions[dimension]);
}

function quantityText({ notation }: Catalogue, dimension: PriceLine["dimension"], quantity: number): string {
  switch (dimension) {
    case "ENERGY":
      return energyText(notation, quantity);
    case "TIME":
    case "PARKING_TIME":
      return lengthText(quantity / 1000);
    case "FLAT":
      return "";
  }
}

function priceText({ price }: Catalogue, dimension: PriceLine["dimension"], money: string): string {
  switch (dimension) {
    case "ENERGY":
      return price.perKwh(money);
    case "TIME":
    case "PARKING_TIME":
      return price.perHour(money);
    case "FLAT":
      return `${money} ${price.once}`;
  }
}

function timesText({ view, localTime }: PricePart, { fromMs, toMs }: { fromMs: number; toMs: number }): string {
  const { startedAt } = view.charge.open;
  const clock = (ms: number): string => clockOf(startedAt + Math.floor(ms / 1000), localTime);
  return fromMs === toMs ? clock(fromMs) : `${clock(fromMs)}–${clock(toMs)}`;
}
