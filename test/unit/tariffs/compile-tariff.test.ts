/** From an OCPI tariff to the signed one: local time to UTC, current to power, order to rules. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { checkTariff } from "#core/tariff/check-tariff.ts";
import type { Tariff } from "#core/tariff/tariff-terms.ts";
import { dayNumberOf } from "#tariffs/civil-date.ts";
import { compileTariff, type CompileOptions } from "#tariffs/compile-tariff.ts";
import { currencyDigitsOf, knownCurrencies } from "#tariffs/currencies.ts";
import { localWindows, type LocalRestrictions } from "#tariffs/local-windows.ts";
import { readOcpiTariff } from "#tariffs/read-ocpi-tariff.ts";
import { simpleTariff } from "#tariffs/simple-tariff.ts";
import { AMSTERDAM, UTC } from "#test/builders/fixed-zones.ts";
import { ocpiObject, type CompactTariff } from "#test/builders/ocpi-objects.ts";

const test = suite("compiling OCPI tariffs");
const HOUR = 3600;
const DAY = 24 * HOUR;

/** Midnight in UTC. */
function midnight(year: number, month: number, day: number): number {
  return (dayNumberOf(year, month, day) ?? 0) * DAY;
}

const MONDAY = midnight(2026, 6, 1);

function compile(compact: CompactTariff, options: Partial<CompileOptions> = {}): ReturnType<typeof compileTariff> {
  const read = readOcpiTariff(ocpiObject(compact));
  if (!read.ok) throw new Error(`${read.fault.path}: ${read.fault.reason}`);
  const { currencyDigits } = read.value;
  return compileTariff(read.value, { from: MONDAY, until: MONDAY + DAY, timeZone: UTC, currencyDigits, ...options });
}

function compiled(compact: CompactTariff, options: Partial<CompileOptions> = {}): Tariff {
  const tariff = compile(compact, options);
  if (!tariff.ok) throw new Error(`${tariff.fault.path}: ${tariff.fault.reason}`);
  return tariff.value;
}

function refusalOf(compact: CompactTariff, options: Partial<CompileOptions> = {}): string {
  const tariff = compile(compact, options);
  return tariff.ok ? "compiled" : `${tariff.fault.path}: ${tariff.fault.reason}`;
}

/** Windows of one day of Amsterdam, in hours after 22:00 UTC of the day before. */
function hoursOf(restrictions: LocalRestrictions, day: readonly [number, number, number]): readonly unknown[] {
  const from = midnight(...day) - 2 * HOUR;
  return localWindows(restrictions, AMSTERDAM, [from, from + 28 * HOUR]).map(([start, end]) =>
    [start, end].map((second) => (second - from) / HOUR),
  );
}

const AT_NIGHT = { startMinute: 150, endMinute: 240 };

test("02:30 to 04:00 is an hour and a half, but an hour when the clock goes from 02:00 to 03:00", () => {
  assert.equal(hoursOf(AT_NIGHT, [2026, 6, 2]), [
    [2.5, 4],
    [26.5, 28],
  ]);
  // Midnight is at 23:00 UTC before the change. 03:00 comes at 01:00 UTC.
  assert.equal(hoursOf(AT_NIGHT, [2026, 3, 29]), [
    [3, 4],
    [26.5, 28],
  ]);
});

test("an hour that comes twice is in the window twice, as the clock on the wall says", () => {
  assert.equal(hoursOf(AT_NIGHT, [2026, 10, 25]), [
    [2.5, 3],
    [3.5, 5],
    [27.5, 28],
  ]);
  assert.equal(hoursOf({ startMinute: 60, endMinute: 180 }, [2026, 10, 25]), [
    [1, 4],
    [26, 28],
  ]);
});

test("over midnight the two parts belong to the days on which they lie", () => {
  const night = { startMinute: 22 * 60, endMinute: 6 * 60, weekdays: new Set([0]) };
  const windows = localWindows(night, UTC, [MONDAY - DAY, MONDAY + 2 * DAY]);
  assert.equal(windows, [
    [MONDAY, MONDAY + 6 * HOUR],
    [MONDAY + 22 * HOUR, MONDAY + 24 * HOUR],
  ]);
  const everyDay = localWindows({ ...night, weekdays: new Set([0, 1]) }, UTC, [MONDAY, MONDAY + 2 * DAY]);
  assert.equal(everyDay[1], [MONDAY + 22 * HOUR, MONDAY + 30 * HOUR]);
});

test("dates and weekdays are those of the place", () => {
  const sunday = localWindows({ weekdays: new Set([6]) }, AMSTERDAM, [MONDAY - DAY, MONDAY + DAY]);
  assert.equal(sunday, [[MONDAY - DAY, MONDAY - 2 * HOUR]]);
  const day = dayNumberOf(2026, 6, 1) ?? 0;
  const dated = localWindows({ startDay: day, endDay: day + 1 }, AMSTERDAM, [MONDAY - DAY, MONDAY + 2 * DAY]);
  assert.equal(dated, [[MONDAY - 2 * HOUR, MONDAY + 22 * HOUR]]);
});

test("the windows of every minute are those that the clock on the wall shows", () => {
  const restrictions = { startMinute: 135, endMinute: 1290, weekdays: new Set([0, 2, 6]) };
  for (const start of [midnight(2026, 3, 27), midnight(2026, 10, 23)]) {
    const windows = localWindows(restrictions, AMSTERDAM, [start, start + 5 * DAY]);
    for (let at = start; at < start + 5 * DAY; at += 60) {
      const local = at + AMSTERDAM.offsetSecondsAt(at);
      const minute = Math.floor((local % DAY) / 60);
      const weekday = (Math.floor(local / DAY) + 3) % 7;
      const isShown = minute >= 135 && minute < 1290 && restrictions.weekdays.has(weekday);
      assert.is(
        windows.some(([from, to]) => from <= at && at < to),
        isShown,
        String(at),
      );
    }
  }
});

test("a rule for each component, in the order of the elements, and a sound tariff", () => {
  const tariff = compiled({
    elements: [
      [["ENERGY 0.2 vat 10 step 100", "TIME 1 step 60"], { start_time: "22:00", end_time: "06:00" }],
      [["ENERGY 0.3 vat 10"], { min_duration: 600, max_kwh: 50 }],
      [["ENERGY 0.4", "FLAT 1"]],
    ],
  });
  const windows = [
    [MONDAY, MONDAY + 6 * HOUR],
    [MONDAY + 22 * HOUR, MONDAY + DAY],
  ];
  const rule = { taxPpm: 0, step: 1000, phase: "charging" };
  assert.equal(tariff.rules, [
    { ...rule, dimension: "ENERGY", microPrice: 200_000, taxPpm: 100_000, step: 100_000, windows },
    { ...rule, dimension: "TIME", microPrice: 1_000_000, step: 60, windows },
    {
      ...rule,
      dimension: "ENERGY",
      microPrice: 300_000,
      taxPpm: 100_000,
      energyMilliWh: [0, 50_000_000],
      durationSeconds: [600, null],
    },
    { ...rule, dimension: "ENERGY", microPrice: 400_000 },
    { ...rule, dimension: "FLAT", microPrice: 1_000_000, step: 0 },
  ]);
  assert.equal(
    [tariff.roundingMode, tariff.roundingPer, tariff.resolved],
    ["half-away", "total", [MONDAY, MONDAY + DAY]],
  );
  assert.ok(checkTariff(tariff).ok);
});

test("a rule for hours that do not come is left out, one for all hours has no windows", () => {
  const elements: CompactTariff["elements"] = [
    [["ENERGY 0.2"], { day_of_week: ["SATURDAY"] }],
    [["ENERGY 0.3"], { day_of_week: ["MONDAY"] }],
    [["ENERGY 0.4"], { start_time: "08:00", end_time: "20:00" }],
    [["ENERGY 0.5"]],
  ];
  const prices = compiled({ elements }).rules.map(({ microPrice, windows }) => [microPrice, windows]);
  assert.equal(prices, [[300_000, undefined]]);
});

test("a tariff without local time is the same whenever it is compiled", () => {
  const compact: CompactTariff = { elements: [[["ENERGY 0.2"], { max_duration: 60 }], [["ENERGY 0.3"]]] };
  assert.equal(compiled(compact), compiled(compact, { from: 0, until: DAY }));
});

test("current becomes power at the voltage that is stated, and is refused without one", () => {
  const elements: CompactTariff["elements"] = [[["TIME 1"], { max_current: 32 }], [["TIME 2"]]];
  assert.match(refusalOf({ elements }), /^elements\[0\].*restricted by current: no meter signs that/);
  assert.equal(compiled({ elements }, { voltageV: 230 }).rules[0]?.powerW, [0, 7360]);
  const both: CompactTariff["elements"] = [[["TIME 1"], { min_current: 10.5, min_power: 2, max_power: 7 }]];
  assert.equal(compiled({ elements: both }, { voltageV: 230 }).rules[0]?.powerW, [2415, 7000]);
  const never: CompactTariff["elements"] = [[["TIME 1"], { min_current: 32, max_power: 7 }]];
  assert.match(refusalOf({ elements: never }, { voltageV: 230 }), /so that it never applies/);
  const odd: CompactTariff["elements"] = [[["TIME 1"], { min_current: 0.001 }]];
  assert.match(refusalOf({ elements: odd }, { voltageV: 230 }), /1 mA at 230 V is not a whole number of W/);
});

test("what never applies, or could mean two things, is refused", () => {
  assert.match(
    refusalOf({ elements: [[["ENERGY 0.3"]], [["ENERGY 0.2"], { start_time: "22:00" }]] }),
    /^elements\[1\]\.price_components\[0\]: never applies: elements\[0\]/,
  );
  assert.match(
    refusalOf({ elements: [[["FLAT 0.5"]], [["FLAT 9"], { min_duration: 14_400 }]] }),
    /^elements\[1\]\.price_components\[0\]: never applies/,
  );
  assert.match(
    refusalOf({ elements: [[["FLAT 9"], { min_duration: 14_400 }], [["FLAT 0.5"]]] }),
    /second FLAT that would begin during the charge/,
  );
  const alone: CompactTariff["elements"] = [[["FLAT 9"], { min_duration: 14_400 }]];
  assert.is(refusalOf({ elements: alone }), "compiled");
  const reserved: CompactTariff["elements"] = [[["FLAT 1"]], [["FLAT 2"], { reservation: "RESERVATION" }]];
  assert.is(refusalOf({ elements: reserved }), "compiled");
});

test("a bound without tax is refused where the rates differ, and follows from the one rate else", () => {
  const rest = { max_price: { before_taxes: 10 } };
  assert.match(refusalOf({ elements: [[["ENERGY 1 vat 10", "FLAT 1 vat 20"]]], rest }), /several tax rates/);
  assert.is(refusalOf({ elements: [[["ENERGY 1 vat 10", "FLAT 1 vat 10"]]], rest }), "compiled");
});

test("a tariff is not compiled before it is valid, after its end, for another number of digits or for months", () => {
  const elements: CompactTariff["elements"] = [[["ENERGY 1"]]];
  const rest = { start_date_time: "2026-06-01T00:00:00Z", end_date_time: "2026-06-02T00:00:00.000" };
  assert.is(refusalOf({ elements, rest }), "compiled");
  assert.match(refusalOf({ elements, rest }, { from: MONDAY - 1 }), /^start_date_time: the tariff is not yet valid/);
  const over = { from: MONDAY + DAY, until: MONDAY + 2 * DAY };
  assert.match(refusalOf({ elements, rest }, over), /^end_date_time: the tariff is no longer valid/);
  assert.match(refusalOf({ elements, currency: "JPY" }, { currencyDigits: 2 }), /^currency: JPY has 0 digits/);
  assert.match(refusalOf({ elements }, { until: MONDAY + 33 * DAY }), /more than a charge can last/);
  assert.match(refusalOf({ elements }, { until: MONDAY }), /more than a charge can last/);
});

test("a price for each hour of the day fits a charge of a day", () => {
  const hourly: CompactTariff["elements"] = Array.from({ length: 24 }, (_, hour) => [
    [`ENERGY 0.${100 + hour}`],
    { start_time: clockTime(hour), end_time: clockTime((hour + 1) % 24) },
  ]);
  const { rules } = compiled({ elements: hourly }, { until: MONDAY + 36 * HOUR, timeZone: AMSTERDAM });
  assert.is(rules.length, 24);
  assert.is(
    rules.flatMap(({ windows = [] }) => windows).reduce((sum, [from, to]) => sum + to - from, 0),
    36 * HOUR,
  );
});

test("too many rules or windows for one contract are refused with their number", () => {
  const many: CompactTariff["elements"] = Array.from({ length: 33 }, (_, place) => [
    [`ENERGY 0.${place + 10}`],
    { min_kwh: place, max_kwh: place + 1 },
  ]);
  assert.match(refusalOf({ elements: many }), /^elements: make 33 rules, 32 is the most/);
  assert.is(refusalOf({ elements: many.slice(1) }), "compiled");
  const hourly: CompactTariff["elements"] = Array.from({ length: 12 }, (_, hour) => [
    ["ENERGY 0.2"],
    { start_time: clockTime(hour), end_time: clockTime(hour).replace(":00", ":30") },
  ]);
  assert.match(refusalOf({ elements: hourly }, { until: MONDAY + 12 * DAY }), /takes \d+ bytes, 1536 is the most/);
});

/** The runtime rounds these as shops do; ISO 4217 gives them two digits, the dinar of Iraq three. */
const ROUNDED_IN_SHOPS = new Set("AFN ALL COP HUF IDR IQD IRR KPW LAK LBP MGA MMK PKR SOS SYP YER".split(" "));

test("currencies have the digits of the runtime's table", () => {
  assert.equal(["JPY", "EUR", "KWD", "CLF", "", "eur"].map(currencyDigitsOf), [
    0,
    2,
    3,
    undefined,
    undefined,
    undefined,
  ]);
  for (const code of knownCurrencies()) {
    const { maximumFractionDigits } = new Intl.NumberFormat("en", {
      style: "currency",
      currency: code,
    }).resolvedOptions();
    if (!ROUNDED_IN_SHOPS.has(code)) assert.is(currencyDigitsOf(code), maximumFractionDigits, code);
  }
  assert.ok(knownCurrencies().length > 140);
});

test("a simple tariff is sound, its last band without end", () => {
  const tariff = simpleTariff({
    bands: [
      [0, 3600, 450_000],
      [3600, 7200, 390_000],
    ],
    ...{ taxPpm: 190_000, startMicro: 500_000, chargingMicroPerHour: 0, parkingMicroPerHour: 6_000_000 },
  });
  assert.ok(checkTariff(tariff).ok);
  assert.equal(
    tariff.rules.map(({ dimension, durationSeconds }) => [dimension, durationSeconds]),
    [
      ["FLAT", undefined],
      ["ENERGY", [0, 3600]],
      ["ENERGY", [3600, null]],
      ["PARKING_TIME", undefined],
    ],
  );
});

test.run();

function clockTime(hour: number): string {
  return `${String(hour).padStart(2, "0")}:00`;
}
