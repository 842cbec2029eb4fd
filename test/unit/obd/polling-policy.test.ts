/** How often a car is asked: hours of it in a loop without a clock. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import {
  POLITE,
  pollingAdvice,
  type PollingAdvice,
  type PollingState,
  startPolling,
  stepPolling,
} from "#hal/vehicles/polling-policy.ts";

const test = suite("polling policy");

const MINUTE = 60_000;

interface Car {
  readonly volts: number | null;
  readonly isCharging?: boolean;
  readonly isPlugged?: boolean;
  readonly isAsleep?: boolean;
}

interface Day {
  /** When each request was made. */
  readonly asked: readonly number[];
  readonly state: PollingState;
}

/** Does what is advised every second; `car` says how it is at a time. */
function live(durationMs: number, car: (atMs: number) => Car, from = startPolling(0)): Day {
  let state = from;
  const asked: number[] = [];
  for (let atMs = 0; atMs < durationMs; atMs += 1_000) {
    const { volts, isCharging = false, isPlugged = false, isAsleep = false } = car(atMs);
    let advice: PollingAdvice = pollingAdvice(state, atMs);
    if (advice.kind === "readSupply") {
      state = stepPolling(state, { kind: "supply", volts, atMs });
      advice = pollingAdvice(state, atMs);
    }
    if (advice.kind !== "poll" && advice.kind !== "look") continue;
    asked.push(atMs);
    state = stepPolling(state, isAsleep ? { kind: "noData", atMs } : { kind: "answered", isCharging, isPlugged, atMs });
  }
  return { asked, state };
}

function gapsOf(asked: readonly number[]): readonly number[] {
  return asked.slice(1).map((atMs, index) => (atMs - (asked[index] ?? 0)) / MINUTE);
}

test("a charging car is polled at every opportunity", () => {
  const { asked } = live(10 * MINUTE, () => ({ volts: 13.4, isCharging: true, isPlugged: true }));
  assert.is(asked.length, 600);
});

test("a plugged car that waits is too, while its 12 V system is well", () => {
  assert.is(live(10 * MINUTE, () => ({ volts: 12.6, isPlugged: true })).asked.length, 600);
  assert.equal(live(10 * MINUTE, () => ({ volts: 12.1, isPlugged: true })).asked, []);
});

test("a parked car whose 12 V system rests is looked at once and never again", () => {
  const { asked } = live(24 * 60 * MINUTE, () => ({ volts: 12.6 }));
  assert.equal(asked, [0]);
});

test("a parked car whose 12 V system is charged is looked at after 5 minutes, then 10, then every 15", () => {
  const { asked } = live(2 * 60 * MINUTE, () => ({ volts: 13.6 }));
  assert.equal(gapsOf(asked).slice(0, 4), [5, 10, 15, 15]);
});

test("a rise is worth a look within a minute, and a charge below 13 V is found by it", () => {
  const startMs = 3 * 60 * MINUTE;
  const { asked } = live(startMs + 10 * MINUTE, (atMs) =>
    atMs < startMs ? { volts: 12.5 } : { volts: 12.8, isCharging: true, isPlugged: true },
  );
  const first = asked.find((atMs) => atMs >= startMs) ?? Infinity;
  assert.ok(first - startMs <= MINUTE, `${(first - startMs) / 1000} s after it began`);
  assert.ok(asked.length > 500);
});

test("the noise of a voltmeter is no rise", () => {
  const { asked } = live(24 * 60 * MINUTE, (atMs) => ({ volts: atMs % (2 * MINUTE) === 0 ? 12.6 : 12.8 }));
  assert.is(asked.length, 1);
});

test("below 12.2 V nothing at all is asked, and not before it has recovered", () => {
  const { asked } = live(60 * MINUTE, (atMs) => {
    if (atMs < 20 * MINUTE) return { volts: 12.1 };
    return { volts: atMs < 40 * MINUTE ? 12.3 : 12.7 };
  });
  assert.equal(
    asked.filter((atMs) => atMs < 40 * MINUTE),
    [],
  );
  assert.is(asked.length, 1, "a recovery is a rise");
});

test("a car that says it charges is measured although an uncalibrated adapter shows little", () => {
  const { asked } = live(10 * MINUTE, (atMs) => ({ volts: atMs < MINUTE ? 12.6 : 12.0, isCharging: true }));
  assert.is(asked.length, 600);
});

test("three silences in a row are a sleep of a quarter of an hour", () => {
  const charging = live(MINUTE, () => ({ volts: 13.4, isCharging: true, isPlugged: true }));
  const asleep = live(60 * MINUTE, () => ({ volts: 13.4, isAsleep: true }), {
    ...charging.state,
    fastUntilMs: 2 * MINUTE,
    supplyAgainAtMs: 0,
    lookAgainAtMs: 0,
  });
  assert.equal(asleep.asked.slice(0, 3), [0, 1_000, 2_000]);
  assert.ok((gapsOf(asleep.asked)[2] ?? 0) >= 15, `${gapsOf(asleep.asked)[2] ?? 0} min`);
  assert.ok(asleep.asked.length <= 8, `${asleep.asked.length} requests in an hour`);
});

test("one silence among answers changes nothing", () => {
  const { asked } = live(10 * MINUTE, (atMs) => ({
    volts: 13.4,
    isCharging: true,
    isPlugged: true,
    isAsleep: atMs > 0 && atMs % 10_000 === 0,
  }));
  assert.is(asked.length, 600);
});

test("after a charge the car is watched for a minute, then left alone", () => {
  const { asked } = live(60 * MINUTE, (atMs) =>
    atMs < 10 * MINUTE ? { volts: 13.4, isCharging: true, isPlugged: true } : { volts: 12.7 },
  );
  const after = asked.filter((atMs) => atMs >= 10 * MINUTE);
  assert.ok(after.length >= 55 && after.length <= 70, `${after.length} requests`);
  assert.ok((after.at(-1) ?? 0) <= 12 * MINUTE);
});

test("without a voltmeter it is one look every quarter of an hour", () => {
  const { asked } = live(2 * 60 * MINUTE, () => ({ volts: null }));
  assert.equal(gapsOf(asked), [15, 15, 15, 15, 15, 15, 15]);
});

test("who expects a charge is believed for a minute, also of a car that sleeps, but not of a flat 12 V battery", () => {
  const parked = live(60 * MINUTE, () => ({ volts: 12.6, isAsleep: true })).state;
  const told = stepPolling(parked, { kind: "expected", atMs: 60 * MINUTE });
  assert.is(pollingAdvice(told, 60 * MINUTE - 1).kind, "poll");
  const flat = stepPolling(told, { kind: "supply", volts: 11.9, atMs: 60 * MINUTE });
  assert.is(pollingAdvice(flat, 60 * MINUTE).kind, "wait");
});

test("a wait says until when, and never past the next look at the voltmeter", () => {
  const { state } = live(MINUTE, () => ({ volts: 12.6 }));
  const advice = pollingAdvice(state, 59_000);
  assert.ok(advice.kind === "wait" && advice.untilMs <= 59_000 + POLITE.supplyEveryMs, JSON.stringify(advice));
});

test.run();
