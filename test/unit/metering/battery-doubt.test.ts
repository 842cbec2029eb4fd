/** Cars that are late to know that they charge, and counters that are not to be believed across a gap. */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { NO_BATTERY_ENERGY, openSession, takeSample } from "#core/metering/battery-energy.ts";
import { closeInterval, collectEvidence, NO_EVIDENCE } from "#core/metering/battery-evidence.ts";
import type { BatterySample } from "#core/metering/battery-state.ts";
import { batteryStatement } from "#core/metering/battery-statement.ts";
import { batterySampleOf } from "#services/battery-sample-of.ts";
import { CONTRACT, counted, LIMITS, resting, sample, seconds, take } from "#test/builders/battery-samples.ts";

const test = suite("battery in doubt");

/** Current flows, and the car does not know yet that it charges. */
const unsure = (second: number, changes: Partial<BatterySample> = {}): BatterySample =>
  sample(second, { charging: false, plugged: null, ...changes });
const pausing = (second: number, changes: Partial<BatterySample> = {}): BatterySample =>
  resting(second, { plugged: null, ...changes });

test("behind a pause, what flows before the car knows that it charges counts when it does", () => {
  const state = take([
    ...seconds(0, 100).map((second) => sample(second)),
    ...seconds(101, 119).map((second) => pausing(second)),
    ...seconds(120, 129).map((second) => unsure(second)),
    ...seconds(130, 200).map((second) => sample(second)),
  ]);
  // 100 s and 80 s at 2 Wh a second, and half a second at both ends of the pause.
  assert.is(state.registerMilliWh, 362_000);
});

test("of a car that has left, nothing of that counts", () => {
  const charged = seconds(0, 100).map((second) => sample(second));
  const braking = seconds(101, 130).map((second) => unsure(second));
  const gone = take([...charged, ...braking, ...seconds(131, 250).map((second) => unsure(second, { plugged: false }))]);
  assert.is(gone.registerMilliWh, 201_000);
  const stopped = take([...charged, ...braking, ...seconds(131, 250).map((second) => pausing(second))]);
  assert.is(stopped.registerMilliWh, 201_000);
});

test("a gap between a pause and a car that does not know yet is bridged by its counter", () => {
  const flowed = (second: number): number => 1000 + 2 * second;
  const wh = (second: number): number => Math.floor(flowed(second) / 100) * 100;
  const state = take([
    ...seconds(0, 100).map((second) => counted(second, wh(second))),
    ...seconds(101, 106).map((second) => ({ ...counted(second, wh(101)), ...pausing(second), chargedMilliWh: null })),
    // The adapter was away for four minutes, and the gateway was started anew meanwhile.
    ...seconds(346, 356).map((second) => ({ ...unsure(second), chargedMilliWh: 1000 * wh(second - 6) })),
    ...seconds(357, 500).map((second) => counted(second, wh(second - 6))),
  ]);
  const trueMilliWh = 1000 * (flowed(494) - flowed(0));
  const { headline, gaps } = batteryStatement(state, LIMITS);
  const error = Math.abs(state.registerMilliWh - trueMilliWh);
  assert.ok(error <= headline.uncertainty.expandedMilliWh, `${state.registerMilliWh} of ${trueMilliWh}`);
  assert.ok(error < 110_000, `${error}`);
  assert.equal(gaps, { count: 1, bridged: 1 });
});

test("what a car charged between two pauses, unseen, its counter tells while the contract is open", () => {
  const seen = (second: number, wh: number): BatterySample =>
    resting(second, { chargedMilliWh: wh * 1000, chargedResolutionMilliWh: 1 });
  const charged = seconds(0, 100).map((second) => counted(second, 900 + 2 * second, { chargedResolutionMilliWh: 1 }));
  const state = take([
    ...charged,
    seen(101, 1_101),
    seen(280, 1_301),
    ...seconds(281, 290).map((at) => seen(at, 1_301)),
  ]);
  assert.ok(Math.abs(state.registerMilliWh - 401_000) < 2_000, `${state.registerMilliWh}`);
});

test("what a car charged before its first word, unseen, its counter tells, or U holds it", () => {
  const seen = (second: number, wh: number): BatterySample =>
    pausing(second, { chargedMilliWh: wh * 1000, chargedResolutionMilliWh: 100_000 });
  const play = (second: number, wh: number): ReturnType<typeof take> =>
    take([
      seen(0, 900),
      seen(1, 900),
      seen(second, wh),
      ...seconds(second + 1, second + 200).map((at) => seen(at, wh)),
    ]);
  const short = play(200, 1_300);
  assert.equal([short.registerMilliWh, short.stretch.isOpen], [400_000, false]);
  // After so long it may have been on the road and back.
  const long = play(700, 1_800);
  assert.is(long.registerMilliWh, 0);
  assert.ok(batteryStatement(long, LIMITS).interval.toMilliWh >= 900_000);
  // Nothing was counted, so nothing is unknown.
  assert.is(batteryStatement(play(700, 900), LIMITS).interval.toMilliWh, 0);
});

test("a gateway that was away for long from mid-charge into a pause lets the counter tell, while its contract is open", () => {
  const told = (second: number, wh: number, changes: Partial<BatterySample>): BatterySample =>
    counted(second, wh, { chargedResolutionMilliWh: 100_000, ...changes });
  const charged = seconds(0, 150).map((second) => told(second, Math.floor((1_000 + 2 * second) / 100) * 100, {}));
  const pause = seconds(600, 620).map((second) =>
    told(second, 1_700, { batteryCurrentA: 0, charging: false, plugged: null }),
  );
  const state = take([...charged, ...pause]);
  assert.ok(Math.abs(state.registerMilliWh - 700_000) <= 60_000, `${state.registerMilliWh}`);
  const gone = take([...charged, ...pause.map((said) => ({ ...said, plugged: false }))]);
  assert.ok(gone.registerMilliWh < 310_000, "with the cable out it may have been braking");
});

test("where a heater takes almost all, what still flows in is in U, though the car says that it does not charge", () => {
  const heated = (second: number): BatterySample => unsure(second, { batteryCurrentA: 0.45 });
  const charged = seconds(401, 700).map((second) => sample(second));
  const state = take([...seconds(0, 400).map(heated), ...charged]);
  const { headline, interval } = batteryStatement(state, LIMITS);
  assert.ok(headline.energyMilliWh < 602_000, `${headline.energyMilliWh}`);
  // 18 Wh by the sensor, and as much as its zero may be off; all of it one-sided.
  const most = 598_000 + 18_000 + 12_000;
  assert.ok(interval.toMilliWh > most, `${interval.toMilliWh}`);
  const still = take([...seconds(0, 400).map((second) => unsure(second, { batteryCurrentA: 0.2 })), ...charged]);
  assert.ok(batteryStatement(still, LIMITS).headline.uncertainty.parts.gapMilliWh === 0);
});

test("a gap that ends in current, when the stretch before it has been quiet for too long, is not lost", () => {
  const gapMilliWh = 65 * 2_000;
  const state = take([
    ...seconds(0, 100).map((second) => sample(second)),
    ...seconds(101, 116).map((second) => unsure(second)),
    ...seconds(181, 211).map((second) => unsure(second)),
    ...seconds(212, 300).map((second) => sample(second)),
  ]);
  const { interval, gaps } = batteryStatement(state, LIMITS);
  assert.ok(interval.toMilliWh >= 600_000, `${interval.toMilliWh}`);
  assert.ok(state.registerMilliWh > 600_000 - gapMilliWh - 35_000, `${state.registerMilliWh}`);
  assert.is(gaps.count, 1);
});

test("how far a coarse counter was into its step before a gap, its last tick tells", () => {
  for (const startWh of [1_000, 1_030, 1_060, 1_099]) {
    const flowed = (second: number): number => startWh + 2 * second;
    const told = (second: number): BatterySample => counted(second, Math.floor(flowed(second) / 100) * 100);
    const state = take([...seconds(0, 145).map(told), ...seconds(330, 340).map(told)]);
    // Half a step of the counter behind the gap, and the tick's width.
    const errorMilliWh = state.registerMilliWh - 680_000;
    assert.ok(Math.abs(errorMilliWh) <= 53_000, `${startWh}: ${errorMilliWh}`);
  }
});

test("a contract that begins while a car charges goes on at its inlet where nothing else is told", () => {
  const atInlet = { ...LIMITS, countedInlet: "apparent" } as const;
  const blind = { batteryVoltageV: null, batteryCurrentA: null, inlet: { powerW: 7_200, kind: "apparent" } } as const;
  const before = take(
    seconds(0, 100).map((second) => sample(second, blind)),
    NO_BATTERY_ENERGY,
    atInlet,
  );
  const begun = openSession(before, 11_000);
  const after = take(
    seconds(101, 201).map((second) => sample(second, blind)),
    begun,
    atInlet,
  );
  assert.is(after.session.method, "inlet-apparent");
  assert.is(after.registerMilliWh - begun.registerMilliWh, 200_000);
});

test("what an inlet took while nobody looked, and before which the car paused, is bounded", () => {
  const atInlet = { powerW: 7_200, kind: "active" } as const;
  const state = take([
    ...seconds(0, 100).map((second) => sample(second, { inlet: atInlet })),
    ...seconds(101, 110).map((second) => resting(second)),
    ...seconds(300, 400).map((second) => sample(second, { inlet: atInlet })),
  ]);
  const estimate = batteryStatement(state, LIMITS).estimates.find(({ method }) => method === "inlet-active");
  assert.ok(estimate !== undefined);
  // From nothing to 12.1 kW for 190 s: the middle, and half of it either way.
  assert.ok(Math.abs(estimate.energyMilliWh - 401_000 - 319_306) < 10, `${estimate.energyMilliWh}`);
  assert.ok(estimate.uncertainty.parts.gapMilliWh > 184_000);
});

test("a plug that was out seconds ago does not hide the current that flows since", () => {
  const said = {
    ...{ batteryVoltageV: 360, batteryCurrentA: 20, charging: false, plugged: false, chargedMilliWh: null },
    ...{ chargedResolutionMilliWh: null, stateOfChargePercent: null, inlet: null, rawReplies: [] },
    ...{ monotonicMs: 5_000, wallMs: 0 },
  };
  const ages = { charged: null, stateOfCharge: null, inlet: null };
  assert.is(batterySampleOf({ ...said, agesMs: { ...ages, plugged: 3_000 } }, 0).plugged, null);
  assert.is(batterySampleOf({ ...said, agesMs: { ...ages, plugged: 0 } }, 0).plugged, false);
  assert.is(batterySampleOf({ ...said, batteryCurrentA: 0, agesMs: { ...ages, plugged: 3_000 } }, 0).plugged, false);
});

test("power at the inlet counts before the car says that it charges, also behind a gap", () => {
  const atInlet = { ...LIMITS, countedInlet: "apparent" } as const;
  const blind = { batteryVoltageV: null, batteryCurrentA: null, charging: false } as const;
  const inlet = { powerW: 7_200, kind: "apparent" } as const;
  const seen = take(
    [
      ...seconds(0, 5).map((second) => resting(second, blind)),
      ...seconds(6, 16).map((second) => sample(second, { ...blind, inlet })),
      ...seconds(17, 20).map((second) => resting(second, blind)),
      ...seconds(100, 105).map((second) => sample(second, { ...blind, inlet })),
    ],
    CONTRACT,
    atInlet,
  );
  // 10 s and 5 s at 2 Wh a second, half a second at the first one's end, and half of what 80 s may have held.
  assert.ok(Math.abs(seen.registerMilliWh - 31_000 - 134_444) < 10, `${seen.registerMilliWh}`);
  const out = take(
    seconds(0, 50).map((second) => sample(second, { ...blind, inlet, plugged: false })),
    CONTRACT,
    atInlet,
  );
  assert.is(out.registerMilliWh, 0);
});

test("a counter that lies is not believed for a gap either: the interval holds the truth, and it is flagged", () => {
  const lying = (second: number): BatterySample =>
    counted(second, 900 + 1.2 * 2 * second, { chargedResolutionMilliWh: 1 });
  const state = take([...seconds(0, 1000), ...seconds(1300, 2000)].map(lying));
  const { interval, isInconsistent, headline } = batteryStatement(state, LIMITS);
  assert.is(headline.method, "counter");
  assert.ok(interval.fromMilliWh < 4_000_000 && interval.toMilliWh > 4_800_000, JSON.stringify(interval));
  assert.is(isInconsistent, true);
});

test("a small charge that a counter tells 12 % too high is stated wide enough, though not flagged", () => {
  const lying = (second: number): BatterySample =>
    counted(second, 900 + 1.12 * 2 * second, { chargedResolutionMilliWh: 1 });
  const { interval, isInconsistent } = batteryStatement(take(seconds(0, 600).map(lying)), LIMITS);
  assert.ok(interval.fromMilliWh < 1_200_000 && interval.toMilliWh > 1_340_000, JSON.stringify(interval));
  assert.is(isInconsistent, false);
});

test("whatever the car says, each interval of evidence can be closed and stated", () => {
  const anySample = fc.record({
    elapsedMs: fc.constantFrom(1_000, 2_000, 10_000, 40_000, 200_000),
    batteryCurrentA: fc.constantFrom(-3, 0, 20),
    charging: fc.boolean(),
    plugged: fc.constantFrom(true, true, null, false),
    moved: fc.constantFrom(null, 0, 0.5, 1, 3),
  });
  fc.assert(
    fc.property(fc.array(anySample, { minLength: 5, maxLength: 60 }), (samples) => {
      let [state, collected, nowMs, chargedMilliWh] = [CONTRACT, NO_EVIDENCE, 0, 5_000_000];
      for (const { elapsedMs, moved, ...said } of samples) {
        nowMs += elapsedMs;
        chargedMilliWh += Math.round((moved ?? 0) * elapsedMs * 2);
        const counter = { chargedMilliWh: moved === null ? null : chargedMilliWh, chargedResolutionMilliWh: 1_000 };
        const next = takeSample(state, sample(nowMs / 1000, { ...said, ...counter }), LIMITS);
        const step = collectEvidence(collected, [state, next], { rawReplies: [], wallMs: nowMs }, null);
        [state, collected] = [next, step.evidence];
        if (collected.open === null) continue;
        const { estimates } = closeInterval(collected.open, state, null);
        assert.ok(estimates.every(({ uncertainty }) => Number.isSafeInteger(uncertainty.expandedMilliWh)));
      }
    }),
    { numRuns: 200 },
  );
});

test.run();
