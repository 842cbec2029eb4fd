/** What hal/ports/clock.ts promises, for any clock. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Clock } from "#hal/ports/clock.ts";

export interface ClockUnderTest {
  readonly clock: Clock;
  /** Lets that much of the clock's time pass, and everything due in it happen. */
  readonly pass: (durationMs: number) => Promise<void>;
}

/** Small enough for a real clock, large enough for its timers. */
const STEP_MS = 20;

export function clockContract(name: string, make: () => ClockUnderTest): void {
  const test = suite(`clock contract: ${name}`);

  test("monotonic time does not step back and wall time is a whole number of milliseconds", async () => {
    const { clock, pass } = make();
    const before = clock.monotonicMs();
    await pass(STEP_MS);
    assert.ok(clock.monotonicMs() >= before + STEP_MS);
    assert.ok(Number.isSafeInteger(clock.wallMs()));
  });

  test("wall time and monotonic time pass equally fast", async () => {
    const { clock, pass } = make();
    const [monotonicMs, wallMs] = [clock.monotonicMs(), clock.wallMs()];
    await pass(5 * STEP_MS);
    const difference = clock.wallMs() - wallMs - (clock.monotonicMs() - monotonicMs);
    assert.ok(Math.abs(difference) <= STEP_MS / 2, `they parted by ${difference} ms`);
  });

  test("a wake-up comes once, and not before its time", async () => {
    const { clock, pass } = make();
    const atMs = clock.monotonicMs() + 1.7 * STEP_MS;
    const woken: number[] = [];
    clock.wakeAt(atMs, () => woken.push(clock.monotonicMs()));
    await pass(STEP_MS);
    assert.is(woken.length, 0);
    await pass(3 * STEP_MS);
    assert.is(woken.length, 1);
    assert.ok(woken.every((time) => time >= atMs));
  });

  test("of many short waits at odd times none ends early", async () => {
    const { clock, pass } = make();
    let early = 0;
    let woken = 0;
    const waitAgain = (): void => {
      const atMs = clock.monotonicMs() + 0.05 + (woken % 7) * 0.13;
      clock.wakeAt(atMs, () => {
        woken += 1;
        if (clock.monotonicMs() < atMs) early += 1;
        if (woken < 100) waitAgain();
      });
    };
    waitAgain();
    await pass(8 * STEP_MS);
    assert.ok(woken > 20, `${woken} waits`);
    assert.is(early, 0);
  });

  test("wake-ups come in the order of their times, whatever the order of asking", async () => {
    const { clock, pass } = make();
    const start = clock.monotonicMs();
    const order: string[] = [];
    clock.wakeAt(start + 3 * STEP_MS, () => order.push("third"));
    clock.wakeAt(start + STEP_MS, () => order.push("first"));
    clock.wakeAt(start + 2 * STEP_MS, () => order.push("second"));
    await pass(5 * STEP_MS);
    assert.equal(order, ["first", "second", "third"]);
  });

  test("a time that has passed wakes soon, but never within the call", async () => {
    const { clock, pass } = make();
    await pass(STEP_MS);
    let woken = false;
    clock.wakeAt(clock.monotonicMs() - STEP_MS, () => (woken = true));
    assert.not(woken);
    await pass(STEP_MS);
    assert.ok(woken);
  });

  test("a cancelled wake-up does not come, and cancelling twice or late does nothing", async () => {
    const { clock, pass } = make();
    let woken = 0;
    const cancelEarly = clock.wakeAt(clock.monotonicMs() + STEP_MS, () => (woken += 100));
    const cancelLate = clock.wakeAt(clock.monotonicMs() + STEP_MS, () => (woken += 1));
    const cancelPassed = clock.wakeAt(clock.monotonicMs() - 1, () => (woken += 100));
    cancelEarly();
    cancelEarly();
    cancelPassed();
    await pass(3 * STEP_MS);
    cancelLate();
    assert.is(woken, 1);
  });

  test("a wake-up may ask for the next one, and may cancel another that is due at the same time", async () => {
    const { clock, pass } = make();
    const start = clock.monotonicMs();
    let ticks = 0;
    const tick = (): void => {
      ticks += 1;
      if (ticks < 3) clock.wakeAt(clock.monotonicMs() + STEP_MS / 4, tick);
    };
    clock.wakeAt(start + STEP_MS / 4, tick);
    const cancels: (() => void)[] = [];
    let survivors = 0;
    for (let index = 0; index < 2; index += 1) {
      const cancel = clock.wakeAt(start + STEP_MS, () => {
        survivors += 1;
        for (const other of cancels) other();
      });
      cancels.push(cancel);
    }
    await pass(5 * STEP_MS);
    assert.is(ticks, 3);
    assert.is(survivors, 1);
  });

  test.run();
}
