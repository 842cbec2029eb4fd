/** The figures of a charge as contracts read them, where something is missing or only beginning. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { agreedPart } from "#core/session/agreed-part.ts";
import type { ChargeFacts } from "#core/session/charge-facts.ts";
import { chargeFigures, outcomeInputs, termsInputs } from "#core/session/charge-figures.ts";
import { chargeOf, inletTerms, ramp } from "#test/builders/charge-facts.ts";

const test = suite("charge figures");
const kWh = (amount: number): number => Math.round(amount * 1_000_000);

test("what nobody has said reads as nothing: no proposal, no ruling, no verdict", () => {
  const inputs = outcomeInputs(chargeFigures(chargeOf({}), false));
  assert.equal([inputs["mutual.found"], inputs["mutual.milliWh"]], [false, 0n]);
  assert.equal([inputs["ruling.found"], inputs["ruling.milliWh"]], [false, 0n]);
  assert.equal([inputs["judged.verdict"], inputs["judged.reason"]], ["NONE", "NONE"]);
});

test("a contract can tell whether its terms name an arbiter", () => {
  assert.is(termsInputs(inletTerms())["terms.hasArbiter"], false);
  assert.is(termsInputs(inletTerms({ arbiter: new Uint8Array(32).fill(3) }))["terms.hasArbiter"], true);
});

test("a log is whole up to what its side has promised: without a completion nothing is", () => {
  const open = chargeOf({ station: ramp(9, kWh(1)) });
  assert.equal([wholeness(open).station, wholeness(open).vehicle], [true, true]);
  const done = chargeOf({ station: ramp(9, kWh(1)), stationFinal: kWh(9) });
  assert.is(wholeness(done).station, true);
  const lacking = { ...done, reports: { ...done.reports, station: done.reports.station.slice(0, 1) } };
  assert.is(wholeness(lacking).station, false);
});

test("reports prove that a side has begun, and so does a completion that counts some", () => {
  const heard = (charge: ChargeFacts): boolean => chargeFigures(charge, false).vehicle.isHeard;
  assert.is(heard(chargeOf({})), false);
  assert.is(heard(chargeOf({ vehicle: [0] })), true);
  assert.is(heard(chargeOf({ vehicleFinal: kWh(1) })), false);
  const counted = chargeOf({ vehicle: [0], vehicleFinal: kWh(1) });
  assert.is(heard({ ...counted, reports: { station: [], vehicle: [] } }), true);
});

test("mismatches count from the first common reading: one is forgiven there as well, two part the sides", () => {
  const terms = inletTerms();
  const station = ramp(6, kWh(1)).map((milliWh, index) => ({ index, milliWh: milliWh + kWh(5) }));
  const off = (count: number): typeof station =>
    station.map(({ index, milliWh }) => ({ index, milliWh: index < count ? milliWh / 2 : milliWh }));
  const after = (count: number): unknown => {
    const { index, hasParted, mismatches, trailingMismatches } = agreedPart(terms, station, off(count));
    return [index, hasParted, mismatches, trailingMismatches];
  };
  assert.equal(after(0), [6, false, 0, 0]);
  assert.equal(after(1), [6, false, 1, 0]);
  assert.equal(after(2), [null, true, 2, 0]);
  assert.equal(after(7), [null, true, 7, 7]);
  assert.equal(agreedPart(terms, [], []), {
    ...{ milliWh: 0, index: null, common: 0 },
    ...{ mismatches: 0, trailingMismatches: 0, hasParted: false },
  });
});

test.run();

function wholeness(charge: ChargeFacts): { readonly station: boolean; readonly vehicle: boolean } {
  const { station, vehicle } = chargeFigures(charge, false);
  return { station: station.isWhole, vehicle: vehicle.isWhole };
}
