/** After a start: when a gateway may rely on what its card says of its own words, should the card be an old copy. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import { Settling } from "#services/settling.ts";

const test = suite("settling");

function begin(): { readonly clock: SimulatedClock; readonly settling: Settling } {
  const clock = new SimulatedClock({ wallEpochMs: Date.UTC(2026, 5, 1) });
  return { clock, settling: new Settling(clock) };
}

test("whoever has heard nobody waits, and after two minutes no longer", async () => {
  const { clock, settling } = begin();
  await clock.runFor(119_000);
  assert.not(settling.isOver);
  await clock.runFor(1_000);
  assert.ok(settling.isOver);
});

test("it is over some seconds after somebody was heard who holds nothing else", async () => {
  const { clock, settling } = begin();
  settling.noteLevel();
  await clock.runFor(4_000);
  assert.not(settling.isOver);
  await clock.runFor(1_000);
  assert.ok(settling.isOver);
});

test("what comes meanwhile, or is told to be missing, begins the wait anew", async () => {
  const { clock, settling } = begin();
  settling.noteLevel();
  await clock.runFor(4_000);
  settling.noteBehind();
  await clock.runFor(20_000);
  assert.not(settling.isOver, "nobody has said since that nothing is missing");
  settling.noteLevel();
  await clock.runFor(5_000);
  assert.ok(settling.isOver);
});

test("once it is over it stays so", async () => {
  const { clock, settling } = begin();
  settling.noteLevel();
  await clock.runFor(5_000);
  assert.ok(settling.isOver);
  settling.noteBehind();
  assert.ok(settling.isOver);
});

test.run();
