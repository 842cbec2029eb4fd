import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { encodeCbor, type CborValue } from "#core/wire/cbor.ts";
import {
  boolean,
  bytes,
  choice,
  decodeShape,
  encodeShape,
  field,
  integer,
  list,
  nullable,
  optional,
  readShape,
  record,
  text,
  tuple,
  where,
  type Shape,
} from "#core/wire/schema.ts";

const band = tuple(integer(0, 1440), integer(0, 1440));
const tariff = record({
  role: field(1, choice({ station: 1, vehicle: 2 })),
  name: field(2, text(4)),
  bands: field(3, list(band, 2, 1)),
  key: field(4, bytes(2, 3)),
  idle: optional(5, nullable(boolean)),
});

const complete: ReadonlyMap<number, CborValue> = new Map<number, CborValue>([
  [1, 2],
  [2, "day"],
  [3, [[0, 1440]]],
  [4, Uint8Array.of(7, 7)],
]);

/** The tariff with some keys changed; `undefined` takes one away. */
function tariffWith(changes: Readonly<Record<number, CborValue | undefined>>): CborValue {
  const map = new Map(complete);
  for (const [key, value] of Object.entries(changes)) {
    if (value === undefined) map.delete(Number(key));
    else map.set(Number(key), value);
  }
  return map;
}

function refuses(shape: Shape<unknown>, item: CborValue, path: string, expected: string): void {
  assert.equal(readShape(shape, item), { ok: false, fault: { code: "WIRE_WRONG_SHAPE", path, expected } });
}

const test = suite("shapes");

test("a record is written with its keys and read back as it was", () => {
  const value = { role: "vehicle", name: "day", bands: [[0, 1440]], key: Uint8Array.of(7, 7) } as const;
  const encoded = encodeShape(tariff, value);
  assert.is(toHex(encoded), "a401020263646179038182001905a004420707");
  assert.equal(decodeShape(tariff, encoded), { ok: true, value });
});

test("an optional field is there, null, or not there, and each stays what it is", () => {
  const idles = [{ 5: true }, { 5: null }, {}].map((changes) => readShape(tariff, tariffWith(changes)));
  assert.equal(
    idles.map((read) => (read.ok ? read.value.idle : "refused")),
    [true, null, undefined],
  );
});

test("a missing key is named", () => {
  refuses(tariff, tariffWith({ 2: undefined }), "", "key 2 (name)");
});

test("an unknown key is refused: what nobody reads must not be signed", () => {
  refuses(tariff, tariffWith({ 6: 0 }), "", "no key 6");
});

test("a wrong type is refused and the path says where", () => {
  refuses(tariff, 5, "", "a map");
  refuses(tariff, tariffWith({ 2: 5 }), "name", "text of at most 4 bytes");
  refuses(tariff, tariffWith({ 3: [[0, "24 h"]] }), "bands.0.1", "an integer from 0 to 1440");
  refuses(tariff, tariffWith({ 4: "ab" }), "key", "2 to 3 bytes");
  refuses(tariff, tariffWith({ 5: 1 }), "idle", "true or false");
  refuses(tariff, tariffWith({ 3: new Map() }), "bands", "a list of 1 to 2");
  refuses(tariff, tariffWith({ 3: [[0]] }), "bands.0", "a list of 2");
  refuses(tariff, tariffWith({ 3: [Uint8Array.of(0, 1)] }), "bands.0", "a list of 2");
});

test("both ends of a range belong to it", () => {
  for (const [minute, isInside] of [
    [0, true],
    [1440, true],
    [-1, false],
    [1441, false],
  ] as const) {
    assert.is(readShape(band, [0, minute]).ok, isInside, String(minute));
  }
  const lengths = [1, 2, 3, 4].map((length) => readShape(bytes(2, 3), new Uint8Array(length)).ok);
  assert.equal(lengths, [false, true, true, false]);
  refuses(bytes(2), new Uint8Array(3), "", "2 bytes");
});

test("lists have a least and a greatest length", () => {
  const fits = [0, 1, 2, 3].map((length) => readShape(list(boolean, 2, 1), new Array<boolean>(length).fill(true)).ok);
  assert.equal(fits, [false, true, true, false]);
});

test("text is measured in bytes of UTF-8, as every language can", () => {
  assert.ok(readShape(text(4), "\u{10151}").ok);
  assert.not.ok(readShape(text(3), "\u{10151}").ok);
  assert.ok(readShape(text(4), "\u00fc\u00fc").ok);
  assert.not.ok(readShape(text(4), "\u00fc\u00fc\u00fc").ok);
});

test("a number that stands for no word is refused, and so is the word itself", () => {
  refuses(tariff, tariffWith({ 1: 3 }), "role", "one of station, vehicle");
  refuses(tariff, tariffWith({ 1: "station" }), "role", "one of station, vehicle");
});

test("a narrowed shape refuses what does not hold", () => {
  const even = where(integer(0, 10), (value) => value % 2 === 0, "an even number");
  assert.ok(readShape(even, 4).ok);
  refuses(even, 5, "", "an even number");
  refuses(even, 12, "", "an integer from 0 to 10");
});

test("encoding a value outside its own shape is a bug, and says where", () => {
  assert.throws(() => encodeShape(band, [0, 1441]), /^bug: 1 is not an integer from 0 to 1440$/);
  assert.throws(() => encodeShape(integer(0, 9), 0.5), /^bug: /);
  assert.throws(() => encodeShape(choice({ a: -1 }) as Shape<string>, "b"), /^bug: /);
  assert.throws(() => encodeShape(choice({ a: 1 }) as Shape<string>, "constructor"), /^bug: /);
});

test("a shape that could not be told apart on the wire is a bug when it is made", () => {
  assert.throws(() => choice({ a: 1, b: 1 }), /^bug: two words/);
  assert.throws(() => record({ a: field(1, boolean), b: field(1, boolean) }), /^bug: two fields/);
});

test("bytes that are no CBOR give the fault of the encoding", () => {
  const read = decodeShape(tariff, Uint8Array.of(0xff));
  assert.is(read.ok ? "" : read.fault.code, "CBOR_NOT_CANONICAL");
});

test("names of the language are no words and no fields", () => {
  refuses(choice({ a: 1 }), "toString", "", "one of a");
  const read = readShape(record({ a: optional(1, boolean) }), new Map());
  assert.ok(read.ok);
  assert.equal(encodeCbor(new Map()), encodeShape(record({ a: optional(1, boolean) }), {}));
});

test.run();
