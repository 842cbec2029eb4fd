/**
 * Prices a second of CPU: sessions of 40 intervals by tariffs from the plainest to the largest, and the compilation of
 * an OCPI tariff. `node test/bench/tariff-price.bench.ts [ROUNDS]`
 */
import { openTimeZone } from "#adapters/time-zone/intl-time-zone.ts";
import { priceSession, type Course } from "#core/tariff/price-session.ts";
import { tariff as tariffShape, type Tariff } from "#core/tariff/tariff-terms.ts";
import { encodeShape } from "#core/wire/schema.ts";
import { compileTariff } from "#tariffs/compile-tariff.ts";
import { readOcpiTariff } from "#tariffs/read-ocpi-tariff.ts";
import { ocpiObject, type CompactTariff } from "#test/builders/ocpi-objects.ts";
import { perKwh } from "#test/builders/tariffs.ts";

const ROUND_MS = 300;
/** 2026-06-01T00:00Z, a Monday. */
const MONDAY = 1_780_272_000;

const TIME_OF_DAY: CompactTariff = {
  elements: [
    [["ENERGY 0.29 vat 19", "PARKING_TIME 4 vat 19 step 60"], { start_time: "22:00", end_time: "06:00" }],
    [["ENERGY 0.59 vat 19", "PARKING_TIME 6 vat 19 step 60"]],
    [["FLAT 0.5 vat 19"]],
  ],
};
const BY_ALL: CompactTariff = {
  elements: Array.from({ length: 9 }, (_, place) => [
    [`ENERGY 0.${20 + place} vat 19`, `TIME ${1 + place} vat 19 step 60`, `PARKING_TIME ${2 + place} vat 19`],
    { start_time: `0${place}:00`, end_time: `1${place}:30`, max_power: 50 + place, max_kwh: 3 + 3 * place },
  ]),
};

const zone = openTimeZone("Europe/Amsterdam");
if (!zone.ok) throw new Error("bug: the runtime has no time zones");
const timeZone = zone.value;
const rounds = Number(process.argv[2] ?? 5);
const candidates = [
  { name: "one price a kWh", tariff: perKwh(450_000), course: courseOf(40) },
  { name: "time of day, parking, start fee", tariff: compiled(TIME_OF_DAY), course: courseOf(40) },
  { name: "27 rules by hour, power and energy", tariff: compiled(BY_ALL), course: courseOf(40) },
  { name: "the same over a day of minutes", tariff: compiled(BY_ALL), course: courseOf(1440) },
];

for (const { name, tariff, course } of candidates) {
  const rate = best(() => priceSession({ tariff, currencyDigits: 2 }, course));
  const bytes = encodeShape(tariffShape, tariff).length;
  const intervals = String(course.points.length - 1).padStart(4);
  console.log(`price, ${name.padEnd(36)} ${intervals} intervals, ${String(bytes).padStart(4)} bytes  ${rate}/CPU-s`);
}
console.log(`compile, time of day for a day${" ".repeat(40)} ${best(() => compiled(TIME_OF_DAY))}/CPU-s`);

function compiled(compact: CompactTariff): Tariff {
  const read = readOcpiTariff(ocpiObject(compact));
  if (!read.ok) throw new Error(`${read.fault.path}: ${read.fault.reason}`);
  const tariff = compileTariff(read.value, { from: MONDAY, until: MONDAY + 100_000, timeZone, currencyDigits: 2 });
  if (!tariff.ok) throw new Error(`${tariff.fault.path}: ${tariff.fault.reason}`);
  return tariff.value;
}

/** Minutes at some 11 kW, never the same, then an hour of parking. */
function courseOf(minutes: number): Course {
  let milliWh = 0;
  const points = Array.from({ length: minutes + 1 }, (_, index) => ({
    atMs: index * 60_000,
    milliWh: index === 0 ? 0 : (milliWh += 180_000 + ((index * 7919) % 5000)),
  }));
  const chargingEndMs = minutes * 60_000;
  return { startedAt: MONDAY + 18_000, points, chargingEndMs, endMs: chargingEndMs + 3_600_000 };
}

/** Calls a second of this process's CPU time, the best of the rounds. */
function best(call: () => unknown): string {
  const rates = Array.from({ length: rounds }, () => {
    const end = performance.now() + ROUND_MS;
    const before = process.cpuUsage();
    let calls = 0;
    while (performance.now() < end) {
      call();
      calls += 1;
    }
    const { user, system } = process.cpuUsage(before);
    return (calls * 1e6) / (user + system);
  });
  return Math.max(...rates)
    .toFixed(0)
    .padStart(7);
}
