/**
 * The index of a full segment: says where each id stands, of others that they are not there, and when it has rotted.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { named } from "#test/builders/ledger-actors.ts";
import {
  encodeIndex,
  indexName,
  indexSegment,
  SegmentIndex,
  soughtKey,
} from "../../firmware/adapters/flash-store/segment-index.ts";

const SALT = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
const keyOf = (number: number): string => toHex(named(`record ${number}`));
const entriesOf = (count: number): { readonly key: string; readonly offset: number }[] =>
  Array.from({ length: count }, (_, number) => ({ key: keyOf(number), offset: 32 + 500 * number }));

const test = suite("segment index");

test("every id is found where it stands, and of a thousand others a few cost a look into a page", () => {
  for (const count of [0, 1, 203, 204, 1500]) {
    const file = encodeIndex({ segment: 7, salt: SALT }, entriesOf(count));
    let reads = 0;
    const index = SegmentIndex.open(7, file.length, (offset, length) => {
      reads += 1;
      return file.slice(offset, offset + length);
    });
    assert.ok(index);
    assert.equal(index.about, { segment: 7, salt: SALT });
    for (const { key, offset } of entriesOf(count)) assert.is(index.find(soughtKey(key)), offset);
    reads = 0;
    for (let number = 0; number < 1000; number += 1)
      assert.is(index.find(soughtKey(toHex(named(`other ${number}`)))), undefined);
    assert.ok(reads < 40, `${reads} reads for 1000 ids that are not there`);
  }
});

test("of an id that stands twice the later place counts", () => {
  const [first, second] = [keyOf(1), keyOf(2)];
  const entries = [
    { key: first, offset: 100 },
    { key: second, offset: 200 },
    { key: first, offset: 300 },
  ];
  const file = encodeIndex({ segment: 0, salt: SALT }, entries);
  const index = SegmentIndex.open(0, file.length, (offset, length) => file.slice(offset, offset + length));
  assert.is(index?.find(soughtKey(first)), 300);
});

test("a byte that has changed in the head makes it none, one in a page is noticed where it is read", () => {
  const entries = entriesOf(300);
  const file = encodeIndex({ segment: 2, salt: SALT }, entries);
  const pages = file.length - 2 * 4096;
  for (let offset = 0; offset < file.length; offset += 37) {
    const rotten = file.slice();
    rotten[offset] = (rotten[offset] ?? 0) ^ 4;
    const read = (from: number, length: number): Uint8Array => rotten.slice(from, from + length);
    const index = SegmentIndex.open(2, rotten.length, read);
    if (offset >= pages) {
      const found = entries.map(({ key, offset: place }) => [index?.find(soughtKey(key)), place] as const);
      assert.ok(
        found.some(([each]) => each === "damaged"),
        `byte ${offset}`,
      );
      assert.ok(found.every(([each, place]) => each === "damaged" || each === place));
    } else if (index !== undefined) {
      for (const { key, offset: place } of entries) assert.is(index.find(soughtKey(key)), place, `byte ${offset}`);
    }
  }
});

test("an index of another segment, or one that was cut short, is none", () => {
  const file = encodeIndex({ segment: 2, salt: SALT }, entriesOf(300));
  const read = (offset: number, length: number): Uint8Array => file.slice(offset, offset + length);
  assert.is(SegmentIndex.open(3, file.length, read), undefined);
  assert.is(SegmentIndex.open(2, file.length - 4096, read), undefined);
  assert.is(SegmentIndex.open(2, 0, read), undefined);
  assert.is(indexSegment(indexName(12)), 12);
  assert.is(indexSegment("segment-00000012"), undefined);
});

test.run();
