/** A charge from reading to reading, judged by the rule of the whole with the uncertainty of so little energy. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { compareIntervals, INTERVALS_MAX } from "#core/comparison/compare-intervals.ts";
import { commonReadings } from "#core/comparison/matched-readings.ts";
import { agreementUncertainty } from "#core/contract/agreement-uncertainty.ts";
import { judgePart } from "#core/session/judge-agreement.ts";
import { batteryTerms, chargeOf, inletTerms, ramp } from "#test/builders/charge-facts.ts";

const test = suite("compare-intervals");
const WH = 1_000;

test("neighbouring common readings are compared, with the contract's start and the completions as ends", () => {
  const station = [2 * WH, 185 * WH, 368 * WH];
  const charge = chargeOf({
    station,
    vehicle: [0, 180 * WH, 362 * WH],
    stationFinal: 370 * WH,
    vehicleFinal: 364 * WH,
  });
  const found = compareIntervals(charge);
  assert.equal(
    found.map(({ fromIndex, toIndex, stationMilliWh, vehicleMilliWh }) => [
      ...[fromIndex, toIndex],
      ...[stationMilliWh / WH, vehicleMilliWh / WH],
    ]),
    [
      [-1, 0, 2, 0],
      [0, 1, 183, 180],
      [1, 2, 183, 182],
      [2, 3, 2, 2],
    ],
  );
  assert.is(found[1]?.expectedMilliWh, Math.floor(183 * WH * 0.985));
});

test("readings of one side alone are not compared", () => {
  assert.equal(compareIntervals(chargeOf({ station: ramp(10, 180 * WH) })), []);
  assert.equal(commonReadings(chargeOf({ vehicle: ramp(10, 180 * WH), vehicleFinal: 1_800 * WH })), []);
  const charge = chargeOf({ station: ramp(4, 180 * WH), vehicle: ramp(9, 175 * WH) });
  assert.equal(
    commonReadings(charge).map(({ index }) => index),
    [-1, 0, 1, 2, 3, 4],
  );
});

test("an interval has two ends at which clocks can be off: its uncertainty is larger, and there is no least quantity", () => {
  const terms = inletTerms();
  const [whole, part] = [agreementUncertainty(terms, 300 * WH), agreementUncertainty(terms, 300 * WH, 2)];
  assert.ok(part.expandedPpm > whole.expandedPpm);
  assert.is(part.parts.alignmentPpm, Math.ceil((12_223 / 300_000 / Math.sqrt(3)) * Math.SQRT2 * 1e6));
  const judged = judgePart(terms, 300 * WH, 295 * WH);
  assert.equal([judged.minimumQuantityMilliWh, judged.reason === "MMQ"], [0, false]);
});

test("an interval too small for its registers and clocks is called not capable, whatever it shows", () => {
  const charge = chargeOf({ station: [0, 20 * WH], vehicle: [0, 12 * WH] });
  assert.is(compareIntervals(charge).at(-1)?.judgement.verdict, "NOT-CAPABLE");
});

test("one interval with 5 kWh too many is found among others in agreement", () => {
  const honest = ramp(30, 360 * WH);
  const jumped = honest.map((energy, index) => energy + (index >= 12 ? 5_000 * WH : 0));
  const vehicle = honest.map((energy) => Math.floor(energy * 0.985));
  const found = compareIntervals(chargeOf({ station: jumped, vehicle }));
  const odd = found.filter(({ judgement }) => judgement.verdict === "DISAGREE");
  assert.equal(
    odd.map(({ fromIndex, toIndex, judgement }) => [fromIndex, toIndex, judgement.reason]),
    [[11, 12, "VEHICLE-FAR-BELOW"]],
  );
});

test("where little flows the car's own use is expected to weigh more", () => {
  // 10 kW, then 1 kW of which 300 W go to the car itself.
  const station = [0, 167, 334, 501, 518, 535].map((energy) => energy * WH);
  const vehicle = [0, 153, 306, 459, 469, 479].map((energy) => energy * WH);
  const found = compareIntervals(chargeOf({ terms: batteryTerms(), station, vehicle }));
  const [full, little] = [found.at(1), found.at(-1)];
  assert.ok(full !== undefined && little !== undefined);
  assert.is(full.judgement.expectedRatioPpm, 915_000);
  assert.ok(little.judgement.expectedRatioPpm < 800_000);
  assert.not.equal(little.judgement.verdict, "DISAGREE");
});

test("a charge of weeks is compared in a bounded number of intervals, and all of its energy", () => {
  const readings = 12_000;
  const found = compareIntervals(chargeOf({ station: ramp(readings, 100 * WH), vehicle: ramp(readings, 98 * WH) }));
  assert.ok(found.length <= INTERVALS_MAX + 1);
  assert.is(
    found.reduce((sum, { stationMilliWh }) => sum + stationMilliWh, 0),
    readings * 100 * WH,
  );
});

test.run();
