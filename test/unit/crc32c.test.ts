import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { advanceCrc32c, crc32c } from "#adapters/flash-store/crc32c.ts";

const test = suite("crc32c");
const ascending = Uint8Array.from({ length: 32 }, (_, index) => index);

test("the examples of RFC 3720, B.4, and the usual check value come out", () => {
  assert.is(crc32c(new Uint8Array(32)), 0x8a9136aa);
  assert.is(crc32c(new Uint8Array(32).fill(0xff)), 0x62a8ab43);
  assert.is(crc32c(ascending), 0x46dd794e);
  assert.is(crc32c(ascending.toReversed()), 0x113fdb5c);
  assert.is(crc32c(new TextEncoder().encode("123456789")), 0xe3069283);
  assert.is(crc32c(new Uint8Array(0)), 0);
});

test("eight bytes a step give what one bit a step gives, of any length and place", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70 }), fc.integer(), fc.nat(20), (bytes, start, from) => {
      const begin = Math.min(from, bytes.length);
      assert.is(advanceCrc32c(start, bytes, begin, bytes.length), bitwise(start, bytes.subarray(begin)));
    }),
  );
});

test("in two pieces is the same as in one", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 50 }), fc.nat(50), (bytes, cut) => {
      const border = Math.min(cut, bytes.length);
      const pieces = advanceCrc32c(advanceCrc32c(-1, bytes, 0, border), bytes, border, bytes.length);
      assert.is(~pieces >>> 0, crc32c(bytes));
    }),
  );
});

function bitwise(start: number, bytes: Uint8Array): number {
  let state = start | 0;
  for (const byte of bytes) {
    state ^= byte;
    for (let bit = 0; bit < 8; bit += 1) state = (state & 1) === 1 ? (state >>> 1) ^ 0x82f63b78 : state >>> 1;
  }
  return state;
}

test.run();
