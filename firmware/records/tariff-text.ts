/** A tariff in one short line: for a signed record, a table, a display. The exact rules are in the terms. */
import type { Terms } from "#core/contract/terms.ts";
import type { TariffDimension, TariffRule } from "#core/tariff/tariff-terms.ts";
import { priceText } from "./quantity-text.ts";

/** The longest that OCMF takes. */
const TEXT_MAX = 250;

export function tariffText({ tariff, currency, currencyDigits }: Terms): string {
  const rules = tariff.rules.filter(({ phase, microPrice }) => phase === "charging" && microPrice > 0);
  const parts = rules.map((rule) => {
    const price = priceText(rule.microPrice, currencyDigits, currency);
    return `${price}${UNITS[rule.dimension]}${isRestricted(rule) ? " at times" : ""}`;
  });
  const all = [...new Set(parts)];
  if (all.length === 0) return "free of charge";
  const tax = tariff.taxIncluded === "yes" ? " incl. tax" : tariff.taxIncluded === "no" ? " before tax" : "";
  // Rather fewer prices than half of one.
  let shown = all.length;
  while (lineOf(all, shown, tax).length > TEXT_MAX && shown > 1) shown -= 1;
  return lineOf(all, shown, tax).slice(0, TEXT_MAX);
}

const UNITS: Readonly<Record<TariffDimension, string>> = {
  ENERGY: "/kWh",
  TIME: "/h",
  PARKING_TIME: "/h parked",
  FLAT: " once",
};

function lineOf(parts: readonly string[], shown: number, tax: string): string {
  return `${parts.slice(0, shown).join(", ")}${shown < parts.length ? " and others" : ""}${tax}`;
}

function isRestricted({ windows, energyMilliWh, durationSeconds, powerW }: TariffRule): boolean {
  return [windows, energyMilliWh, durationSeconds, powerW].some((condition) => condition !== undefined);
}
