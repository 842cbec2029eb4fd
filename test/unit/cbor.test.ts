import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { decodeCbor, encodeCbor, type CborValue } from "#core/wire/cbor.ts";
import { CBOR_DEPTH_MAX, CBOR_ITEMS_MAX } from "#core/limits.ts";

const test = suite("CBOR");

test("entries of a map are written by key, however they were put in", () => {
  const map = new Map([256, 24, 0, 23, 255].map((key) => [key, null]));
  assert.is(toHex(encodeCbor(map)), "a500f617f61818f618fff6190100f6");
});

test("minus zero is zero", () => {
  assert.is(toHex(encodeCbor(-0)), "00");
});

test("what the subset lacks is a bug of the caller, not a message", () => {
  const half = "\ud800";
  for (const value of [0.5, NaN, Infinity, 2 ** 53, -(2 ** 53), half, new Map([[-1, 0]])]) {
    assert.throws(() => encodeCbor(value), /^bug: /);
  }
});

test("the encoder writes nothing that the decoder refuses: too deep", () => {
  const nested = (depth: number): CborValue => (depth === 0 ? 0 : [nested(depth - 1)]);
  assert.ok(decodeCbor(encodeCbor(nested(CBOR_DEPTH_MAX))).ok);
  assert.throws(() => encodeCbor(nested(CBOR_DEPTH_MAX + 1)), /^bug: nested deeper/);
});

test("the encoder writes nothing that the decoder refuses: too many items", () => {
  const flat = (items: number): CborValue => new Array<null>(items - 1).fill(null);
  const most = encodeCbor(flat(CBOR_ITEMS_MAX));
  assert.ok(decodeCbor(most).ok);
  assert.throws(() => encodeCbor(flat(CBOR_ITEMS_MAX + 1)), /^bug: more than/);
  const oneMore = Uint8Array.of(...most, 0xf6);
  oneMore.set([0x99, 0x80, 0x00]);
  const refused = decodeCbor(oneMore);
  assert.is(refused.ok ? "" : refused.fault.reason, `more than ${CBOR_ITEMS_MAX} items`);
});

test("a byte string is a plain copy: it does not change with the packet it came in", () => {
  const packet = Buffer.from("43010203", "hex");
  const item = decodeCbor(packet);
  packet.fill(0);
  if (!item.ok || !(item.value instanceof Uint8Array)) throw new Error("no byte string");
  assert.is(Object.getPrototypeOf(item.value), Uint8Array.prototype);
  assert.is(toHex(item.value), "010203");
});

test("bytes in the middle of a larger buffer are read from where they lie", () => {
  const slab = Uint8Array.of(0xff, 0x19, 0x03, 0xe8, 0xff);
  assert.equal(decodeCbor(slab.subarray(1, 4)), { ok: true, value: 1000 });
});

test("a fault says where the refused item starts", () => {
  const offsets: readonly (readonly [number[], number])[] = [
    [[0x82, 0x01, 0x18, 0x05], 2],
    [[0x82, 0x01, 0x19, 0x01], 4],
    [[0x81, 0xf9, 0x3c, 0x00], 1],
    [[0xa2, 0x02, 0x00, 0x01, 0x00], 3],
    [[0xa1, 0x61, 0x61, 0x00], 1],
    [[0x80, 0x80], 1],
    [[], 0],
  ];
  for (const [bytes, offset] of offsets) {
    const item = decodeCbor(Uint8Array.from(bytes));
    assert.is(item.ok ? -1 : item.fault.offset, offset, bytes.join(" "));
  }
});

test("a text of many megabytes that is announced and never comes costs nothing", () => {
  const before = process.memoryUsage().arrayBuffers;
  for (let round = 0; round < 100; round += 1) decodeCbor(Uint8Array.of(0x7a, 0x7f, 0xff, 0xff, 0xff, 0x61));
  assert.ok(process.memoryUsage().arrayBuffers - before < 1_000_000);
});

test.run();
