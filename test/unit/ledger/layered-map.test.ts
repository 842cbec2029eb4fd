import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { LayeredMap } from "#core/ledger/layered-map.ts";

const test = suite("layered map");

test("an empty map has nothing", () => {
  const map = LayeredMap.empty<number>();
  assert.is(map.get("a"), undefined);
  assert.is(map.entries().size, 0);
});

test("a layer sees what is below, and what it sets is not seen below", () => {
  const below = LayeredMap.empty<number>();
  below.set("a", 1);
  below.set("b", 2);
  const above = below.layer();
  above.set("a", 10);
  above.set("c", 3);
  assert.equal(
    [...below.entries()],
    [
      ["a", 1],
      ["b", 2],
    ],
  );
  assert.equal(
    [...above.entries()],
    [
      ["a", 10],
      ["b", 2],
      ["c", 3],
    ],
  );
});

test("two branches of one layer do not see each other", () => {
  const below = LayeredMap.empty<number>();
  below.set("a", 1);
  const [left, right] = [below.layer(), below.layer()];
  left.set("a", 2);
  right.set("b", 3);
  assert.equal([...left.entries()], [["a", 2]]);
  assert.equal(
    [...right.entries()],
    [
      ["a", 1],
      ["b", 3],
    ],
  );
});

test("a value that was replaced below is not seen above", () => {
  const below = LayeredMap.empty<number>();
  below.set("a", 1);
  const above = below.layer();
  below.set("a", 2);
  below.set("b", 2);
  assert.equal([...above.entries()], [["a", 1]]);
});

test("keys whose hashes are equal stay apart", () => {
  const [one, other] = collidingKeys();
  const map = LayeredMap.empty<number>();
  map.set(one, 1);
  assert.is(map.get(other), undefined);
  map.set(other, 2);
  map.set(one, 3);
  assert.is(map.get(one), 3);
  assert.is(map.get(other), 2);
  assert.equal(
    [...map.entries()],
    [
      [one, 3],
      [other, 2],
    ],
  );
});

test("any history of layers and writes reads like copies of a plain map", () => {
  const key = fc.oneof(fc.integer({ min: 0, max: 40 }).map(String), fc.constantFrom(...collidingKeys()));
  const step = fc.oneof(
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("layer" as const), on: fc.nat(50) }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("set" as const), on: fc.nat(50), key, value: fc.nat() }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const maps = [LayeredMap.empty<number>()];
      const plain = [new Map<string, number>()];
      for (const each of steps) {
        const at = each.on % maps.length;
        const [map, copy] = [maps[at], plain[at]];
        if (map === undefined || copy === undefined) continue;
        if (each.kind === "layer") {
          maps.push(map.layer());
          plain.push(new Map(copy));
        } else {
          map.set(each.key, each.value);
          copy.set(each.key, each.value);
        }
      }
      for (const [at, map] of maps.entries()) {
        assert.equal([...map.entries()], [...(plain[at] ?? [])]);
        for (const [name, value] of plain[at] ?? []) assert.is(map.get(name), value);
      }
    }),
    { numRuns: 200 },
  );
});

test("the ten thousandth layer is read as fast as the first and holds its own changes only", () => {
  let map = LayeredMap.empty<number>();
  for (let index = 0; index < 2000; index += 1) map.set(`base ${index}`, index);
  const first = map;
  for (let layer = 0; layer < 10_000; layer += 1) {
    map = map.layer();
    map.set(`base ${layer % 2000}`, layer);
  }
  const timeOf = (of: LayeredMap<number>): number => {
    const started = performance.now();
    for (let index = 0; index < 20_000; index += 1) of.get(`base ${index % 4000}`);
    return performance.now() - started;
  };
  timeOf(first);
  const [early, late] = [Math.min(timeOf(first), timeOf(first)), Math.min(timeOf(map), timeOf(map))];
  assert.ok(late < 20 * early + 5, `${early} ms at first, ${late} ms at last`);
  assert.is(map.entries().size, 2000);
});

test.run();

/** Two words of one hash, found by trying: with 32 bits some hundred thousand words are enough. */
function collidingKeys(): readonly [string, string] {
  const seen = new Map<number, string>();
  for (let number = 0; ; number += 1) {
    const word = number.toString(36);
    let hash = 0x811c9dc5;
    for (const letter of word) hash = Math.imul(hash ^ letter.charCodeAt(0), 0x01000193);
    const before = seen.get(hash);
    if (before !== undefined) return [before, word];
    seen.set(hash, word);
  }
}
