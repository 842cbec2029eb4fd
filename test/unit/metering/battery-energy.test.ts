import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { crossCheck } from "#core/metering/battery-counter.ts";
import { resumeBattery, startBattery, takeSample } from "#core/metering/battery-energy.ts";
import type { BatteryEnergy, BatterySample } from "#core/metering/battery-state.ts";
import { batteryUncertainty } from "#core/metering/battery-uncertainty.ts";
import { SeededRandom } from "#hal/mock/seeded-random.ts";

const test = suite("battery energy");
const POWER_MAX = 11_000;

function sample(second: number, changes: Partial<BatterySample> = {}): BatterySample {
  return {
    batteryVoltageV: 360,
    batteryCurrentA: 20,
    charging: true,
    chargedMilliWh: null,
    chargedResolutionMilliWh: null,
    monotonicMs: second * 1000,
    ...changes,
  };
}

function take(samples: readonly BatterySample[], state?: BatteryEnergy): BatteryEnergy {
  const [first = sample(0), ...rest] = samples;
  if (state !== undefined) return samples.reduce((sum, next) => takeSample(sum, next, POWER_MAX), state);
  return rest.reduce((sum, next) => takeSample(sum, next, POWER_MAX), startBattery(first));
}

const seconds = (from: number, to: number, step = 1): readonly number[] =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step);

test("an hour at 360 V and 20 A is 7.2 kWh, to the last mWh", () => {
  assert.is(take(seconds(0, 3600).map((second) => sample(second))).energyMilliWh, 7_200_000);
});

test("a straight ramp is integrated exactly by trapezoids", () => {
  const ramp = seconds(0, 20, 2).map((second) => sample(second, { batteryCurrentA: second }));
  // 360 V x 10 A mean x 20 s.
  assert.is(take(ramp).energyMilliWh, 20_000);
});

test("what flows out of the battery does not count, nor what flows in while it does not charge", () => {
  const out = seconds(0, 100).map((second) => sample(second, { batteryCurrentA: -20 }));
  assert.is(take(out).energyMilliWh, 0);
  const braking = seconds(0, 100).map((second) => sample(second, { charging: false }));
  assert.is(take(braking).energyMilliWh, 0);
});

test("a sample that no battery here can give is refused", () => {
  const state = take([
    sample(0),
    sample(1, { batteryCurrentA: NaN }),
    sample(2, { batteryCurrentA: 6553.5 }),
    sample(3, { batteryVoltageV: -1 }),
    sample(4, { batteryCurrentA: 40 }),
    sample(5),
  ]);
  assert.equal([state.refused, state.energyMilliWh], [4, 10_000]);
});

test("a clock that stands still or steps back adds nothing", () => {
  assert.is(take([sample(5), sample(5), sample(3)]).energyMilliWh, 0);
});

test("a gap is taken from the counter where there is one", () => {
  const counter = (second: number, kwh: number): BatterySample =>
    sample(second, { chargedMilliWh: kwh * 1_000_000, chargedResolutionMilliWh: 100_000 });
  const state = take([counter(0, 500), counter(10, 500), counter(310, 500.4), counter(320, 500.4)]);
  // Twice 10 s by the integral, and what the counter added from its last value before the gap to its first after it.
  assert.is(state.energyMilliWh, 20_000 + 400_000 + 20_000);
  assert.equal([state.gaps.count, state.gaps.bridged, state.gaps.boundMilliWh], [1, 1, 0]);
});

test("the counter may come some samples after the gap", () => {
  const state = take([
    sample(0, { chargedMilliWh: 1_000_000 }),
    sample(600),
    sample(610),
    sample(620, { chargedMilliWh: 2_500_000 }),
  ]);
  assert.is(state.energyMilliWh, 1_500_000);
  assert.is(state.gaps.pending, null);
});

test("a gap without a counter is estimated, and its uncertainty is everything up to full power", () => {
  const state = take([sample(0), sample(300)]);
  assert.equal([state.energyMilliWh, state.gaps.count, state.gaps.bridged], [600_000, 1, 0]);
  // 11 kW for 300 s is 916,667 mWh: from 600,000 down to 0 is the wider side.
  assert.is(state.gaps.boundMilliWh, 600_000);
  assert.ok(batteryUncertainty(state).expandedMilliWh > 690_000);
  assert.is(take([sample(0), sample(30)]).gaps.count, 0);
});

test("a counter that falls or leaps is not asked again, and the session is inconsistent", () => {
  const fell = take([sample(0, { chargedMilliWh: 900 }), sample(1, { chargedMilliWh: 800 }), sample(2)]);
  assert.is(crossCheck(fell)?.isInconsistent, true);
  const leapt = take([sample(0, { chargedMilliWh: 900 }), sample(100, { chargedMilliWh: 9_000_000 })]);
  assert.equal([leapt.counter.isBroken, leapt.gaps.bridged, leapt.energyMilliWh], [true, 0, 200_000]);
});

test("counter and integral are inconsistent beyond 2 % and 0.2 kWh", () => {
  const run = (share: number, hours: number): boolean | undefined =>
    crossCheck(
      take(
        seconds(0, hours * 3600, 10).map((second) =>
          sample(second, { chargedMilliWh: Math.floor(second * 2000 * share), chargedResolutionMilliWh: 1000 }),
        ),
      ),
    )?.isInconsistent;
  assert.equal([run(1, 1), run(1.025, 1), run(1.035, 1)], [false, false, true]);
  assert.equal([run(1.015, 5), run(1.025, 5), run(0.97, 5)], [false, true, true]);
  assert.is(crossCheck(take([sample(0), sample(1)])), null);
});

test("a coarse counter that ticks in 0.1 kWh is consistent with the integral", () => {
  const ticks = seconds(0, 7200, 2).map((second) =>
    sample(second, {
      chargedMilliWh: Math.floor((second * 2000 + 57_000) / 100_000) * 100_000,
      chargedResolutionMilliWh: 100_000,
    }),
  );
  assert.equal(crossCheck(take(ticks))?.isInconsistent, false);
});

test("a restart goes on from the journal, and the counter bridges the outage", () => {
  const counter = (second: number, chargedMilliWh: number): BatterySample => sample(second, { chargedMilliWh });
  const before = take([counter(0, 0), counter(10, 20_000)]);
  assert.equal(JSON.parse(JSON.stringify(before)), before);
  const after = take([counter(1, 220_000), counter(11, 240_000)], resumeBattery(before, 0, 120_000));
  assert.equal([after.energyMilliWh, after.gaps.bridged], [240_000, 1]);
});

test("the stated uncertainty is that of the table: 3.5 % for 10 kWh at 7 kW and 360 V", () => {
  const state = take(seconds(0, 5000).map((second) => sample(second)));
  const { expandedMilliWh } = batteryUncertainty(state);
  const share = expandedMilliWh / state.energyMilliWh;
  assert.ok(share > 0.03 && share < 0.036, `${share}`);
  const slow = take(seconds(0, 3600).map((second) => sample(second, { batteryCurrentA: 6 })));
  const slowShare = batteryUncertainty(slow).expandedMilliWh / slow.energyMilliWh;
  assert.ok(slowShare > 0.06 && slowShare < 0.08, `${slowShare}`);
});

test("the truth is within the stated uncertainty in 95 of 100 sessions at least", () => {
  let within = 0;
  for (let seed = 0; seed < 200; seed += 1) if (isTruthWithin(new SeededRandom(seed))) within += 1;
  assert.ok(within >= 190, `${within} of 200`);
});

test("whatever the car says, the register only grows, and the state stays whole numbers", () => {
  const anySample = fc.record({
    batteryVoltageV: fc.oneof(fc.double({ min: 0, max: 900 }), fc.double()),
    batteryCurrentA: fc.oneof(fc.double({ min: -50, max: 50 }), fc.double()),
    charging: fc.boolean(),
    chargedMilliWh: fc.option(fc.oneof(fc.nat(5_000_000), fc.double())),
    chargedResolutionMilliWh: fc.option(fc.nat(100_000)),
    monotonicMs: fc.nat(400_000),
  });
  fc.assert(
    fc.property(fc.array(anySample, { minLength: 2, maxLength: 40 }), (samples) => {
      let [state, nowMs] = [startBattery(sample(0)), 0];
      for (const next of samples) {
        nowMs += next.monotonicMs / 4;
        const grown = takeSample(state, { ...next, monotonicMs: nowMs }, POWER_MAX);
        assert.ok(grown.energyMilliWh >= state.energyMilliWh);
        state = grown;
      }
      const mostMilliWh = (POWER_MAX * 1.25 * nowMs) / 3600 + samples.length;
      assert.ok(state.energyMilliWh <= mostMilliWh, `${state.energyMilliWh} of ${mostMilliWh}`);
      assert.equal(JSON.parse(JSON.stringify(state)), state);
      assert.ok(Number.isSafeInteger(batteryUncertainty(state).expandedMilliWh));
    }),
  );
});

test.run();

/** A charge of an hour with a wandering power, read with sensors off inside their classes, with pauses of the link. */
function isTruthWithin(random: SeededRandom): boolean {
  const gain = 1 + random.between(-0.025, 0.025);
  const offset = random.between(-0.3, 0.3);
  const hasCounter = random.chance(0.5);
  let [truth, current, silentUntil] = [0, random.between(6, 28), 0];
  let state: BatteryEnergy | undefined;
  for (let second = 0; second <= 3600; second += 1) {
    current = Math.min(30, Math.max(4, current + random.gaussian() * 0.3));
    truth += (360 * current * 1000) / 3600;
    if (random.chance(0.0005)) silentUntil = second + random.integer(31, 200);
    if (second < silentUntil || second % 2 === 1) continue;
    const next = sample(second, {
      batteryCurrentA: current * gain + offset,
      chargedMilliWh: hasCounter ? Math.floor((truth * gain) / 100_000) * 100_000 : null,
      chargedResolutionMilliWh: hasCounter ? 100_000 : null,
    });
    if (state === undefined) truth = 0;
    state = state === undefined ? startBattery(next) : takeSample(state, next, POWER_MAX);
  }
  if (state === undefined) return false;
  return Math.abs(state.energyMilliWh - truth) <= batteryUncertainty(state).expandedMilliWh;
}
