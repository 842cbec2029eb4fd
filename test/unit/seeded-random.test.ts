import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SystemRandomness } from "#hal/linux/system-randomness.ts";
import { SeededRandom, SeededRandomness } from "#hal/mock/seeded-random.ts";
import type { Randomness } from "#hal/ports/randomness.ts";

const test = suite("seeded random");
const draws = (random: SeededRandom, count: number): number[] => Array.from({ length: count }, () => random.next());

test("the same seed gives the same draws, on every machine", () => {
  assert.equal(draws(new SeededRandom("a"), 5), draws(new SeededRandom("a"), 5));
  assert.equal(
    draws(new SeededRandom(1), 3).map((draw) => draw.toFixed(12)),
    ["0.065530012060", "0.538748725392", "0.262894983749"],
  );
});

test("neighbouring seeds, and a number and its text, share nothing", () => {
  const seeds = [0, 1, 2, 3, -1, 1.5, "0", "1", ""];
  const firsts = seeds.map((seed) => new SeededRandom(seed).next());
  assert.is(new Set(firsts).size, seeds.length);
  const many = Array.from({ length: 4000 }, (_, seed) => new SeededRandom(seed).next());
  assert.ok(Math.abs(mean(many) - 0.5) < 0.02, "the first draws of consecutive seeds are uniform");
  const products = many.slice(1).map((draw, index) => (draw - 0.5) * ((many[index] ?? 0) - 0.5));
  assert.ok(Math.abs(mean(products)) < 0.006, "and do not follow one another");
});

test("draws are uniform: each of 64 bins within five deviations", () => {
  const bins = new Array<number>(64).fill(0);
  const random = new SeededRandom("bins");
  for (let index = 0; index < 64_000; index += 1) {
    const bin = Math.floor(random.next() * 64);
    bins[bin] = (bins[bin] ?? 0) + 1;
  }
  assert.ok(
    bins.every((count) => Math.abs(count - 1000) < 5 * Math.sqrt(1000)),
    String(bins),
  );
});

test("integers stay in their range and reach both its ends", () => {
  const random = new SeededRandom(9);
  const drawn = new Set(Array.from({ length: 1000 }, () => random.integer(-2, 3)));
  assert.equal(
    [...drawn].sort((left, right) => left - right),
    [-2, -1, 0, 1, 2, 3],
  );
  assert.is(random.integer(7, 7), 7);
  assert.throws(() => random.integer(1, 0), /bug/);
});

test("gaussian has mean 0 and deviation 1; chance and pick keep their odds", () => {
  const random = new SeededRandom(10);
  const values = Array.from({ length: 20_000 }, () => random.gaussian());
  assert.ok(Math.abs(mean(values)) < 0.03);
  assert.ok(Math.abs(mean(values.map((value) => value * value)) - 1) < 0.05);
  const hits = Array.from({ length: 10_000 }, () => (random.chance(0.2) ? 1 : 0));
  assert.ok(Math.abs(mean(hits) - 0.2) < 0.02);
  const picked = Array.from({ length: 9000 }, () => random.pick(["a", "b", "c"]));
  assert.ok(Math.abs(picked.filter((item) => item === "b").length - 3000) < 250);
  assert.throws(() => random.pick([]), /bug/);
});

test("a fork depends on the seed and its name, not on how much was drawn before", () => {
  const parent = new SeededRandom(11);
  const early = draws(parent.fork("meter"), 4);
  draws(parent, 100);
  assert.equal(draws(parent.fork("meter"), 4), early);
  assert.not.equal(draws(parent.fork("vehicle"), 4), early);
  assert.not.equal(draws(parent.fork("meter").fork("x"), 4), draws(parent.fork("meter"), 4));
});

const sources: readonly (readonly [string, () => Randomness])[] = [
  ["seeded", () => new SeededRandomness(3)],
  ["system", () => new SystemRandomness()],
];
for (const [name, make] of sources) {
  test(`${name} randomness gives the asked length, fresh each time, with every byte value`, () => {
    const source = make();
    assert.is(source.bytes(0).length, 0);
    assert.not.equal(source.bytes(32), source.bytes(32));
    const many = source.bytes(70_000);
    assert.is(many.length, 70_000);
    assert.is(new Set(many).size, 256);
  });
}

test("seeded randomness repeats with its seed", () => {
  assert.equal(new SeededRandomness("x").bytes(16), new SeededRandomness("x").bytes(16));
  assert.not.equal(new SeededRandomness("x").bytes(16), new SeededRandomness("y").bytes(16));
});

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

test.run();
