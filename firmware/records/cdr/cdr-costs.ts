/** The costs of a CDR by kind: what each dimension costs, before tax and its tax by rate. */
import { PARTS_PER_UNIT } from "#core/tariff/exact-amount.ts";
import type { Price, PriceLine } from "#core/tariff/price-session.ts";
import type { OcpiVersion } from "./cdr-version.ts";
import { decimalDigits, fractionDigits, trimDigits } from "../decimal-text.ts";
import { OCPI_DECIMALS } from "./charge-periods.ts";
import { number, type JsonOut } from "./write-json.ts";

export interface CostKinds {
  readonly fixed: JsonOut | undefined;
  readonly energy: JsonOut | undefined;
  readonly time: JsonOut | undefined;
  readonly parking: JsonOut | undefined;
  readonly reservation: JsonOut | undefined;
}

export interface CostForm {
  readonly version: OcpiVersion;
  readonly taxName: string;
  readonly currencyDigits: number;
}

/** Rounded to the four decimals of OCPI each; undefined where no line is of that kind. */
export function costKinds({ lines }: Price, form: CostForm): CostKinds {
  const of = (isOne: (line: PriceLine) => boolean): JsonOut | undefined => kindCost(lines.filter(isOne), form);
  const charging = (line: PriceLine): boolean => line.phase === "charging";
  return {
    fixed: of((line) => charging(line) && line.dimension === "FLAT"),
    energy: of((line) => line.dimension === "ENERGY"),
    time: of((line) => charging(line) && line.dimension === "TIME"),
    parking: of((line) => charging(line) && line.dimension === "PARKING_TIME"),
    reservation: of((line) => !charging(line)),
  };
}

/** What is to be paid: exactly the minor units of the price, the tax by its rates. `sign` -1 takes it back. */
export function totalCost(price: Price, form: CostForm, sign: 1 | -1): JsonOut {
  const money = (minorUnits: number): string => decimalDigits(BigInt(sign * minorUnits), form.currencyDigits);
  const taxes = price.taxes
    .filter(({ taxMinorUnits, taxPpm }) => taxMinorUnits !== 0 || (taxPpm ?? 0) > 0)
    .map(({ taxPpm, taxMinorUnits }) => ({ taxPpm, amount: money(taxMinorUnits) }));
  return costOf({ before: money(price.minorUnitsBeforeTax), after: money(price.minorUnits), taxes }, form);
}

/** An amount on which both sides have agreed. */
export function agreedCost(price: Price, amount: number, form: CostForm, sign: 1 | -1): JsonOut {
  const tax = agreedTax(price, amount);
  const money = (minorUnits: number): string => decimalDigits(BigInt(sign * minorUnits), form.currencyDigits);
  const taxes = tax === 0 ? [] : [{ taxPpm: null, amount: money(tax) }];
  return costOf({ before: money(amount - tax), after: money(amount), taxes }, form);
}

/** The tax in an agreed amount, in minor units: the share that it has in the tariff's price, rounded to the nearest. */
export function agreedTax({ minorUnits, minorUnitsBeforeTax }: Price, amount: number): number {
  if (minorUnits === 0) return 0;
  const [whole, tax] = [BigInt(minorUnits), BigInt(minorUnits - minorUnitsBeforeTax)];
  return Number((2n * BigInt(amount) * tax + whole) / (2n * whole));
}

interface Cost {
  readonly before: string;
  readonly after: string;
  readonly taxes: readonly { readonly taxPpm: number | null; readonly amount: string }[];
}

function costOf({ before, after, taxes }: Cost, { version, taxName }: CostForm): JsonOut {
  if (version === "2.2.1") return { excl_vat: number(before), incl_vat: number(after) };
  const written = taxes.map(({ taxPpm, amount }) => ({
    name: taxName,
    percentage: taxPpm === null ? undefined : number(percentDigits(taxPpm)),
    amount: number(amount),
  }));
  return { before_taxes: number(before), taxes: written };
}

/** `19` or `5.2`, from parts per million. */
export function percentDigits(taxPpm: number): string {
  return trimDigits(decimalDigits(BigInt(taxPpm), OCPI_DECIMALS));
}

function kindCost(lines: readonly PriceLine[], form: CostForm): JsonOut | undefined {
  if (lines.length === 0) return undefined;
  const sum = (part: "beforeTax" | "withTax", of: readonly PriceLine[]): bigint =>
    of.reduce((total, line) => total + line[part], 0n);
  const rates = [...new Set(lines.map(({ taxPpm }) => taxPpm))].filter((taxPpm) => taxPpm > 0);
  const taxes = rates.map((taxPpm) => {
    const ofRate = lines.filter((line) => line.taxPpm === taxPpm);
    return { taxPpm, amount: amountDigits(sum("withTax", ofRate) - sum("beforeTax", ofRate)) };
  });
  const [before, after] = [amountDigits(sum("beforeTax", lines)), amountDigits(sum("withTax", lines))];
  return costOf({ before, after, taxes }, form);
}

function amountDigits(parts: bigint): string {
  return fractionDigits(parts, PARTS_PER_UNIT, OCPI_DECIMALS);
}
