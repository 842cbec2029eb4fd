import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ScaledClock } from "#hal/linux/scaled-clock.ts";
import { SeededRandom } from "#hal/mock/seeded-random.ts";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";

const test = suite("simulated clock");

test("equal times wake in the order of asking, a thousand times over", async () => {
  const clock = new SimulatedClock();
  const random = new SeededRandom(5);
  const woken: { atMs: number; order: number }[] = [];
  for (let order = 0; order < 1000; order += 1) {
    const atMs = random.integer(0, 20);
    clock.wakeAt(atMs, () => woken.push({ atMs, order }));
  }
  await clock.runUntilIdle();
  const sorted = [...woken].sort((left, right) => left.atMs - right.atMs || left.order - right.order);
  assert.is(woken.length, 1000);
  assert.equal(woken, sorted);
});

test("the queue keeps its order while most of it is cancelled", async () => {
  const clock = new SimulatedClock();
  const random = new SeededRandom(6);
  const kept: number[] = [];
  const expected: number[] = [];
  for (let order = 0; order < 5000; order += 1) {
    const atMs = random.integer(0, 1_000_000);
    const cancel = clock.wakeAt(atMs, () => kept.push(atMs));
    if (random.chance(0.9)) cancel();
    else expected.push(atMs);
  }
  assert.is(clock.pendingWakes, expected.length);
  await clock.runUntilIdle();
  assert.equal(
    kept,
    expected.sort((left, right) => left - right),
  );
});

test("a renewed lease leaves nothing behind: ten thousand cancelled wake-ups are forgotten", () => {
  const clock = new SimulatedClock();
  for (let index = 0; index < 10_000; index += 1) clock.wakeAt(30_000 + index, () => undefined)();
  assert.is(clock.pendingWakes, 0);
});

test("every promise that can settle does before time moves on, however long the chain", async () => {
  const clock = new SimulatedClock();
  const seen: string[] = [];
  const chain = async (): Promise<void> => {
    for (let link = 0; link < 500; link += 1) await Promise.resolve();
    seen.push(`chain at ${clock.monotonicMs()}`);
    await new Promise<void>((resolve) => {
      process.nextTick(resolve);
    });
    seen.push(`tick at ${clock.monotonicMs()}`);
  };
  clock.wakeAt(10, () => void chain());
  clock.wakeAt(10, () => seen.push(`next at ${clock.monotonicMs()}`));
  await clock.runUntil(11);
  assert.equal(seen, ["chain at 10", "tick at 10", "next at 10"]);
  assert.is(clock.monotonicMs(), 11);
});

test("work started before the run is done before the first wake-up", async () => {
  const clock = new SimulatedClock();
  const seen: string[] = [];
  clock.wakeAt(0, () => seen.push("wake"));
  void Promise.resolve()
    .then(() => undefined)
    .then(() => seen.push("work"));
  await clock.runUntil(0);
  assert.equal(seen, ["work", "wake"]);
});

test("runUntil delivers what is due at that very time and leaves the rest", async () => {
  const clock = new SimulatedClock();
  const woken: number[] = [];
  for (const atMs of [5, 10, 10.5]) clock.wakeAt(atMs, () => woken.push(atMs));
  await clock.runUntil(10);
  assert.equal(woken, [5, 10]);
  assert.is(clock.pendingWakes, 1);
});

test("an endless loop is noticed", async () => {
  const clock = new SimulatedClock({ stepsMax: 1000 });
  const again = (): void => void clock.wakeAt(clock.monotonicMs(), again);
  again();
  const message = await clock.runUntilIdle().then(
    () => "it ended",
    (error: unknown) => String(error),
  );
  assert.match(message, "within 1000 wake-ups");
});

test("an error thrown by a wake-up reaches whoever runs the clock, and the clock can go on", async () => {
  const clock = new SimulatedClock();
  let isLater = false;
  clock.wakeAt(1, () => {
    throw new Error("bug: planted");
  });
  clock.wakeAt(2, () => (isLater = true));
  const message = await clock.runUntilIdle().then(
    () => "no error",
    (error: unknown) => String(error),
  );
  assert.match(message, "planted");
  await clock.runUntilIdle();
  assert.ok(isLater);
});

test("two callers cannot run one clock at once", async () => {
  const clock = new SimulatedClock();
  const first = clock.runFor(1);
  const second = await clock.runFor(1).then(
    () => "both ran",
    (error: unknown) => String(error),
  );
  await first;
  assert.match(second, "one caller at a time");
});

test("runUntilSettled stops at the answer and returns it, or says that none can come", async () => {
  const clock = new SimulatedClock();
  clock.wakeAt(1000, () => undefined);
  const answer = new Promise<string>(
    (resolve) =>
      void clock.wakeAt(40, () => {
        resolve("yes");
      }),
  );
  assert.is(await clock.runUntilSettled(answer), "yes");
  assert.is(clock.monotonicMs(), 40);
  const message = await clock.runUntilSettled(new Promise(() => undefined)).then(String, String);
  assert.match(message, "has not settled");
});

test("a node's date may be ahead, drift and step, and its monotonic time notices only the drift", async () => {
  const clock = new SimulatedClock();
  const node = clock.nodeClock({ offsetMs: 5000, driftPpm: 100 });
  await clock.runFor(1_000_000);
  assert.ok(Math.abs(node.monotonicMs() - 1_000_100) < 1e-6);
  assert.is(node.wallErrorMs, 5100);
  node.stepWall(-3_600_000);
  assert.is(node.wallErrorMs, 5100 - 3_600_000);
  assert.ok(Math.abs(node.monotonicMs() - 1_000_100) < 1e-6);
});

test("processes that share an origin agree on the world's time, even if the machine's time is set between their starts", async () => {
  const real = new SimulatedClock({ wallEpochMs: 1_780_000_000_000 });
  const machine = real.nodeClock();
  const origin = { realEpochMs: 1_780_000_000_000, worldEpochMs: 1_800_000_000_000, speed: 60 };
  const early = new ScaledClock(origin, machine);
  await real.runFor(250.3);
  machine.stepWall(-40);
  const late = new ScaledClock(origin, machine);
  for (let look = 0; look < 50; look += 1) {
    await real.runFor(1.37);
    early.wallMs();
    late.wallMs();
  }
  const trueMs = 1_800_000_000_000 + (real.monotonicMs() - 40) * 60;
  assert.ok(Math.abs(early.wallMs() - late.wallMs()) <= 6, `${early.wallMs() - late.wallMs()} ms apart`);
  assert.ok(Math.abs(early.wallMs() - trueMs) <= 60);
});

test("draining costs little: twenty thousand wake-ups, each with ten promise turns, within a second", async () => {
  const clock = new SimulatedClock();
  let turns = 0;
  const work = async (): Promise<void> => {
    for (let turn = 0; turn < 10; turn += 1) turns += await Promise.resolve(1);
  };
  for (let index = 0; index < 20_000; index += 1) clock.wakeAt(index, () => void work());
  const start = performance.now();
  await clock.runUntilIdle();
  const perWakeUs = ((performance.now() - start) * 1000) / 20_000;
  assert.is(turns, 200_000);
  assert.ok(perWakeUs < 50, `${perWakeUs.toFixed(1)} µs a wake-up`);
});

test.run();
