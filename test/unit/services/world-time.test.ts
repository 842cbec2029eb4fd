/** The date of a gateway, from the best source that there is. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SettableClockState } from "#hal/mock/settable-clock-state.ts";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import type { NodeClock } from "#hal/mock/node-clock.ts";
import { WorldTime } from "#services/world-time.ts";

const TRUE_START_MS = Date.UTC(2026, 5, 1, 8);
const DAY_MS = 86_400_000;

const test = suite("world time");

test("a synchronised clock is believed, whatever anybody says", () => {
  const { time, clock } = world(0);
  time.hearMember("a", 1);
  time.hearStation(2);
  time.hearPast(clock.wallMs() / 1000 + 3_600);
  assert.is(time.wallMs(), clock.wallMs());
  assert.is(time.dateSource, "clock");
});

test("a board that wakes up in 1970 is at no time before what it knows has been, and goes on from there", async () => {
  const { time, run } = world(-TRUE_START_MS, "unsynced");
  assert.is(time.isDateKnown, true);
  time.hearPast(TRUE_START_MS / 1000 - 600);
  assert.is(time.isDateKnown, false);
  assert.is(time.wallMs(), TRUE_START_MS - 600_000);
  await run(90_000);
  assert.is(time.wallMs(), TRUE_START_MS - 600_000 + 90_000);
});

test("the date is the median of what members with a clock say, so that one liar cannot move it", () => {
  const { time } = world(DAY_MS, "unsynced");
  const now = TRUE_START_MS / 1000;
  time.hearMember("honest", now);
  time.hearMember("liar", now + 10 * 365 * 86_400);
  assert.is(time.wallMs(), TRUE_START_MS);
  time.hearMember("too", now - 1);
  time.hearMember("liar", now - 365 * 86_400);
  assert.is(time.wallMs(), TRUE_START_MS - 1_000);
});

test("of two words of a member the one that was on its way for a shorter time holds", async () => {
  const { time, run } = world(DAY_MS, "unsynced");
  time.hearMember("a", TRUE_START_MS / 1000 - 55);
  await run(10_000);
  time.hearMember("a", TRUE_START_MS / 1000 + 10);
  await run(10_000);
  time.hearMember("a", TRUE_START_MS / 1000 + 11);
  assert.is(time.wallMs(), TRUE_START_MS + 20_000);
});

test("two without a time agree on the station's", () => {
  const { time } = world(-DAY_MS, "unsynced");
  time.hearStation(TRUE_START_MS / 1000 + 7_200);
  assert.is(time.wallMs(), TRUE_START_MS + 7_200_000);
  assert.is(time.dateSource, "station");
});

test("an error of more than a second is good for selling by the hour, and not for sealing", async () => {
  const { time, state, run } = world(0);
  assert.is(time.isExact, true);
  state.sync(1_001);
  await run(1_000);
  assert.equal([time.isSynced, time.isExact], [true, false]);
});

test("a change of the source is told once, and nothing is told of a clock that was right from the start", async () => {
  const { time, state, told, run } = world(0);
  time.tell();
  assert.equal(told, []);
  state.lose();
  await run(1_000);
  time.tell();
  time.tell();
  time.hearMember("a", TRUE_START_MS / 1000);
  time.tell();
  state.sync(3);
  await run(1_000);
  time.tell();
  assert.equal(told, ["own null", "members null", "clock 3"]);
});

interface World {
  readonly time: WorldTime;
  readonly clock: NodeClock;
  readonly state: SettableClockState;
  readonly told: string[];
  readonly run: (durationMs: number) => Promise<void>;
}

function world(offsetMs: number, kind: "synced" | "unsynced" = "synced"): World {
  const simulated = new SimulatedClock({ wallEpochMs: TRUE_START_MS });
  const clock = simulated.nodeClock({ offsetMs });
  const state = new SettableClockState(clock);
  if (kind === "unsynced") state.lose();
  const told: string[] = [];
  const time = new WorldTime({
    clock,
    source: state,
    emit: (name, event) => {
      if (name === "clockChanged" && "errorMs" in event) told.push(`${event.source} ${String(event.errorMs)}`);
    },
  });
  return { time, clock, state, told, run: (durationMs) => simulated.runFor(durationMs) };
}

test.run();
