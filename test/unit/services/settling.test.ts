/** After a start: when a gateway may rely on what its card says of its own words, should the card be an old copy. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import { Settling } from "#services/settling.ts";

const test = suite("settling");

function begin(): { readonly clock: SimulatedClock; readonly settling: Settling; readonly broker: { isUp: boolean } } {
  const clock = new SimulatedClock({ wallEpochMs: Date.UTC(2026, 5, 1) });
  const broker = { isUp: true };
  return { clock, broker, settling: new Settling({ clock, isConnected: () => broker.isUp }) };
}

test("whoever has heard nobody waits, and after two minutes no longer", async () => {
  const { clock, settling } = begin();
  assert.not(settling.isOver);
  await clock.runFor(119_000);
  assert.not(settling.isOver);
  await clock.runFor(1_000);
  assert.ok(settling.isOver);
});

test("without a broker waiting does not begin: nobody could tell what was signed before", async () => {
  const { clock, settling, broker } = begin();
  assert.not(settling.isOver);
  broker.isUp = false;
  await clock.runFor(3_600_000);
  assert.not(settling.isOver, "an hour on the road");
  assert.not(settling.isOverForVotes);
  broker.isUp = true;
  assert.not(settling.isOver);
  await clock.runFor(119_000);
  assert.not(settling.isOver);
  assert.ok(settling.lacksVotes, "it still asks for votes");
  await clock.runFor(1_000);
  assert.ok(settling.isOver && settling.isOverForVotes);
  assert.not(settling.lacksVotes);
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
