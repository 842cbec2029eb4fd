/** Likely causes of a difference: the right one first, none for honest charges, and never a throw. */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { diagnose } from "#core/comparison/diagnose.ts";
import { CAUSE_CODES, type Cause } from "#core/comparison/diagnosis.ts";
import type { ChargeFacts } from "#core/session/charge-facts.ts";
import { batteryTerms, chargeOf, inletTerms, ramp } from "#test/builders/charge-facts.ts";
import { diagnosisRows } from "#test/builders/comparison-rows.ts";
import { physicsCauses } from "#test/builders/comparison-physics.ts";

const test = suite("diagnose");
const WH = 1_000;
const CHARGES = 60;

for (const row of diagnosisRows(CHARGES, "unit")) {
  test(`${row.name}: named first in at least 9 of 10 of ${CHARGES}, nothing of honest charges`, () => {
    const found = [...row.first.entries()].map(([code, share]) => `${code} ${share.toFixed(3)}`).join(", ");
    assert.ok(row.right >= (row.quiet ? 0.999 : 0.9), found);
  });
}

test("cars of the bench's physics, honest ones: a loss or nothing; heated ones: a consumption beside the battery", () => {
  for (const { scenario, causes } of physicsCauses(
    ["2.3 kW", "11 kW", "solar", "paused", "heated", "50 kW direct"],
    3,
  )) {
    const code = causes[0]?.code;
    const isQuiet = code === undefined || code === "charging-loss";
    assert.ok(isQuiet || (scenario === "heated" && code === "standing-consumption"), `${scenario}: ${code ?? ""}`);
  }
});

test("57.42 kWh at the station and 51.50 kWh at the battery are plain charging loss", () => {
  const charge = chargeOf({
    terms: batteryTerms(),
    stationFinal: 57_420 * WH,
    vehicleFinal: 51_500 * WH,
    finalMs: 19_000_000,
  });
  const { comparability, causes, unexplainedMilliWh } = diagnose(charge);
  assert.equal([comparability, unexplainedMilliWh], ["comparable", 0]);
  const [loss] = causes;
  assert.ok(loss?.code === "charging-loss");
  assert.equal([loss.lossPpm, loss.isAgreed, loss.plausiblePpm], [103_100, true, [50_000, 120_000]]);
});

test("facts of one side are not comparable; a few Wh are too little", () => {
  assert.is(
    diagnose(chargeOf({ station: ramp(20, 180 * WH), stationFinal: 3_600 * WH })).comparability,
    "not-comparable",
  );
  assert.is(diagnose(chargeOf({})).comparability, "not-comparable");
  assert.is(diagnose(chargeOf({ station: ramp(5, 10 * WH), vehicle: ramp(5, 1 * WH) })).comparability, "too-little");
});

test("a jump is named with its interval, its size and whose it is", () => {
  const honest = ramp(30, 350 * WH);
  const station = honest.map((energy, index) => energy + (index >= 12 ? 5_000 * WH : 0));
  const jump = firstOf({ station, vehicle: shareOf(honest, 0.985) });
  assert.ok(jump.code === "counter-jump");
  assert.equal([jump.firstIndex, jump.lastIndex, jump.side], [11, 12, "station"]);
  assert.ok(Math.abs(jump.jumpMilliWh - 5_000 * WH) < 100 * WH, String(jump.jumpMilliWh));
});

test("a register that was seen to fall has been reset, and by how much it fell is told", () => {
  const honest = ramp(29, 350 * WH);
  const start = 5_000_000 * WH;
  // The ledger takes no such report; a file of somebody else's may hold it.
  const station = honest.map((energy, index) => (index < 15 ? energy : energy - 15 * 350 * WH - start));
  const reset = firstOf({ station, vehicle: shareOf(honest, 0.985), start: [start, 0] });
  assert.ok(reset.code === "counter-reset");
  assert.equal([reset.side, reset.firstIndex >= 12, reset.lastIndex], ["station", true, 29]);
  assert.ok(Math.abs(reset.fellMilliWh - start - 14 * 350 * WH) < 1_000 * WH);
});

test("a register that falls in every report counts backwards: its transformer is reversed", () => {
  const honest = ramp(29, 350 * WH);
  const station = honest.map((_, index) => -Math.floor(index / 5) * 1_750 * WH);
  const reversed = firstOf({ station, vehicle: shareOf(honest, 0.985), start: [5_000_000 * WH, 0] });
  assert.equal([reversed.code, reversed.side], ["reversed-transformer", "station"]);
});

test("a third at the station is one phase of three, or three of which one is reversed", () => {
  const honest = ramp(40, 180 * WH);
  const charge = chargeOf({ terms: inletTerms(), station: shareOf(honest, 1 / 3), vehicle: shareOf(honest, 0.985) });
  const { causes } = diagnose(charge);
  assert.equal(
    causes.slice(0, 2).map(({ code, side }) => [code, side]),
    [
      ["lost-phase", "station"],
      ["reversed-transformer", "station"],
    ],
  );
});

test("kWh taken for Wh points at the side that cannot have been charged with so little", () => {
  const honest = ramp(40, 180 * WH);
  const factor = firstOf({ station: honest, vehicle: shareOf(honest, 0.000985) });
  assert.ok(factor.code === "factor-1000");
  assert.equal([factor.exponent, factor.side], [-3, "vehicle"]);
  const power = firstOf({ station: shareOf(honest, 1000), vehicle: shareOf(honest, 0.985) });
  assert.ok(power.code === "factor-1000");
  assert.equal([power.exponent, power.side], [-3, "station"]);
});

test("a register that stood still for some readings and caught up has lost nothing", () => {
  const honest = ramp(40, 350 * WH);
  const vehicle = shareOf(honest, 0.985).map((energy, index, all) =>
    index > 20 && index < 24 ? (all[20] ?? 0) : energy,
  );
  const { causes } = diagnose(chargeOf({ station: honest, vehicle }));
  assert.equal(
    causes.map(({ code }) => code),
    ["charging-loss"],
  );
});

test("more is lost than was agreed, but no more than cars lose: a loss, not agreed", () => {
  const terms = batteryTerms({ lossPpm: [40_000, 50_000], tolerancePpm: 40_000 });
  const loss = firstOf({ terms, station: ramp(120, 180 * WH), vehicle: ramp(120, 153 * WH), ...finals(120, 180, 153) });
  assert.ok(loss.code === "charging-loss");
  assert.not.ok(loss.isAgreed);
});

test("any facts of the shapes have a diagnosis in safe integers, in bounded time", () => {
  const energy = fc.oneof(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }));
  const log = fc.array(energy, { maxLength: 60 }).map((values) => values.sort((left, right) => left - right));
  const ppm = fc.integer({ min: 0, max: 1_000_000 });
  const anyTerms = fc.record({
    mpePpm: fc.tuple(ppm, ppm),
    lossPpm: fc.tuple(ppm, ppm),
    tolerancePpm: ppm,
    powerMaxW: fc.integer({ min: 1, max: 1_000_000 }),
    resolutionMilliWh: fc.tuple(energy, energy),
    readingIntervalSeconds: fc.integer({ min: 1, max: 3600 }),
  });
  fc.assert(
    fc.property(anyTerms, log, log, fc.option(energy), (changes, station, vehicle, final) => {
      const ends = final === null ? {} : { stationFinal: final, vehicleFinal: Math.floor(final / 3) };
      const diagnosis = diagnose(chargeOf({ terms: inletTerms(changes), station, vehicle, ...ends }));
      assert.ok(Number.isSafeInteger(diagnosis.unexplainedMilliWh));
      for (const cause of diagnosis.causes) assertSafe(cause);
    }),
    { numRuns: 300 },
  );
});

test("the order of arrival and repetitions change nothing", () => {
  const honest = ramp(60, 180 * WH);
  const charge = chargeOf({ station: shareOf(honest, 0.667), vehicle: shareOf(honest, 0.985) });
  const shuffled: ChargeFacts = {
    ...charge,
    reports: {
      station: [...charge.reports.station].reverse(),
      vehicle: [...charge.reports.vehicle, ...charge.reports.vehicle],
    },
  };
  assert.equal(diagnose(shuffled), diagnose(charge));
});

test("every cause has a code that others can list", () => {
  assert.is(new Set(CAUSE_CODES).size, 10);
});

test.run();

function firstOf(story: Parameters<typeof chargeOf>[0]): Cause {
  const [first] = diagnose(chargeOf(story)).causes;
  if (first === undefined) throw new Error("nothing was named");
  return first;
}

function shareOf(energies: readonly number[], share: number): readonly number[] {
  return energies.map((energy) => Math.floor(energy * share));
}

function finals(readings: number, station: number, vehicle: number): { stationFinal: number; vehicleFinal: number } {
  return { stationFinal: readings * station * WH, vehicleFinal: readings * vehicle * WH };
}

function assertSafe(cause: Cause): void {
  const figures: readonly unknown[] = Object.values(cause);
  for (const figure of figures.flat()) {
    if (typeof figure === "number") assert.ok(Number.isSafeInteger(figure), `${cause.code} ${figure}`);
  }
  assert.ok(cause.fitPpm >= 0 && cause.fitPpm <= 1_000_000);
}
