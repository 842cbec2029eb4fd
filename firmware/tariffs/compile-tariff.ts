/**
 * An OCPI tariff as a contract carries it: one rule a component, in the order of the elements, its local times resolved
 * to windows in UTC and its current to power, with the rounding that OCPI leaves open.
 */
import { fail, ok, type Result } from "#base/result.ts";
import { TARIFF_RULES_MAX, TARIFF_WINDOWS_MAX } from "#core/limits.ts";
import { checkTariff } from "#core/tariff/check-tariff.ts";
import { isShadowed } from "#core/tariff/rule-cover.ts";
import type { Tariff, TariffRange, TariffRule } from "#core/tariff/tariff-terms.ts";
import type { TimeZone } from "#hal/ports/time-zone.ts";
import { SECONDS_A_DAY } from "./civil-date.ts";
import { reading, refuse } from "./json-fields.ts";
import { localWindows, type Window } from "./local-windows.ts";
import { refused, type OcpiComponent, type OcpiFault, type OcpiRestrictions, type OcpiTariff } from "./ocpi-tariff.ts";
import { RESOLVED_ALWAYS } from "./simple-tariff.ts";

export interface CompileOptions {
  /** Unix seconds: from the earliest instant that is to be priced to the latest end of a charge. */
  readonly from: number;
  readonly until: number;
  readonly timeZone: TimeZone;
  /** Digits after the point of the currency, as the terms will say. */
  readonly currencyDigits: number;
  /** Between a phase and neutral; only where it is stated can a restriction of current be compiled. */
  readonly voltageV?: number;
  readonly rounding?: { readonly mode: Tariff["roundingMode"]; readonly per: Tariff["roundingPer"] };
}

/** A charge lasts at most a week; a tariff is resolved for one. */
const RANGE_SECONDS_MAX = 32 * SECONDS_A_DAY;
const DEFAULT_ROUNDING = { mode: "half-away", per: "total" } as const;

export function compileTariff(ocpi: OcpiTariff, options: CompileOptions): Result<Tariff, OcpiFault> {
  const compiled = reading(() => compile(ocpi, options));
  if (!compiled.ok) return compiled;
  const checked = checkTariff(compiled.value);
  return checked.ok ? ok(checked.value) : fail(refused("", `${checked.fault.path} ${checked.fault.reason}`.trim()));
}

function compile(ocpi: OcpiTariff, options: CompileOptions): Tariff {
  checkOptions(ocpi, options);
  const placed = ocpi.elements.flatMap(({ components, restrictions }, element) =>
    components.map((component, place) => ({
      component,
      restrictions,
      path: `elements[${element}].price_components[${place}]`,
    })),
  );
  checkOrder(placed);
  const rules = reachable(placed.flatMap((component) => compileComponent(component, options)));
  if (rules.length > TARIFF_RULES_MAX)
    refuse("elements", `make ${rules.length} rules, ${TARIFF_RULES_MAX} is the most`);
  const isTimed = placed.some(({ restrictions }) => isLocal(restrictions));
  const rounding = options.rounding ?? DEFAULT_ROUNDING;
  return {
    taxIncluded: ocpi.taxIncluded,
    rules,
    roundingMode: rounding.mode,
    roundingPer: rounding.per,
    resolved: isTimed ? [options.from, options.until] : RESOLVED_ALWAYS,
    ...(ocpi.minPrice === undefined ? {} : { minPrice: ocpi.minPrice }),
    ...(ocpi.maxPrice === undefined ? {} : { maxPrice: ocpi.maxPrice }),
  };
}

function checkOptions(ocpi: OcpiTariff, { from, until, currencyDigits }: CompileOptions): void {
  if (until <= from || until - from > RANGE_SECONDS_MAX) refuse("", "is compiled for more than a charge can last");
  if (currencyDigits !== ocpi.currencyDigits) {
    refuse("currency", `${ocpi.currency} has ${ocpi.currencyDigits} digits after the point, not ${currencyDigits}`);
  }
  if (ocpi.validFrom !== undefined && from < ocpi.validFrom) refuse("start_date_time", "the tariff is not yet valid");
  if (ocpi.validTo !== undefined && from >= ocpi.validTo) refuse("end_date_time", "the tariff is no longer valid");
}

interface PlacedComponent {
  readonly component: OcpiComponent;
  readonly restrictions: OcpiRestrictions;
  readonly path: string;
}

/** What an operator cannot have meant, whatever the hour. */
function checkOrder(placed: readonly PlacedComponent[]): void {
  placed.forEach(({ component, restrictions, path }, place) => {
    const same = placed.filter(
      (other) => other.component.type === component.type && other.restrictions.reservation === restrictions.reservation,
    );
    const default_ = same.find((other) => isUnrestricted(other.restrictions));
    if (default_ !== undefined && placed.indexOf(default_) < place) {
      refuse(path, `never applies: ${default_.path} comes first and has no restriction`);
    }
    if (component.type === "FLAT" && same.length > 1 && isLater(restrictions)) {
      refuse(path, "is a second FLAT that would begin during the charge: OCPI does not say whether both are paid");
    }
  });
}

function isUnrestricted(restrictions: OcpiRestrictions): boolean {
  return Object.keys(restrictions).every((name) => name === "reservation");
}

/** Whether it may hold later although it does not at the start. */
function isLater({ minMilliWh, minSeconds, minW, maxW, minMilliA, maxMilliA }: OcpiRestrictions): boolean {
  return [minMilliWh, minSeconds, minW, maxW, minMilliA, maxMilliA].some((value) => value !== undefined && value > 0);
}

function compileComponent(
  { component, restrictions, path }: PlacedComponent,
  options: CompileOptions,
): readonly TariffRule[] {
  const conditions = {
    energyMilliWh: rangeOf(restrictions.minMilliWh, restrictions.maxMilliWh),
    durationSeconds: rangeOf(restrictions.minSeconds, restrictions.maxSeconds),
    powerW: powerRange(restrictions, path, options.voltageV),
  };
  const windows = isLocal(restrictions) ? windowsOf(restrictions, path, options) : undefined;
  if (windows?.length === 0) return [];
  return [
    {
      dimension: component.type,
      microPrice: component.microPrice,
      taxPpm: component.taxPpm,
      step: component.type === "ENERGY" ? component.stepSize * MILLI_WH_PER_WH : component.stepSize,
      phase: PHASE[restrictions.reservation ?? "NONE"],
      ...(windows === undefined || isWhole(windows, options) ? {} : { windows }),
      ...(conditions.energyMilliWh === undefined ? {} : { energyMilliWh: conditions.energyMilliWh }),
      ...(conditions.durationSeconds === undefined ? {} : { durationSeconds: conditions.durationSeconds }),
      ...(conditions.powerW === undefined ? {} : { powerW: conditions.powerW }),
    },
  ];
}

const PHASE = { NONE: "charging", RESERVATION: "reservation", RESERVATION_EXPIRES: "reservation-expired" } as const;
const MILLI_WH_PER_WH = 1000;

function isLocal({ startMinute, endMinute, startDay, endDay, weekdays }: OcpiRestrictions): boolean {
  return [startMinute, endMinute, startDay, endDay, weekdays].some((value) => value !== undefined);
}

function windowsOf(restrictions: OcpiRestrictions, path: string, options: CompileOptions): readonly Window[] {
  const windows = localWindows(restrictions, options.timeZone, [options.from, options.until]);
  if (windows.length <= TARIFF_WINDOWS_MAX) return windows;
  return refuse(path, `begins ${windows.length} times in so long a charge, ${TARIFF_WINDOWS_MAX} is the most`);
}

function isWhole(windows: readonly Window[], { from, until }: CompileOptions): boolean {
  return windows.length === 1 && windows[0]?.[0] === from && windows[0][1] === until;
}

function rangeOf(least: number | undefined, most: number | undefined): TariffRange | undefined {
  const from = least ?? 0;
  return from === 0 && most === undefined ? undefined : [from, most ?? null];
}

/**
 * OCPI counts the current of all phases together, so the power between phase and neutral is current times voltage. Both
 * kinds of restriction in one element have to hold.
 */
function powerRange(
  { minW, maxW, minMilliA, maxMilliA }: OcpiRestrictions,
  path: string,
  voltageV: number | undefined,
): TariffRange | undefined {
  const hasCurrent = minMilliA !== undefined || maxMilliA !== undefined;
  if (hasCurrent && voltageV === undefined) {
    refuse(path, "is restricted by current: no meter signs that, and no voltage is stated to take power instead");
  }
  const least = Math.max(minW ?? 0, wattsOf(minMilliA ?? 0, path, voltageV));
  const most = Math.min(maxW ?? Infinity, maxMilliA === undefined ? Infinity : wattsOf(maxMilliA, path, voltageV));
  if (most <= least) refuse(path, "is restricted by power and by current so that it never applies");
  return rangeOf(least, most === Infinity ? undefined : most);
}

function wattsOf(milliA: number, path: string, voltageV = 0): number {
  const milliW = milliA * voltageV;
  return milliW % 1000 === 0 ? milliW / 1000 : refuse(path, `${milliA} mA at ${voltageV} V is not a whole number of W`);
}

/** By coincidence of days, a rule may have no moment of its own in this range; it is left out. */
function reachable(rules: readonly TariffRule[]): readonly TariffRule[] {
  return rules.filter((rule, place) => !rules.slice(0, place).some((earlier) => isShadowed(rule, earlier)));
}
