/**
 * A tree of checkpoints that grows at random, members who see any part of it, liars who vote for everything, and
 * committees that hand over to wholly other ones: whether two checkpoints on different branches are ever final.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { VotingGame } from "#test/builders/voting-game.ts";

const test = suite("voting game");
const GAMES = 200;
const TURNS = 200;

test("with as many liars as each committee bears nothing final is ever contradicted, over handoffs too", () => {
  let [finals, handoffs] = [0, 0];
  for (let seed = 0; seed < GAMES; seed += 1) {
    const game = new VotingGame(seed, 1).play(TURNS);
    assert.equal(game.conflicts(), [], `seed ${seed}`);
    finals += game.finals().length - 1;
    handoffs += game.epochMax();
  }
  assert.ok(finals > GAMES, `${finals} finals`);
  assert.ok(handoffs > GAMES / 4, `${handoffs} handoffs`);
});

test("what a chain says is final, the whole of the votes says, too", () => {
  for (let seed = 0; seed < 50; seed += 1) {
    const game = new VotingGame(seed, 1).play(TURNS);
    assert.equal(
      game.finalsOfChains().filter((id) => !game.finals().includes(id)),
      [],
      `seed ${seed}`,
    );
  }
});

test("no honest member is ever named by two of its votes", () => {
  for (let seed = 0; seed < 50; seed += 1) {
    const game = new VotingGame(seed, 2).play(TURNS);
    assert.equal(
      game.guilty().filter((did) => !game.isLiar(did)),
      [],
      `seed ${seed}`,
    );
  }
});

test("with one liar more there are games with conflicting finals, and in each as many are proven guilty", () => {
  let conflicting = 0;
  for (let seed = 0; seed < GAMES; seed += 1) {
    const game = new VotingGame(seed, 2).play(TURNS);
    if (game.conflicts().length === 0) continue;
    conflicting += 1;
    assert.ok(game.guiltyOfConflict() >= 2, `seed ${seed}: ${game.guiltyOfConflict()}`);
  }
  assert.ok(conflicting >= 5, `${conflicting} of ${GAMES} games`);
});

test("governors who strike half of a committee, all of whom go on voting, part nobody, whenever they do it", () => {
  let [finals, reconfigs] = [0, 0];
  for (let seed = 0; seed < GAMES; seed += 1) {
    for (const [liars, struck] of [
      [0, 2],
      [1, 1],
    ] as const) {
      const game = new VotingGame(seed, liars, struck).play(TURNS);
      assert.equal(game.conflicts(), [], `seed ${seed}, ${liars} lie, ${struck} struck`);
      finals += game.finals().length - 1;
      reconfigs += game.reconfigs;
    }
  }
  assert.ok(finals > GAMES && reconfigs > GAMES / 2, `${finals} finals, ${reconfigs} reconfigurations`);
});

test("where they strike more than half, or one who is left lies, their word alone holds the region together", () => {
  for (const [liars, struck] of [
    [0, 3],
    [1, 2],
  ] as const) {
    const isParted = (seed: number): boolean => new VotingGame(seed, liars, struck).play(TURNS).conflicts().length > 0;
    const seeds = Array.from({ length: 4 * GAMES }, (_, seed) => seed);
    assert.ok(seeds.some(isParted), `${liars} lie, ${struck} struck`);
  }
});

test.run();
