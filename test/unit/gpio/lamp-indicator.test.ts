/**
 * What lamps say: that it can be told apart without colours, that it is what the README says, and when lamps change.
 */
import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { fail, ok } from "#base/result.ts";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import type { Lamp } from "#hal/ports/indicator.ts";
import { describeLampPatterns } from "#hal/protocols/indicator/describe-lamp-patterns.ts";
import { LampIndicator } from "#hal/protocols/indicator/lamp-indicator.ts";
import { LAMP_PATTERNS, type LampPattern } from "#hal/protocols/indicator/lamp-patterns.ts";

const patterns: readonly [string, LampPattern][] = Object.entries(LAMP_PATTERNS);

const test = suite("lamp patterns");

test("the README's table is the one in the code", () => {
  const path = new URL("../../../hal/protocols/indicator/README.md", import.meta.url);
  const squeeze = (text: string): string => text.replaceAll(/ +/g, " ").replaceAll(/-+/g, "-");
  const readme = squeeze(readFileSync(path, "utf8"));
  const table = squeeze(describeLampPatterns(LAMP_PATTERNS));
  assert.ok(readme.includes(table), `not in ${path.pathname}:\n${describeLampPatterns(LAMP_PATTERNS)}`);
});

test("every pattern goes on and off: a lamp that stands still belongs to a box that is off or hangs", () => {
  for (const [state, { rhythmMs }] of patterns) {
    assert.ok(rhythmMs.length > 0 && rhythmMs.length % 2 === 0, state);
    assert.ok(
      rhythmMs.every((durationMs) => Number.isInteger(durationMs) && durationMs >= 100),
      `${state}: an eye needs a tenth of a second`,
    );
    assert.ok(sum(rhythmMs) <= 4000, `${state}: nobody waits longer than four seconds`);
  }
});

test("nothing flashes more than three times in any second", () => {
  for (const [state, pattern] of patterns) {
    const starts = flashStarts(pattern, 20_000);
    for (const start of starts) {
      const within = starts.filter((other) => other >= start && other < start + 1000).length;
      assert.ok(within <= 3, `${state} flashes ${within} times in a second`);
    }
  }
});

test("any two patterns differ without their colours, by kind or by a pace that an eye can tell", () => {
  patterns.forEach(([state, pattern], index) => {
    for (const [other, rhythm] of patterns.slice(index + 1)) {
      const areAlike = kindOf(pattern) === kindOf(rhythm);
      const [slow, fast] = [sum(pattern.rhythmMs), sum(rhythm.rhythmMs)].sort((left, right) => right - left);
      const paces = (slow ?? 0) / (fast ?? 1);
      assert.ok(
        !areAlike || paces >= 2,
        `${state} and ${other} are both ${kindOf(pattern)}, at ${paces} times the pace`,
      );
    }
  });
});

/** The kinds that people can name: even, mostly lit, mostly dark, or a count of long and short flashes. */
function kindOf({ rhythmMs }: LampPattern): string {
  const lit = rhythmMs.filter((_, step) => step % 2 === 0);
  if (lit.length > 1) return lit.map((durationMs) => (durationMs >= 500 ? "long" : "short")).join(" ");
  const share = sum(lit) / sum(rhythmMs);
  if (share === 0.5) return "even";
  return share > 0.5 ? "lit with gaps" : "dark with flashes";
}

function flashStarts({ rhythmMs }: LampPattern, untilMs: number): readonly number[] {
  const starts: number[] = [];
  for (let atMs = 0, step = 0; atMs < untilMs; step = (step + 1) % rhythmMs.length) {
    if (step % 2 === 0) starts.push(atMs);
    atMs += rhythmMs[step] ?? 0;
  }
  return starts;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

test.run();

class RecordedLamp implements Lamp {
  readonly changes: string[] = [];
  isReachable = true;
  readonly #clock: SimulatedClock;

  constructor(clock: SimulatedClock) {
    this.#clock = clock;
  }

  set(isLit: boolean): ReturnType<Lamp["set"]> {
    if (!this.isReachable) return fail({ code: "GPIO_CLOSED" });
    this.changes.push(`${isLit ? "lit" : "dark"} ${this.#clock.monotonicMs()}`);
    return ok(undefined);
  }
}

const indicatorTest = suite("lamp indicator");

function oneLamp(onFault?: () => void): { clock: SimulatedClock; lamp: RecordedLamp; indicator: LampIndicator } {
  const clock = new SimulatedClock();
  const lamp = new RecordedLamp(clock);
  const lamps = { green: lamp, blue: lamp, amber: lamp, red: lamp };
  return { clock, lamp, indicator: new LampIndicator({ clock, lamps, ...(onFault === undefined ? {} : { onFault }) }) };
}

indicatorTest("a state is shown at once and repeated until another one is", async () => {
  const { clock, lamp, indicator } = oneLamp();
  indicator.show("plugged");
  await clock.runUntil(2300);
  assert.equal(lamp.changes, ["lit 0", "dark 200", "lit 400", "dark 600", "lit 2000", "dark 2200"]);
  indicator.show("charging");
  await clock.runUntil(4500);
  assert.equal(lamp.changes.slice(6), ["lit 2300", "dark 4300"]);
  indicator.close();
});

indicatorTest("the state that is shown already goes on without a break", async () => {
  const { clock, lamp, indicator } = oneLamp();
  for (let atMs = 0; atMs <= 1100; atMs += 50) {
    await clock.runUntil(atMs);
    indicator.show("starting");
  }
  assert.equal(lamp.changes, ["lit 0", "dark 100", "lit 1000", "dark 1100"]);
  indicator.close();
});

indicatorTest("with several lamps one plays and the others are dark", async () => {
  const clock = new SimulatedClock();
  const [green, red] = [new RecordedLamp(clock), new RecordedLamp(clock)];
  const indicator = new LampIndicator({ clock, lamps: { green, blue: green, amber: red, red } });
  indicator.show("ready");
  await clock.runUntil(1000);
  indicator.show("fault");
  await clock.runUntil(1400);
  assert.equal(green.changes, ["lit 0", "dark 1000"]);
  assert.equal(red.changes, ["dark 0", "lit 1000", "dark 1200", "lit 1400"]);
  indicator.close();
});

indicatorTest("after the close all is dark, nothing wakes, and nothing is shown any more", async () => {
  const { clock, lamp, indicator } = oneLamp();
  indicator.show("ready");
  indicator.close();
  indicator.close();
  indicator.show("fault");
  await clock.runFor(10_000);
  assert.equal(lamp.changes, ["lit 0", "dark 0"]);
  assert.is(clock.pendingWakes, 0);
});

indicatorTest("a lamp that cannot be reached is told once, and again after it has worked", async () => {
  let faults = 0;
  const { clock, lamp, indicator } = oneLamp(() => (faults += 1));
  indicator.show("agreeing");
  lamp.isReachable = false;
  await clock.runFor(5000);
  assert.is(faults, 1);
  lamp.isReachable = true;
  await clock.runFor(1000);
  lamp.isReachable = false;
  await clock.runFor(5000);
  assert.is(faults, 2);
  indicator.close();
});

indicatorTest.run();
