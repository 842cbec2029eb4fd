/**
 * Every session that OCPI works out, by our reader, compiler and price. Prints the table of what the text says and what
 * we compute.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openTimeZone } from "#adapters/time-zone/intl-time-zone.ts";
import { PARTS_PER_UNIT, priceSession, type Course, type Price } from "#core/tariff/price-session.ts";
import type { Tariff } from "#core/tariff/tariff-terms.ts";
import type { TimeZone } from "#hal/ports/time-zone.ts";
import { dayNumberOf } from "#tariffs/civil-date.ts";
import { compileTariff } from "#tariffs/compile-tariff.ts";
import { readOcpiTariff } from "#tariffs/read-ocpi-tariff.ts";
import { AMSTERDAM } from "#test/builders/fixed-zones.ts";
import { ocpiObject } from "#test/builders/ocpi-objects.ts";
import { WORKED_EXAMPLES, type WorkedExample, type WorkedSession } from "./ocpi-sessions.ts";

const folder = fileURLToPath(new URL("../../../shared/data/ocpi/", import.meta.url));
const hasPublished = existsSync(folder);
const test = suite("OCPI tariffs");

test("every worked example of the text comes out as it says", () => {
  const rows = WORKED_EXAMPLES.map((example) => {
    const price = priceOf(example, ocpiObject(example.tariff));
    const [before, after] = example.follows ?? example.expected;
    assert.is(rounded(price, "beforeTax", before), before, example.title);
    if (after !== undefined) assert.is(rounded(price, "withTax", after), after, example.title);
    const found = `${rounded(price, "beforeTax", before)} / ${rounded(price, "withTax", after ?? before)}`;
    const printed = example.expected.join(" / ");
    const verdict = example.follows === undefined ? "equal" : "text errs";
    return `${example.title.padEnd(62)} ${printed.padEnd(16)} ${found.padEnd(18)} ${verdict}`;
  });
  console.log(["", "session".padEnd(63) + "text".padEnd(17) + "computed", ...rows].join("\n"));
});

test("what is paid is the exact amount, rounded once to the cent", () => {
  for (const example of WORKED_EXAMPLES) {
    const price = priceOf(example, ocpiObject(example.tariff));
    assert.is(price.minorUnits, Number(rounded(price, "withTax", "0.00").replace(".", "")), example.title);
  }
});

if (hasPublished) {
  test("the published objects compile to the same tariffs as our compact ones", () => {
    let compared = 0;
    for (const example of WORKED_EXAMPLES) {
      if (example.file === undefined) continue;
      const published = compiled(publishedObject(example.file), example.session);
      assert.equal(published, compiled(ocpiObject(example.tariff), example.session), example.title);
      compared += 1;
    }
    assert.ok(compared >= 25, `only ${compared}`);
  });

  test("every published tariff object is read", () => {
    const files = readdirSync(folder).filter((name) => name.startsWith("tariff") && name.endsWith(".json"));
    assert.ok(files.length >= 20, `only ${files.length}`);
    for (const file of files) {
      const read = readOcpiTariff(publishedObject(file.slice(0, -".json".length)), "2.3.0");
      assert.ok(read.ok, read.ok ? "" : `${file}: ${read.fault.path} ${read.fault.reason}`);
    }
  });

  test("the published CDR's tariff lacks tax_included: refused as 2.3.0, as 2.2.1 it gives the CDR's amounts", () => {
    const cdr = publishedObject("cdr_example") as { readonly tariffs: readonly unknown[] };
    const refused = readOcpiTariff(cdr.tariffs[0], "2.3.0");
    assert.is(refused.ok ? "" : refused.fault.path, "tax_included");
    // 17:39:09 to 19:37:32 are 118 min 23 s.
    const session: WorkedSession = { start: [2024, 12, 5, 18, 39], charge: [[118 + 23 / 60, 15.342]] };
    const tariff = compiled(cdr.tariffs[0], session);
    const price = priceSession({ tariff, currencyDigits: 2 }, courseOf(session));
    assert.equal([price.minorUnitsBeforeTax, price.minorUnits], [400, 440]);
  });
} else {
  console.log("no published OCPI objects beside the checkout: only our own form of them is priced");
  test.skip("the published objects compile to the same tariffs as our compact ones");
}

/** 0.20 from 23:00 to 06:00, else 0.30; a charge at 1 kW over the whole day. */
const NIGHT_AND_DAY = ocpiObject({
  elements: [[["ENERGY 0.2"], { start_time: "23:00", end_time: "06:00" }], [["ENERGY 0.3"]]],
});
const DAYS = [
  { title: "a day of 24 hours", day: [2026, 6, 1], hours: 24, night: 7 },
  { title: "the day of 23 hours", day: [2026, 3, 29], hours: 23, night: 6 },
  { title: "the day of 25 hours", day: [2026, 10, 25], hours: 25, night: 8 },
] as const;

const zones: readonly TimeZone[] = [AMSTERDAM, zoneOf("Europe/Amsterdam")];
for (const { title, day, hours, night } of DAYS) {
  test(`${title} in Amsterdam has ${night} hours of night price`, () => {
    for (const zone of zones) {
      const session: WorkedSession = { start: [...day, 0, 0], charge: [[hours * 60, hours]] };
      const tariff = compiled(NIGHT_AND_DAY, session, zone);
      const { lines } = priceSession({ tariff, currencyDigits: 2 }, courseOf(session, zone));
      const atNight = lines.filter(({ microPrice }) => microPrice === 200_000);
      const sum = atNight.reduce((total, { quantity }) => total + quantity, 0);
      assert.is(sum, night * 1_000_000, zone.name);
      assert.equal([lines.length, atNight.length], [3, 2]);
    }
  });
}

test.run();

function priceOf(example: WorkedExample, object: unknown): Price {
  const tariff = compiled(object, example.session);
  return priceSession({ tariff, currencyDigits: 2 }, courseOf(example.session));
}

function compiled(object: unknown, session: WorkedSession, zone = AMSTERDAM): Tariff {
  const read = readOcpiTariff(object);
  if (!read.ok) throw new Error(`${read.fault.path}: ${read.fault.reason}`);
  const startedAt = startOf(session, zone);
  const tariff = compileTariff(read.value, {
    from: startedAt - 2 * 3600,
    until: startedAt + 30 * 3600,
    timeZone: zone,
    currencyDigits: read.value.currencyDigits,
    voltageV: 230,
  });
  if (!tariff.ok) throw new Error(`${tariff.fault.path}: ${tariff.fault.reason}`);
  return tariff.value;
}

function courseOf(session: WorkedSession, zone = AMSTERDAM): Course {
  const { charge, parkedMinutes = 0, reservedMinutes } = session;
  let [atMs, milliWh] = [0, 0];
  const points = charge.map(([minutes, kwh]) => ({
    atMs: (atMs += Math.round(minutes * 60_000)),
    milliWh: (milliWh += Math.round(kwh * 1_000_000)),
  }));
  const phase = charge.length === 0 ? "reservation-expired" : "reservation";
  const reservations =
    reservedMinutes === undefined ? [] : [{ phase, fromMs: -reservedMinutes * 60_000, toMs: 0 } as const];
  const endMs = atMs + Math.round(parkedMinutes * 60_000);
  return { startedAt: startOf(session, zone), points, chargingEndMs: atMs, endMs, reservations };
}

function startOf({ start = [2026, 6, 1, 12, 0] }: WorkedSession, zone: TimeZone): number {
  const [year, month, day, hour, minute] = start;
  const local = (dayNumberOf(year, month, day) ?? 0) * 86_400 + hour * 3600 + minute * 60;
  // The starts here are not near a change of the clock.
  return local - zone.offsetSecondsAt(local - 3600);
}

/** The exact amount in as many digits as the text has, halves away from zero. */
function rounded(price: Price, side: "beforeTax" | "withTax", like: string): string {
  const parts = price.lines.reduce((sum, line) => sum + line[side], price.bound?.[side] ?? 0n);
  const digits = like.split(".")[1]?.length ?? 0;
  const unit = PARTS_PER_UNIT / 10n ** BigInt(digits);
  const text = String((2n * parts + unit) / (2n * unit)).padStart(digits + 1, "0");
  return `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

function zoneOf(name: string): TimeZone {
  const zone = openTimeZone(name);
  if (!zone.ok) throw new Error(`${zone.fault.name} is not a time zone`);
  return zone.value;
}

function publishedObject(name: string): unknown {
  return JSON.parse(readFileSync(`${folder}${name}.json`, "utf8")) as unknown;
}
