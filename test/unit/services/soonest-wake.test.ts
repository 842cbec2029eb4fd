/** One wake at a time: the soonest that was wished for, and again after it has come. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import { SoonestWake } from "#services/soonest-wake.ts";

const test = suite("soonest wake");

interface Bench {
  readonly clock: SimulatedClock;
  readonly wake: SoonestWake;
  readonly woken: readonly string[];
  readonly wish: (atMs: number) => void;
}

function bench(): Bench {
  const clock = new SimulatedClock();
  const wake = new SoonestWake(clock);
  const woken: string[] = [];
  const wish = (atMs: number): void => {
    wake.at(atMs, () => woken.push(`meant for ${atMs} at ${clock.monotonicMs()}`));
  };
  return { clock, wake, woken, wish };
}

test("of several wishes the soonest is granted alone, in whatever order they come", async () => {
  const { clock, woken, wish } = bench();
  for (const atMs of [300, 200, 250, 200, Infinity]) wish(atMs);
  await clock.runFor(1000);
  assert.equal(woken, ["meant for 200 at 200"]);
});

test("after a wake, or when it was taken back, a later one can be wished for", async () => {
  const { clock, wake, woken, wish } = bench();
  wish(100);
  await clock.runFor(150);
  wish(400);
  wake.cancel();
  wish(500);
  await clock.runFor(1000);
  assert.equal(woken, ["meant for 100 at 100", "meant for 500 at 500"]);
});

test.run();
