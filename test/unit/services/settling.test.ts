/** After a start: when a gateway may rely on what its card says of its own words, should the card be an old copy. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import { Settling } from "#services/settling.ts";

const test = suite("settling");

interface Begun {
  readonly clock: SimulatedClock;
  readonly settling: Settling;
  /** Lets time pass, with a broker or without. */
  readonly pass: (ms: number, isUp?: boolean) => Promise<void>;
}

function begin(): Begun {
  const clock = new SimulatedClock({ wallEpochMs: Date.UTC(2026, 5, 1) });
  let connectedMs = 0;
  const pass = async (ms: number, isUp = true): Promise<void> => {
    await clock.runFor(ms);
    connectedMs += isUp ? ms : 0;
  };
  return { clock, pass, settling: new Settling({ clock, connectedMs: () => connectedMs }) };
}

test("whoever has heard nobody waits, and after two minutes no longer", async () => {
  const { pass, settling } = begin();
  await pass(119_000);
  assert.not(settling.isOver);
  await pass(1_000);
  assert.ok(settling.isOver);
});

test("time without a broker does not count: nobody could tell what was signed before", async () => {
  const { pass, settling } = begin();
  await pass(3_600_000, false);
  assert.not(settling.isOver, "an hour on the road");
  assert.not(settling.isOverForVotes);
  await pass(60_000);
  await pass(3_600_000, false);
  await pass(59_000);
  assert.not(settling.isOver);
  assert.ok(settling.lacksVotes, "it still asks for votes");
  await pass(1_000);
  assert.ok(settling.isOver && settling.isOverForVotes, "a broker that comes and goes is one");
  assert.not(settling.lacksVotes);
  await pass(60_000, false);
  assert.ok(settling.isOverForVotes, "and it stays over");
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
