import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  estimateMilliWh,
  NO_BATTERY_ENERGY,
  openSession,
  resumeBattery,
  takeSample,
} from "#core/metering/battery-energy.ts";
import type { BatteryEnergy } from "#core/metering/battery-state.ts";
import { batteryStatement } from "#core/metering/battery-statement.ts";
import {
  CONTRACT,
  counted,
  LIMITS,
  POWER_MAX_W,
  resting,
  sample,
  seconds,
  take,
} from "#test/builders/battery-samples.ts";

const test = suite("battery energy");

const integralOf = ({ charge }: BatteryEnergy): number => estimateMilliWh(charge, "integral");

test("an hour at 360 V and 20 A is 7.2 kWh, to the last mWh", () => {
  const state = take(seconds(0, 3600).map((second) => sample(second)));
  assert.equal([integralOf(state), state.registerMilliWh], [7_200_000, 7_200_000]);
});

test("a straight ramp is integrated exactly by trapezoids", () => {
  const ramp = seconds(0, 20, 2).map((second) => sample(second, { batteryCurrentA: second }));
  // 360 V x 10 A mean x 20 s.
  assert.is(integralOf(take(ramp)), 20_000);
});

test("the estimates begin at the first sample of the charge, and end with it", () => {
  const state = take([
    ...seconds(0, 9).map((second) => resting(second)),
    ...seconds(10, 20).map((second) => sample(second)),
    ...seconds(21, 90).map((second) => resting(second)),
  ]);
  // 10 s, and half a second at both ends.
  assert.is(integralOf(state), 22_000);
  assert.is(state.stretch.isOpen, false);
});

test("what flows out of the battery does not count, nor what flows in while it does not charge", () => {
  const out = seconds(0, 100).map((second) => sample(second, { batteryCurrentA: -20 }));
  assert.is(take(out).registerMilliWh, 0);
  const braking = seconds(0, 100).map((second) => sample(second, { charging: false, plugged: false }));
  assert.is(take(braking).registerMilliWh, 0);
  const onTheRoad = seconds(0, 100).map((second) => sample(second, { charging: false, plugged: null }));
  assert.is(take(onTheRoad).registerMilliWh, 0);
});

test("a single word that it charges is not believed", () => {
  const lone = [resting(0), sample(1), resting(2), resting(3), sample(4), resting(5)];
  assert.equal([take(lone).registerMilliWh, take(lone).charge.integral.energyMilliWh], [0, 0]);
  assert.ok(take([resting(0), sample(1), sample(2)]).registerMilliWh > 0);
});

test("a car that says only after ten seconds that it charges loses none of them", () => {
  const late = (second: number): ReturnType<typeof sample> => sample(second, { charging: second >= 12 });
  const state = take([resting(0), resting(1), ...seconds(2, 62).map(late)]);
  assert.is(integralOf(state), 121_000);
});

test("a sample that no battery here can give is refused", () => {
  const state = take([
    sample(0),
    sample(1, { batteryCurrentA: NaN }),
    sample(2, { batteryCurrentA: 6553.5 }),
    sample(3, { batteryVoltageV: -1 }),
    sample(4, { batteryCurrentA: 600 }),
    sample(5),
  ]);
  assert.equal([state.refused, integralOf(state)], [4, 10_000]);
});

test("a clock that stands still or steps back adds nothing", () => {
  assert.is(take([sample(5), sample(5), sample(3)]).registerMilliWh, 0);
});

test("a car that tells no current gives nothing to sign, and its inlet all the same", () => {
  const blind = { batteryVoltageV: null, batteryCurrentA: null, inlet: { powerW: 7200, kind: "active" } } as const;
  const state = take(seconds(0, 100).map((second) => sample(second, blind)));
  assert.equal([state.registerMilliWh, state.charge.inlet.byKind.active.energyMilliWh], [0, 200_000]);
});

test("without a counter a gap is no more than a bound: its middle, and half of it as half-width", () => {
  const state = take([sample(0), sample(1), sample(121), sample(122)]);
  // 120 s at 11 kW and a tenth are 403,333 mWh and a bit.
  assert.equal([state.charge.gaps.count, state.charge.gaps.bridged], [1, 0]);
  assert.is(integralOf(state), 2_000 + 201_667 + 2_000);
  assert.is(state.charge.integral.gapMilliWh, 201_667);
  assert.ok(batteryStatement(state, LIMITS).headline.uncertainty.expandedMilliWh > 201_667);
  assert.is(take([sample(0), sample(1), sample(31)]).charge.gaps.count, 0);
});

test("whatever flowed in such a gap, it is inside what is stated", () => {
  for (const lengthS of [31, 90, 300, 301, 3_000]) {
    for (const share of [0, 0.3, 1]) {
      const state = take([sample(0), sample(1), sample(1 + lengthS), sample(2 + lengthS)]);
      const truth = 4_000 + (share * POWER_MAX_W * lengthS) / 3.6;
      const { fromMilliWh, toMilliWh } = batteryStatement(state, LIMITS).interval;
      assert.ok(fromMilliWh <= truth && truth <= toMilliWh, `${lengthS} s, ${share}`);
    }
  }
});

test("of a silence of more than five minutes without a counter nothing is signed", () => {
  const state = take([sample(0), sample(1), sample(302), sample(303)]);
  assert.is(state.registerMilliWh, 4_000);
  assert.ok(state.charge.integral.gapMilliWh > 1_000_000);
});

test("a gap is taken from the counter where there is one, never from the power at its ends", () => {
  const before = [counted(0, 500_000), counted(10, 500_000)];
  const state = take([...before, counted(310, 500_400), counted(320, 500_400)]);
  assert.is(integralOf(state), 20_000 + 400_000 + 20_000);
  assert.equal([state.charge.gaps.count, state.charge.gaps.bridged], [1, 1]);
  const paused = take([...before, counted(310, 500_000), counted(320, 500_000)]);
  assert.is(integralOf(paused), 40_000);
});

test("the counter may come some samples after the gap; the register waits for it", () => {
  const waiting = take([counted(0, 1_000), sample(1), sample(601), sample(611)]);
  assert.equal([waiting.registerMilliWh > 22_000, waiting.charge.gaps.pending !== null], [false, true]);
  const state = take([counted(621, 2_500)], waiting);
  assert.equal([integralOf(state), state.charge.gaps.pending], [1_500_000, null]);
});

test("a charge that began or ended during a gap is bridged as well", () => {
  const began = take([
    counted(0, 900, { ...resting(0), chargedMilliWh: 900_000 }),
    counted(100, 1_000),
    counted(101, 1_000),
  ]);
  assert.is(integralOf(began), 102_000);
  const ended = take([
    counted(0, 900),
    counted(1, 900),
    resting(101, { chargedMilliWh: 1_000_000, chargedResolutionMilliWh: 100_000 }),
    ...seconds(102, 170).map((second) => resting(second)),
  ]);
  assert.is(integralOf(ended), 102_000);
});

test("a counter that moved while the cable was out is no more than a bound", () => {
  const away = take([
    counted(0, 900),
    counted(1, 900),
    resting(2_001, { plugged: false, chargedMilliWh: 5_000_000, chargedResolutionMilliWh: 100_000 }),
  ]);
  assert.is(away.registerMilliWh, 2_000);
  assert.ok(away.charge.integral.gapMilliWh >= 4_098_000);
});

test("what the counter adds between two charges of one contract is not charge", () => {
  const state = take([
    ...seconds(0, 100).map((second) => counted(second, 1_000 + 100 * Math.floor(second / 50))),
    ...seconds(101, 300).map((second) => resting(second, { chargedMilliWh: (1_200 + second) * 1000 })),
    ...seconds(301, 400).map((second) => counted(second, 1_500 + 100 * Math.floor((second - 300) / 50))),
  ]);
  const { estimates } = batteryStatement(state, LIMITS);
  for (const { method, energyMilliWh } of estimates) {
    assert.ok(Math.abs(energyMilliWh - 400_000) < 8_000, `${method} ${energyMilliWh}`);
  }
});

const FINE = { chargedResolutionMilliWh: 1 } as const;

test("a restart goes on from the journal, and the counter bridges the outage", () => {
  const before = take([counted(0, 0, FINE), counted(10, 20, FINE)]);
  assert.equal(JSON.parse(JSON.stringify(before)), before);
  const after = take([counted(1, 220, FINE), counted(11, 240, FINE)], resumeBattery(before, 0, 120_000));
  assert.equal([integralOf(after), after.registerMilliWh, after.charge.gaps.bridged], [240_000, 240_000, 1]);
});

test("a wall clock that was set back leaves the time away open, and the counter still bridges it", () => {
  const before = take([counted(0, 0, FINE), counted(10, 20, FINE)]);
  const after = take([counted(1, 9_220, FINE)], resumeBattery(before, 0, null));
  assert.is(integralOf(after), 9_220_000);
  const without = take([sample(1)], resumeBattery(take([sample(0), sample(10)]), 0, null));
  assert.is(without.registerMilliWh, 20_000);
  assert.ok(without.charge.integral.gapMilliWh >= 200_000_000);
});

test("a restart into another car is noticed: its counter fell, or leapt beyond what can have flowed", () => {
  const before = resumeBattery(take([counted(0, 50_000), counted(10, 50_000)]), 0, 60_000);
  const other = take([counted(1, 3_000), counted(2, 3_000)], before);
  assert.is(batteryStatement(other, LIMITS).trouble, "COUNTER_FELL");
  assert.is(batteryStatement(other, LIMITS).isInconsistent, true);
  const another = take([counted(1, 90_000), counted(2, 90_000)], before);
  assert.is(batteryStatement(another, LIMITS).trouble, "COUNTER_LEAPT");
  assert.ok(another.registerMilliWh < 300_000);
});

test("a new session begins at nothing, and the register goes on", () => {
  const first = take(seconds(0, 100).map((second) => sample(second)));
  const second = take(
    seconds(101, 200).map((each) => sample(each)),
    openSession(first, POWER_MAX_W),
  );
  assert.equal([integralOf(second), second.registerMilliWh], [200_000, 400_000]);
  assert.is(batteryStatement(second, LIMITS).signed.energyMilliWh, 200_000);
});

test("without a contract a silence of five minutes ends the stretch: nobody knows where the car was", () => {
  const free = openSession(NO_BATTERY_ENERGY, null);
  const state = take([counted(0, 900), counted(1, 900), counted(400, 9_000), counted(401, 9_000)], free);
  assert.is(state.registerMilliWh, 4_000);
});

test("at rest on its cable the sensor's zero is noted, and taken off nothing", () => {
  const rest = seconds(0, 9).map((second) => resting(second, { batteryCurrentA: 0.4 }));
  const state = take([...rest, ...seconds(10, 20).map((second) => sample(second, { batteryCurrentA: 20.4 }))]);
  assert.equal(state.rest, { samples: 10, sumMilliA: 4_000, minMilliA: 400, maxMilliA: 400 });
  // 360 V x 20.4 A for 10 s and half a second, and half of the rest current's.
  assert.ok(Math.abs(integralOf(state) - 21_420) < 30, `${integralOf(state)}`);
  const driving = seconds(0, 9).map((second) => resting(second, { plugged: null }));
  assert.is(take(driving).rest, null);
});

test("whatever the car says, the register only grows, and the state stays whole numbers", () => {
  const anySample = fc.record({
    batteryVoltageV: fc.oneof(fc.double({ min: 0, max: 900 }), fc.double(), fc.constant(null)),
    batteryCurrentA: fc.oneof(fc.double({ min: -50, max: 50 }), fc.double(), fc.constant(null)),
    charging: fc.boolean(),
    plugged: fc.option(fc.boolean()),
    chargedMilliWh: fc.option(fc.oneof(fc.nat(5_000_000), fc.double())),
    chargedResolutionMilliWh: fc.option(fc.oneof(fc.nat(100_000), fc.double())),
    stateOfChargePercent: fc.option(fc.double()),
    inlet: fc.option(fc.record({ powerW: fc.double(), kind: fc.constantFrom("active", "apparent", "direct-current") })),
    monotonicMs: fc.nat(400_000),
  });
  fc.assert(
    fc.property(fc.array(anySample, { minLength: 2, maxLength: 40 }), fc.boolean(), (samples, isContract) => {
      let [state, nowMs] = [isContract ? CONTRACT : NO_BATTERY_ENERGY, 0];
      for (const next of samples) {
        nowMs += next.monotonicMs / 4;
        const grown = takeSample(state, { ...next, monotonicMs: nowMs }, LIMITS);
        assert.ok(grown.registerMilliWh >= state.registerMilliWh);
        state = grown;
      }
      const mostMilliWh = (LIMITS.powerMaxW * 1.25 * nowMs) / 3600 + 200_000 + samples.length;
      assert.ok(state.registerMilliWh <= mostMilliWh, `${state.registerMilliWh} of ${mostMilliWh}`);
      assert.equal(JSON.parse(JSON.stringify(state)), state);
      for (const { energyMilliWh, uncertainty } of batteryStatement(state, LIMITS).estimates) {
        assert.ok(Number.isSafeInteger(energyMilliWh) && energyMilliWh >= 0);
        assert.ok(Number.isSafeInteger(uncertainty.expandedMilliWh));
      }
    }),
  );
});

test.run();
