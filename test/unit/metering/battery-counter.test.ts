import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { BatterySample } from "#core/metering/battery-state.ts";
import { batteryStatement, type BatteryEstimate } from "#core/metering/battery-statement.ts";
import { CONTRACT, counted, LIMITS, resting, sample, seconds, take } from "#test/builders/battery-samples.ts";

const test = suite("battery counter");

/** The truth of the samples: 7.2 kW is 2 Wh a second. The counter ticks when `startWh` more has flowed. */
const ticking = (second: number, startWh: number, factor = 1): BatterySample =>
  counted(second, Math.floor((startWh + 2 * second * factor) / 100) * 100);

function counterOf(samples: readonly BatterySample[]): BatteryEstimate | undefined {
  return batteryStatement(take(samples), LIMITS).estimates.find(({ method }) => method === "counter");
}

test("steps of 0.1 kWh shrink to what flows between two samples", () => {
  for (const startWh of [0, 1, 37, 99]) {
    const estimate = counterOf(seconds(0, 1000, 2).map((second) => ticking(second, startWh)));
    assert.ok(estimate !== undefined);
    assert.ok(Math.abs(estimate.energyMilliWh - 2_000_000) <= 4_000, `${estimate.energyMilliWh}`);
    assert.ok(estimate.uncertainty.parts.quantisationMilliWh < 8_000, "with what the rest of the time adds");
  }
});

test("a counter that is read every ten seconds is known to what flows in ten", () => {
  const rarely = (second: number): BatterySample => (second % 10 === 0 ? ticking(second, 37) : sample(second));
  const estimate = counterOf(seconds(0, 1000, 2).map(rarely));
  assert.ok(estimate !== undefined && Math.abs(estimate.energyMilliWh - 2_000_000) <= 20_000);
});

test("before its second tick a counter says nothing", () => {
  assert.is(counterOf(seconds(0, 60, 2).map((second) => ticking(second, 37))), undefined);
});

test("a fine counter is the headline and the register; a coarse one, of a long charge only, the headline", () => {
  const fine = seconds(0, 1000, 2).map((second) =>
    counted(second, Math.floor((2 * second) / 0.1) * 0.1, { chargedResolutionMilliWh: 100 }),
  );
  const sharp = batteryStatement(take(fine), LIMITS);
  assert.equal([sharp.headline.method, sharp.signed.method], ["counter", "counter"]);
  const short = batteryStatement(take(seconds(0, 4000, 2).map((second) => ticking(second, 37))), LIMITS);
  assert.equal([short.headline.method, short.crossCheck?.method], ["integral", "counter"]);
  const long = batteryStatement(take(seconds(0, 6000, 2).map((second) => ticking(second, 37))), LIMITS);
  assert.equal([long.headline.method, long.crossCheck?.method], ["counter", "integral"]);
  assert.is(long.signed.method, "integral");
  assert.is(long.signed.energyMilliWh, long.crossCheck?.energyMilliWh);
});

test("the register waits where its counter falls behind what was integrated, and never falls", () => {
  // It counts 3 % less than the integral, and is read every ten seconds.
  let state = CONTRACT;
  for (const second of seconds(0, 600, 2)) {
    const isRead = second % 10 === 0;
    const next = isRead ? counted(second, 1.94 * second, { chargedResolutionMilliWh: 1 }) : sample(second);
    const grown = take([next], state);
    assert.ok(grown.registerMilliWh >= state.registerMilliWh);
    state = grown;
  }
  assert.ok(Math.abs(state.registerMilliWh - 1_164_000) < 25_000, `${state.registerMilliWh}`);
});

test("a counter that is renewed each minute only is given the width of its lag", () => {
  const lagging = (second: number): BatterySample =>
    counted(second, 2 * 60 * Math.floor(second / 60), { chargedResolutionMilliWh: 100 });
  const estimate = counterOf(seconds(0, 1000, 2).map(lagging));
  assert.ok(estimate !== undefined);
  const error = Math.abs(estimate.energyMilliWh - 2_000_000);
  assert.ok(error <= 2 * estimate.uncertainty.parts.quantisationMilliWh, `${error}`);
  assert.is(batteryStatement(take(seconds(0, 1000, 2).map(lagging)), LIMITS).trouble, null);
});

test("counter and integral are inconsistent beyond 2 % and 0.2 kWh, and then the interval holds both", () => {
  const run = (factor: number, hours: number): ReturnType<typeof batteryStatement> =>
    batteryStatement(take(seconds(0, hours * 3600, 10).map((second) => ticking(second, 37, factor))), LIMITS);
  assert.equal(
    [run(1, 1), run(1.025, 1), run(1.035, 1)].map(({ isInconsistent }) => isInconsistent),
    [false, false, true],
  );
  assert.equal(
    [run(1.015, 5), run(1.025, 5), run(0.97, 5)].map(({ isInconsistent }) => isInconsistent),
    [false, true, true],
  );
  const apart = run(1.1, 5);
  const { headline, crossCheck, interval } = apart;
  assert.ok(crossCheck !== null);
  for (const { energyMilliWh, uncertainty } of [headline, crossCheck]) {
    assert.ok(interval.fromMilliWh <= energyMilliWh - uncertainty.expandedMilliWh);
    assert.ok(interval.toMilliWh >= energyMilliWh + uncertainty.expandedMilliWh);
  }
  // Neither is moved towards the other.
  assert.ok(Math.abs(crossCheck.energyMilliWh - 36_000_000) < 10_000);
});

test("a counter that falls or leaps is not asked again, and the session is inconsistent", () => {
  const fell = batteryStatement(take([counted(0, 900), counted(1, 800), sample(2)]), LIMITS);
  assert.equal([fell.trouble, fell.isInconsistent, fell.headline.method], ["COUNTER_FELL", true, "integral"]);
  const leapt = take([counted(0, 900), counted(1, 900), counted(2, 9_000), sample(3)]);
  assert.equal([batteryStatement(leapt, LIMITS).trouble, leapt.registerMilliWh], ["COUNTER_LEAPT", 6_000]);
});

test("a counter that stopped is found out, though the integral would go on in its name", () => {
  const stops = (second: number): BatterySample => ticking(Math.min(second, 300), 37);
  const stopped = seconds(0, 1200, 2).map((second) => ({ ...stops(second), monotonicMs: second * 1000 }));
  assert.is(batteryStatement(take(stopped), LIMITS).trouble, "COUNTER_STOPPED");
});

test("a register that follows a counter goes on without a jump when that breaks", () => {
  let state = CONTRACT;
  for (const second of seconds(0, 200, 2)) {
    const wh = second < 100 ? 2 * second : 0;
    const next = take([counted(second, wh, { chargedResolutionMilliWh: 1 })], state);
    const grown = next.registerMilliWh - state.registerMilliWh;
    assert.ok(grown >= 0 && grown <= 8_000, `${second} s: ${grown}`);
    state = next;
  }
  assert.ok(Math.abs(state.registerMilliWh - 400_000) < 8_000);
});

test("without a step told, a counter is taken for a coarse one", () => {
  const samples = seconds(0, 1000, 2).map((second) => counted(second, 2 * second, { chargedResolutionMilliWh: null }));
  const { signed, headline } = batteryStatement(take(samples), LIMITS);
  assert.equal([signed.method, headline.method], ["integral", "integral"]);
});

test("regeneration between two charges is in no estimate", () => {
  const state = take([
    ...seconds(0, 600, 2).map((second) => ticking(second, 0)),
    ...seconds(602, 700, 2).map((second) =>
      resting(second, {
        plugged: false,
        batteryCurrentA: 60,
        chargedMilliWh: second * 9_000,
        chargedResolutionMilliWh: 100_000,
      }),
    ),
  ]);
  for (const { method, energyMilliWh } of batteryStatement(state, LIMITS).estimates) {
    assert.ok(Math.abs(energyMilliWh - 1_202_000) < 5_000, `${method} ${energyMilliWh}`);
  }
});

test.run();
