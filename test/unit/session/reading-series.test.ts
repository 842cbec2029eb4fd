import { suite } from "uvu";
import * as assert from "uvu/assert";
import { asSteps, takeReading, type ReadingSeries } from "#core/session/reading-series.ts";

const series: ReadingSeries = { first: 4, registersMilliWh: [100, 110] };

const test = suite("reading series");

test("the first reading is taken when its time has come and it is not reported yet", () => {
  assert.equal(takeReading(undefined, 3, 2, 100), { closed: undefined, open: undefined });
  assert.equal(takeReading(undefined, 3, 3, 100), { closed: undefined, open: { first: 3, registersMilliWh: [100] } });
  assert.equal(takeReading(undefined, 3, 7, 100), { closed: undefined, open: { first: 7, registersMilliWh: [100] } });
});

test("one reading is taken at each index, however often it is asked", () => {
  for (const index of [3, 4, 5]) assert.equal(takeReading(series, 4, index, 999), { closed: undefined, open: series });
  assert.equal(takeReading(series, 4, 6, 125).open, { first: 4, registersMilliWh: [100, 110, 125] });
});

test("a gap closes the run: a report has none inside", () => {
  assert.equal(takeReading(series, 4, 9, 200), { closed: series, open: { first: 9, registersMilliWh: [200] } });
});

test("a register that fell back is held at the last that was taken, so that no step is below 0", () => {
  for (const index of [6, 9]) {
    const { closed, open } = takeReading(series, 4, index, 90);
    for (const run of [closed, open]) assert.ok(run === undefined || asSteps(run).every((step) => step >= 0));
    assert.is(open?.registersMilliWh.at(-1), 110);
  }
});

test("steps are the first register and what each further one adds", () => {
  assert.equal(asSteps({ first: 0, registersMilliWh: [100, 100, 130] }), [100, 0, 30]);
});

test.run();
