/** The power of both meters from their signed readings, and where it stands in the picture. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { powerChart, type ChartFrame } from "#records/power-chart.ts";
import { powerCurve, type PowerCurve } from "#records/power-curve.ts";
import { batteryTerms, chargeOf, ramp } from "#test/builders/charge-facts.ts";

const test = suite("power curve");

/** 11 kW is 183,333 mWh a minute. */
const MINUTE = 183_333;

test("a steady charge is a steady line at its power, of both meters", () => {
  const vehicle = ramp(60, 168_000);
  const curve = curveOf({ station: ramp(60, MINUTE), vehicle, stationFinal: 60 * MINUTE, vehicleFinal: 60 * 168_000 });
  assert.is(curve.stepMs, 60_000);
  assert.equal([...new Set(curve.watts.station.slice(0, 60))], [11_000]);
  assert.equal([...new Set(curve.watts.vehicle.slice(0, 60))], [10_080]);
});

test("energy under the curve is the energy that was signed", () => {
  const station = Array.from({ length: 90 }, (_, minute) => Math.round(MINUTE * minute - 300 * minute * minute));
  const curve = curveOf({
    station,
    vehicle: station,
    stationFinal: station.at(-1) ?? 0,
    vehicleFinal: station.at(-1) ?? 0,
  });
  const wattMs = curve.watts.station.reduce((sum, watts) => sum + watts * curve.stepMs, 0);
  assert.ok(Math.abs(wattMs / 3600 - (station.at(-1) ?? 0)) < 2_000, `${wattMs / 3600}`);
});

test("a long charge is drawn in few steps, a coarse register in long ones", () => {
  const long = curveOf({ station: ramp(2000, 60_000), vehicle: ramp(2000, 55_000) });
  assert.ok(long.steps <= 240 && long.steps > 100, `${long.steps}`);
  const terms = batteryTerms({ resolutionMilliWh: [100_000, 1] });
  const coarse = ramp(60, MINUTE).map((milliWh) => Math.floor(milliWh / 100_000) * 100_000);
  const curve = curveOf({ terms, station: coarse, vehicle: ramp(60, 168_000) });
  assert.ok(curve.stepMs > 300_000, `${curve.stepMs}`);
  for (const watts of curve.watts.station) assert.ok(Math.abs(watts - 11_000) < 1_200, `${watts}`);
});

test("a side that signed nothing more ends there; without readings of both there is no picture", () => {
  const curve = curveOf({ station: ramp(40, MINUTE), vehicle: ramp(20, 168_000) });
  assert.ok(curve.watts.vehicle.length === 20 && curve.watts.station.length === 40);
  assert.is(powerCurve(chargeOf({ station: ramp(40, MINUTE) })), undefined);
  assert.is(powerCurve(chargeOf({})), undefined);
});

test("whatever was signed, the picture stays in its frame", () => {
  for (const station of [ramp(3, 9_000_000_000_000), ramp(1, 1), [5, 5, 5, 5], ramp(700, 0)]) {
    const curve = powerCurve(chargeOf({ station, vehicle: station }));
    if (curve === undefined) continue;
    for (const mark of powerChart(curve, FRAME)) {
      for (const { x, y } of mark.kind === "line" ? mark.points : [mark.at]) {
        assert.ok(x >= -1 && x <= FRAME.width + 1 && y >= -1 && y <= FRAME.height + 1, JSON.stringify(mark));
      }
    }
  }
});

test("the axes have round figures: kilowatts from 0, and whole minutes of the clock", () => {
  const curve = curveOf({ station: ramp(85, MINUTE), vehicle: ramp(85, 168_000) });
  const marks = powerChart(curve, FRAME);
  const texts = marks.flatMap((mark) => (mark.kind === "text" ? [mark.text] : []));
  assert.equal(
    texts.filter((text) => /^\d+$/.test(text)),
    ["0", "5", "10", "15"],
  );
  assert.equal(
    texts.filter((text) => text.includes(":")),
    ["22:15", "22:30", "22:45", "23:00", "23:15", "23:30"].slice(0, 6),
  );
  assert.ok(texts.includes("kW, UTC") && texts.includes("station") && texts.includes("vehicle"));
});

test.run();

const FRAME: ChartFrame = {
  ...{ width: 480, height: 230, fontSize: 15, widthOf: (text: string) => text.length * 8 },
  ...{ startedAt: 1_700_000_000, aheadSeconds: 0, clockName: "UTC" },
  seriesNames: { station: "station", vehicle: "vehicle" },
};

function curveOf(story: Parameters<typeof chargeOf>[0]): PowerCurve {
  const curve = powerCurve(chargeOf({ terms: batteryTerms(), ...story }));
  assert.ok(curve !== undefined);
  return curve;
}
