/**
 * Whether a tariff says what it seems to say: everything in order, no condition that restricts nothing, no rule that
 * another one always comes before. Its shape bounds each number; the README of this folder has the list of rules.
 */
import { fail, ok, type Result } from "#base/result.ts";
import { TARIFF_BYTES_MAX } from "#core/limits.ts";
import { encodeShape } from "#core/wire/schema.ts";
import { isShadowed } from "./rule-cover.ts";
import {
  tariff as tariffShape,
  type PriceBound,
  type Tariff,
  type TariffRange,
  type TariffRule,
} from "./tariff-terms.ts";

export interface TariffFault {
  readonly code: "TARIFF_UNSOUND";
  /** Where in the tariff, from the outside in, with dots between; empty for the whole. */
  readonly path: string;
  readonly reason: string;
}

/** Says the first thing that is wrong, or returns the tariff. */
export function checkTariff(tariff: Tariff): Result<Tariff, TariffFault> {
  const fault =
    checkResolved(tariff) ?? checkRules(tariff) ?? checkTax(tariff) ?? checkBounds(tariff) ?? checkSize(tariff);
  return fault === undefined ? ok(tariff) : fail(fault);
}

/**
 * Whether the windows are resolved for the whole of a charge: beyond, a rule for certain hours would not hold in those
 * hours, and another price would.
 */
export function isResolvedFor(tariff: Tariff, startedAt: number, notAfter: number): boolean {
  const [from, to] = tariff.resolved;
  return from <= startedAt && notAfter <= to;
}

type Finding = TariffFault | undefined;

function checkResolved({ resolved: [from, to] }: Tariff): Finding {
  return from < to ? undefined : unsound("resolved", "ends before it begins");
}

function checkRules({ rules, resolved }: Tariff): Finding {
  for (const [index, rule] of rules.entries()) {
    const fault = checkRule(rule, resolved);
    if (fault !== undefined) return unsound(`rules.${index}.${fault.path}`, fault.reason);
    const before = rules.slice(0, index).findIndex((earlier) => isShadowed(rule, earlier));
    if (before >= 0) return unsound(`rules.${index}`, `never counts: rule ${before} comes before it whenever it holds`);
  }
  return undefined;
}

function checkRule(rule: TariffRule, resolved: Tariff["resolved"]): Finding {
  return checkPhase(rule) ?? checkRanges(rule) ?? checkWindows(rule, resolved);
}

function checkPhase({ dimension, phase, step, energyMilliWh, powerW }: TariffRule): Finding {
  if (dimension === "FLAT" && step !== 0) return unsound("step", "what is paid once has no step");
  if (phase === "charging") return undefined;
  if (dimension !== "TIME" && dimension !== "FLAT")
    return unsound("dimension", "a reservation has time only, or a fee");
  const amount = energyMilliWh !== undefined ? "energyMilliWh" : powerW !== undefined ? "powerW" : undefined;
  return amount === undefined ? undefined : unsound(amount, "in a reservation no energy flows");
}

function checkRanges(rule: TariffRule): Finding {
  return (
    checkRange("energyMilliWh", rule.energyMilliWh) ??
    checkRange("durationSeconds", rule.durationSeconds) ??
    checkRange("powerW", rule.powerW)
  );
}

function checkRange(path: string, range: TariffRange | undefined): Finding {
  if (range === undefined) return undefined;
  const [from, to] = range;
  if (from === 0 && to === null) return unsound(path, "restricts nothing");
  return to !== null && to <= from ? unsound(path, "ends before it begins") : undefined;
}

function checkWindows({ windows }: TariffRule, [earliest, latest]: Tariff["resolved"]): Finding {
  let end = earliest - 1;
  for (const [from, to] of windows ?? []) {
    if (from <= end) return unsound("windows", `one begins at ${from}, not after the end of the one before it`);
    if (to <= from) return unsound("windows", `one ends at ${to}, not after its begin`);
    if (to > latest) return unsound("windows", `one ends at ${to}, after the end of what is resolved`);
    end = to;
  }
  return undefined;
}

function checkTax({ taxIncluded, rules }: Tariff): Finding {
  const taxed = taxIncluded === "none" ? rules.findIndex(({ taxPpm }) => taxPpm > 0) : -1;
  return taxed < 0 ? undefined : unsound(`rules.${taxed}.taxPpm`, "no tax applies to this tariff");
}

function checkBounds(tariff: Tariff): Finding {
  const { minPrice, maxPrice } = tariff;
  const each = checkBound("minPrice", minPrice, tariff) ?? checkBound("maxPrice", maxPrice, tariff);
  if (each !== undefined || minPrice === undefined || maxPrice === undefined) return each;
  if ((minPrice.withTax === null) !== (maxPrice.withTax === null)) {
    return unsound("maxPrice", "states its tax and the least price does not, or the other way round");
  }
  const isCrossed =
    minPrice.beforeTax > maxPrice.beforeTax ||
    (minPrice.withTax !== null && maxPrice.withTax !== null && minPrice.withTax > maxPrice.withTax);
  return isCrossed ? unsound("maxPrice", "is below the least price") : undefined;
}

function checkBound(path: string, bound: PriceBound | undefined, { rules, taxIncluded }: Tariff): Finding {
  if (bound === undefined) return undefined;
  const { beforeTax, withTax } = bound;
  if (withTax === null) {
    const isOneRate = new Set(rules.map(({ taxPpm }) => taxPpm)).size <= 1;
    return isOneRate ? undefined : unsound(path, "has no amount with tax, and the rules have several tax rates");
  }
  if (withTax < beforeTax) return unsound(path, "is less with tax than before it");
  return taxIncluded === "none" && withTax !== beforeTax ? unsound(path, "no tax applies to this tariff") : undefined;
}

function checkSize(tariff: Tariff): Finding {
  const bytes = encodeShape(tariffShape, tariff).length;
  return bytes <= TARIFF_BYTES_MAX ? undefined : unsound("", `takes ${bytes} bytes, ${TARIFF_BYTES_MAX} is the most`);
}

function unsound(path: string, reason: string): TariffFault {
  return { code: "TARIFF_UNSOUND", path, reason };
}
