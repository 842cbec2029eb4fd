/** Where records stand, by their ids. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { partsOf, PlaceIndex, placeOf } from "#adapters/flash-store/place-index.ts";
import { SeededRandomness } from "#hal/mock/seeded-random.ts";
import { toHex } from "#base/bytes.ts";

const test = suite("place index");

test("of ten thousand ids each is found where it was put, and no other is", () => {
  const random = new SeededRandomness("places");
  const index = new PlaceIndex();
  const keys = Array.from({ length: 10_000 }, () => toHex(random.bytes(32)));
  for (const [number, key] of keys.entries()) index.set(key, number % 7, number);
  assert.is(index.size, keys.length);
  assert.ok(keys.every((key, number) => index.get(key)?.segment === number % 7 && index.get(key)?.offset === number));
  assert.is(index.get(toHex(random.bytes(32))), undefined);
});

test("ids that begin alike are told apart", () => {
  const index = new PlaceIndex();
  const keys = Array.from(
    { length: 2_000 },
    (_, number) => `00000000${number.toString(16).padStart(24, "0")}${"0".repeat(32)}`,
  );
  for (const [number, key] of keys.entries()) index.set(key, 0, number);
  assert.ok(keys.every((key, number) => index.get(key)?.offset === number));
});

test("an id that is put again has its newest place, and counts once", () => {
  const index = new PlaceIndex();
  const key = "ab".repeat(32);
  index.set(key, 1, 2);
  index.set(key, 3, 4);
  assert.equal(index.get(key), { segment: 3, offset: 4 });
  assert.is(index.size, 1);
});

test("a place is one number and the same two again", () => {
  for (const [segment, offset] of [
    [0, 32],
    [1_000_000, 0xffff_ffff],
    [7, 8 * 1024 * 1024],
  ] as const) {
    assert.equal(partsOf(placeOf(segment, offset)), { segment, offset });
  }
});

test.run();
