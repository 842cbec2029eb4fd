import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  resumeRegister,
  startRegister,
  takeRegister,
  type RegisterEnergy,
  type RegisterLimits,
} from "#core/metering/register-energy.ts";

const test = suite("register energy");
const LIMITS: RegisterLimits = { powerMaxW: 11_000, modulusMilliWh: null };
/** 1 s at 11 kW, in mWh. */
const SECOND = 3_056;
const START = 7_800_000_000;

/** The state after these register values, one a second, in steps of 1 Wh. */
function after(values: readonly number[], limits = LIMITS, start = START): RegisterEnergy {
  return values.reduce(
    (state, importedMilliWh, place) => takeRegister(state, reading(importedMilliWh, (place + 1) * 1000), limits),
    startRegister(reading(start, 0)),
  );
}

function reading(
  importedMilliWh: number,
  monotonicMs: number,
  serialNumber: string | null = "A1",
): Parameters<typeof takeRegister>[1] {
  return { importedMilliWh, resolutionMilliWh: 1000, monotonicMs, serialNumber };
}

test("the session's energy is the register's difference, not its value", () => {
  assert.is(after([START + 1000, START + 4000]).energyMilliWh, 4000);
});

test("one spike of a whole lifetime is put aside, and the next value goes on", () => {
  const state = after([START + 1000, 2 * START, START + 4000]);
  assert.equal([state.energyMilliWh, state.refused, state.fault, state.suspect], [4000, 1, null, null]);
});

test("one reading of 0 is put aside too", () => {
  const state = after([START + 1000, 0, START + 4000]);
  assert.equal([state.energyMilliWh, state.refused, state.fault], [4000, 1, null]);
});

test("a jump that stays ends the metering with the last value before it", () => {
  const state = after([START + 1000, START + 60_000_000, START + 60_001_000, START + 60_002_000]);
  assert.is(state.energyMilliWh, 1000);
  assert.equal(state.fault, {
    code: "METER_JUMPED",
    fromMilliWh: START + 1000,
    toMilliWh: START + 60_001_000,
    // 2 s and the register's age of 1.5 s at 11 kW, and two steps.
    plausibleMilliWh: 10_695 + 2000,
  });
});

test("a register that was reset ends the metering", () => {
  const state = after([START + 1000, 0, 1000]);
  assert.equal(state.fault, { code: "METER_RAN_BACKWARDS", fromMilliWh: START + 1000, toMilliWh: 1000 });
});

test("a small step back, as float registers make, is held", () => {
  const state = after([START + 5000, START + 4000, START + 3000, START + 6000]);
  assert.equal([state.energyMilliWh, state.held, state.refused], [6000, 2, 0]);
  assert.is(after([START + 5000, START + 4000], { ...LIMITS, modulusMilliWh: 10 ** 11 }).held, 1);
});

test("a register that passes its modulus goes on from 0", () => {
  const limits = { ...LIMITS, modulusMilliWh: 99_999_999_999 + 1 };
  const state = after([99_999_999_000, 1000, 3000], limits, 99_999_998_000);
  assert.equal([state.energyMilliWh, state.rollovers, state.fault], [5000, 1, null]);
  assert.is(after([50_000_000_000, 1000, 2000], limits, 50_000_000_000).fault?.code, "METER_RAN_BACKWARDS");
});

test("another serial number ends the metering at once", () => {
  const swapped = takeRegister(after([START + 1000]), reading(START + 2000, 2000, "B2"), LIMITS);
  assert.equal(swapped.fault, { code: "METER_SWAPPED", expected: "A1", found: "B2" });
  assert.is(takeRegister(swapped, reading(START + 3000, 3000), LIMITS), swapped);
});

test("after a silence the register may have run at full power for all of it", () => {
  const state = takeRegister(startRegister(reading(START, 0)), reading(START + 600 * SECOND, 600_000), LIMITS);
  assert.is(state.energyMilliWh, 600 * SECOND);
});

test("a restart goes on where the journal stood, and takes what flowed meanwhile", () => {
  const before = after([START + 1000, START + 2000]);
  const journal: unknown = JSON.parse(JSON.stringify(before));
  assert.equal(journal, before);
  const resumed = resumeRegister(before, 50, 60_000);
  assert.is(takeRegister(resumed, reading(START + 2000 + 60 * SECOND, 1050), LIMITS).energyMilliWh, 2000 + 60 * SECOND);
  assert.is(takeRegister(resumed, reading(START + 2000 + 70 * SECOND, 1050), LIMITS).refused, 1);
});

test("what is no register value is refused", () => {
  assert.is(after([NaN, -1, Infinity, 2 ** 60, 0.5]).refused, 5);
});

test("whatever a meter says, energy only grows, and never faster than full power", () => {
  const value = fc.oneof(
    fc.nat(50_000).map((step) => START + step),
    fc.maxSafeNat(),
    fc.constant(0),
    fc.double(),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(value, fc.nat(5000)), { maxLength: 60 }), fc.boolean(), (readings, rolls) => {
      const limits = { ...LIMITS, modulusMilliWh: rolls ? START + 20_000 : null };
      let state = startRegister(reading(START, 0));
      let [nowMs, accepted] = [0, 0];
      for (const [imported, elapsedMs] of readings) {
        nowMs += elapsedMs;
        const next = takeRegister(state, reading(imported, nowMs), limits);
        assert.ok(next.energyMilliWh >= state.energyMilliWh);
        if (next.lastMs !== state.lastMs || next.lastMilliWh !== state.lastMilliWh) accepted += 1;
        state = next;
      }
      const most = Math.ceil((11_000 * (nowMs + accepted * 1500)) / 3600) + accepted * 2001;
      assert.ok(state.energyMilliWh <= most, `${state.energyMilliWh} of ${most}`);
    }),
  );
});

test.run();
