/** What an OCPI tariff may say, and what is refused of it, where and why. */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readOcpiTariff } from "#tariffs/read-ocpi-tariff.ts";
import { ocpiObject, type CompactElement } from "#test/builders/ocpi-objects.ts";

const test = suite("reading OCPI tariffs");
const ENERGY: CompactElement = [["ENERGY 0.25 vat 10"]];

function refusalOf(object: unknown, version?: "2.2.1" | "2.3.0"): string {
  const read = readOcpiTariff(object, version);
  return read.ok ? "read" : `${read.fault.path}: ${read.fault.reason}`;
}

const whole = (rest: Record<string, unknown>): unknown => ocpiObject({ elements: [ENERGY], rest });
/** Without the field that only 2.3.0 has. */
function ofOldVersion(rest: Record<string, unknown>): Record<string, unknown> {
  const fields = Object.entries(ocpiObject({ elements: [ENERGY], rest }));
  return Object.fromEntries(fields.filter(([name]) => name !== "tax_included"));
}

const element = (components: readonly string[], restrictions?: Record<string, unknown>): unknown =>
  ocpiObject({ elements: [restrictions === undefined ? [components] : [components, restrictions]] });
const restricted = (restrictions: Record<string, unknown>): unknown => element(["ENERGY 0.25"], restrictions);

test("numbers are kept exactly: prices to the millionth, tax to the ppm, energies to the mWh", () => {
  const read = readOcpiTariff(
    ocpiObject({
      elements: [[["ENERGY 0.123456 vat 5.2001 step 100"], { min_kwh: 1.000001, max_power: 43.5, min_current: 6.5 }]],
    }),
  );
  assert.ok(read.ok);
  const [first] = read.value.elements;
  assert.equal(first?.components, [{ type: "ENERGY", microPrice: 123_456, taxPpm: 52_001, stepSize: 100 }]);
  assert.equal(first?.restrictions, { minMilliWh: 1_000_001, maxW: 43_500, minMilliA: 6500 });
});

test("times, dates and days are read, midnight as the end of the day", () => {
  const read = readOcpiTariff(
    restricted({
      start_time: "22:15",
      end_time: "00:00",
      start_date: "2026-02-28",
      end_date: "2026-03-01",
      day_of_week: ["SUNDAY"],
    }),
  );
  assert.ok(read.ok);
  assert.equal(read.value.elements[0]?.restrictions, {
    ...{ startMinute: 1335, endMinute: 1440, startDay: 20_512, endDay: 20_513 },
    weekdays: new Set([6]),
  });
});

test("2.2.1 has prices without tax, 2.3.0 says whether they are", () => {
  const read = readOcpiTariff(ofOldVersion({ min_price: { excl_vat: 1, incl_vat: 1.1 } }));
  assert.ok(read.ok);
  assert.equal([read.value.version, read.value.taxIncluded], ["2.2.1", "no"]);
  assert.equal(read.value.minPrice, { beforeTax: 1_000_000, withTax: 1_100_000 });
  const words = (["NO", "YES", "N/A"] as const).map((word) => {
    const modern = readOcpiTariff(ocpiObject({ elements: [[["ENERGY 1"]]], rest: { tax_included: word } }));
    return modern.ok ? modern.value.taxIncluded : "refused";
  });
  assert.equal(words, ["no", "yes", "none"]);
});

const REFUSED: readonly (readonly [claim: string, object: unknown, refusal: RegExp])[] = [
  ["no object", [], /^: must be an object/],
  ["a field that is not known", whole({ surcharge: 1 }), /^surcharge: is not known/],
  ["no currency", whole({ currency: undefined, id: "x" }), /^currency: /],
  ["a currency that is not known", whole({ currency: "QQQ" }), /^currency: QQQ is not known/],
  ["a currency with four digits", whole({ currency: "CLF" }), /^currency: CLF is not known/],
  ["a word for tax that is not known", whole({ tax_included: "MAYBE" }), /^tax_included: must be one of NO, YES, N\/A/],
  ["a bound of 2.2.1 in 2.3.0", whole({ min_price: { excl_vat: 1 } }), /^min_price\.excl_vat: is not known/],
  ["less with tax than without", whole({ max_price: { before_taxes: 2, after_taxes: 1 } }), /^max_price\.after_taxes/],
  ["a bound below zero", whole({ min_price: { before_taxes: -1 } }), /^min_price\.before_taxes: is negative/],
  ["no elements", whole({ elements: [] }), /^elements: is empty/],
  [
    "an element without components",
    whole({ elements: [{ price_components: [] }] }),
    /^elements\[0\]\.price_components: is empty/,
  ],
  [
    "an end before the start",
    whole({ start_date_time: "2026-02-01T00:00:00Z", end_date_time: "2026-01-01T00:00:00Z" }),
    /^end_date_time/,
  ],
  ["a time with an offset", whole({ end_date_time: "2026-02-01T00:00:00+01:00" }), /^end_date_time: must be/],
  ["the 30th of February", whole({ end_date_time: "2026-02-30T00:00:00Z" }), /^end_date_time: must be/],
  ["a price below zero", element(["ENERGY -0.1"]), /price_components\[0\]\.price: is negative/],
  ["a price with seven digits", element(["ENERGY 0.1234567"]), /price: 0\.1234567 has more than 6 digits/],
  ["a price that a float could not hold", element(["ENERGY 0.30000000000000004"]), /price: .* more than 6 digits/],
  ["a tiny price as an exponent", element(["ENERGY 1e-7"]), /price: 1e-7 has more than 6 digits/],
  ["a price beyond a million", element(["FLAT 1000001"]), /price: 1000001 is too large/],
  ["no price at all", element(["ENERGY"]), /price: must|read/],
  ["a tax above 100 %", element(["ENERGY 1 vat 100.1"]), /vat: 100\.1 is too large/],
  [
    "a tax where none applies",
    ocpiObject({ elements: [ENERGY], rest: { tax_included: "N/A" } }),
    /^elements\[0\]\.price_components\[0\]\.vat/,
  ],
  ["a step of 0", element(["ENERGY 1 step 0"]), /step_size: is 0/],
  ["half a step", element(["TIME 1 step 0.5"]), /step_size: 0\.5 has more than 0 digits/],
  ["a kind of price that is not known", element(["CO2 1"]), /type: must be one of/],
  ["two prices of one kind", element(["TIME 1", "TIME 2"]), /price_components\[1\]\.type: has a second TIME/],
  ["a restriction that is not known", restricted({ min_soc: 20 }), /restrictions\.min_soc: is not known/],
  ["a time of 24:00", restricted({ end_time: "24:00" }), /end_time: must be hours:minutes/],
  ["a time without leading zero", restricted({ start_time: "9:00" }), /start_time: must be hours:minutes/],
  ["an end that is the start", restricted({ start_time: "09:00", end_time: "09:00" }), /end_time: is the start time/],
  [
    "the last day before the first",
    restricted({ start_date: "2026-01-02", end_date: "2026-01-02" }),
    /end_date: is not after/,
  ],
  ["a day that is not", restricted({ start_date: "2026-02-29" }), /start_date: is no day/],
  ["a weekday in another language", restricted({ day_of_week: ["MONTAG"] }), /day_of_week: must be of/],
  ["a range without room", restricted({ min_kwh: 5, max_kwh: 5 }), /max_kwh: is not above/],
  ["a most of 0", restricted({ max_duration: 0 }), /max_duration: is 0/],
  ["a duration of half a second", restricted({ min_duration: 0.5 }), /min_duration: 0\.5 has more than 0 digits/],
  ["power to the tenth of a watt", restricted({ min_power: 7.4005 }), /min_power: .* more than 3 digits/],
  ["a reservation of energy", restricted({ reservation: "RESERVATION" }), /type: a reservation has TIME and FLAT only/],
  [
    "a reservation by power",
    element(["TIME 1"], { reservation: "RESERVATION", min_power: 1 }),
    /restrictions: restricts a reservation/,
  ],
  [
    "a kind of reservation that is not known",
    element(["TIME 1"], { reservation: "BOOKED" }),
    /reservation: must be one of/,
  ],
];

for (const [claim, object, refusal] of REFUSED) {
  test(`refused: ${claim}`, () => {
    assert.match(refusalOf(object), refusal);
  });
}

test("refused: tax_included missing in 2.3.0, also where only its bounds say that it is 2.3.0", () => {
  const object = ofOldVersion({});
  assert.match(refusalOf(object, "2.3.0"), /^tax_included: is missing/);
  assert.match(refusalOf({ ...object, max_price: { before_taxes: 1 } }), /^tax_included: is missing/);
  assert.is(refusalOf(object), "read");
  assert.match(refusalOf(ocpiObject({ elements: [ENERGY] }), "2.2.1"), /^tax_included: is not a field/);
});

test("a null is a field that is absent, and a FLAT has no step", () => {
  assert.is(refusalOf(whole({ min_price: null, tariff_alt_text: null })), "read");
  assert.is(refusalOf(element(["FLAT 1 step 0"])), "read");
  assert.is(refusalOf(element(["FLAT 1 step 77"])), "read");
});

test("whatever JSON comes, it is read or refused and never throws", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      readOcpiTariff(value);
    }),
  );
  const spoiled = fc.tuple(
    fc.constantFrom("elements", "min_price", "currency", "start_date_time", "id"),
    fc.jsonValue(),
  );
  fc.assert(
    fc.property(spoiled, ([name, value]) => {
      readOcpiTariff(whole({ [name]: value }));
    }),
  );
  const names = ["start_time", "end_date", "day_of_week", "min_kwh", "max_power", "reservation", "min_duration"];
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...names), fc.jsonValue()), (restrictions) => {
      readOcpiTariff(restricted(restrictions));
    }),
  );
});

test.run();
