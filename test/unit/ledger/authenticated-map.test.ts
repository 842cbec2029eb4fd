import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { concatBytes, fromHex, toHex } from "#base/bytes.ts";
import { AuthenticatedMap, type PackedReader, type TableForm } from "#core/ledger/authenticated-map.ts";
import { HASH_KEY, PAIR_KEY, SLOT_KEY, type KeyForm } from "#core/ledger/table-keys.ts";
import { named, sha256 } from "#test/builders/ledger-actors.ts";

const FORM: TableForm<number> = { ...HASH_KEY, encode: (_, value) => Uint8Array.of(value >> 8, value & 0xff) };
const ZEROS = new Uint8Array(32);

/** Keys that part early and late: they share none, some or nearly all of their half bytes. */
const KEYS = [
  ...Array.from({ length: 12 }, (_, number) => toHex(named(`key ${number}`))),
  ...["0", "1", "f"].flatMap((last) => [`${"a".repeat(63)}${last}`, `${"a".repeat(5)}${last}${"7".repeat(58)}`]),
];
const change = fc.record({
  on: fc.nat(50),
  key: fc.constantFrom(...KEYS),
  value: fc.option(fc.nat(0xffff), { nil: undefined }),
});
const history = fc.array(fc.oneof({ weight: 1, arbitrary: fc.nat(50) }, { weight: 5, arbitrary: change }), {
  maxLength: 100,
});

const test = suite("authenticated map");

test("P8 any history of layers, writes and removals reads like copies of a plain map", () => {
  fc.assert(
    fc.property(history, (steps) => {
      const { maps, plain } = played(steps);
      for (const [at, map] of maps.entries()) {
        const copy = plain[at] ?? new Map<string, number>();
        assert.equal([...map.entries()], inOrder(copy));
        assert.is(map.size, copy.size);
        for (const key of KEYS) assert.is(map.get(key), copy.get(key));
      }
    }),
    { numRuns: 200 },
  );
});

test("P8 the root is that of the content alone, whatever was there once and in which order it came", () => {
  fc.assert(
    fc.property(history, (steps) => {
      const { maps, plain } = played(steps);
      for (const [at, map] of maps.entries()) {
        const copy = plain[at] ?? new Map<string, number>();
        const again = new AuthenticatedMap(FORM);
        for (const [key, value] of [...copy].reverse()) again.set(key, value);
        assert.is(toHex(map.root(sha256)), toHex(again.root(sha256)));
        assert.is(toHex(map.root(sha256)), toHex(treeHash(inOrder(copy), 0)));
      }
    }),
    { numRuns: 100 },
  );
});

test("what changed between two versions, done to the older one, makes the newer", () => {
  fc.assert(
    fc.property(history, fc.nat(50), fc.nat(50), (steps, one, other) => {
      const { maps } = played(steps);
      const [before, after] = [maps[one % maps.length], maps[other % maps.length]];
      if (before === undefined || after === undefined) return;
      const made = before.layer();
      for (const { key, encoded } of after.changesSince(before)) {
        if (encoded === undefined) made.delete(key);
        else made.set(key, ((encoded[0] ?? 0) << 8) + (encoded[1] ?? 0));
      }
      assert.equal([...made.entries()], [...after.entries()]);
      assert.equal([...after.changesSince(after)], []);
    }),
    { numRuns: 200 },
  );
});

test("one of the bytes of a key or a value is another root", () => {
  const map = mapOf(KEYS.map((key, value) => [key, value]));
  const root = toHex(map.root(sha256));
  for (const [place, key] of KEYS.entries()) {
    const other = map.layer();
    other.set(key, place + 1000);
    assert.is.not(toHex(other.root(sha256)), root);
    other.set(key, place);
    assert.is(toHex(other.root(sha256)), root);
    other.delete(key);
    assert.is.not(toHex(other.root(sha256)), root);
  }
});

test("after a change the root costs the path to it and no more", () => {
  let hashed = 0;
  const counting = (message: Uint8Array): Uint8Array => {
    hashed += 1;
    return sha256(message);
  };
  const map = new AuthenticatedMap(FORM);
  for (let number = 0; number < 5000; number += 1) map.set(toHex(named(`entry ${number}`)), number);
  map.root(counting);
  const upper = map.layer();
  upper.set(toHex(named("entry 77")), 1);
  hashed = 0;
  upper.root(counting);
  assert.ok(hashed <= 9, `${hashed} hashes`);
  hashed = 0;
  map.root(counting);
  assert.is(hashed, 0);
});

test("a packed value is the same to whoever reads it, and is packed when the root was computed", () => {
  let packed = 0;
  const reader: PackedReader<{ readonly at: number }> = {
    keyOf: HASH_KEY.keyOf,
    keyLength: 32,
    unpack: (_, content) => ({ at: content.charCodeAt(0) }),
    encode: (content) => Uint8Array.of(content.charCodeAt(0)),
  };
  const form: TableForm<{ readonly at: number }> = {
    ...HASH_KEY,
    encode: (_, { at }) => Uint8Array.of(at),
    pack: (_, { at }) => {
      packed += 1;
      return at % 2 === 0 ? { content: String.fromCharCode(at), reader, encoded: Uint8Array.of(at) } : undefined;
    },
  };
  const map = new AuthenticatedMap(form);
  for (const [at, key] of KEYS.entries()) map.set(key, { at });
  assert.is(packed, 0);
  const before = toHex(map.root(sha256));
  assert.is(packed, KEYS.length);
  for (const [at, key] of KEYS.entries()) assert.equal(map.get(key), { at });
  assert.is(toHex(map.layer().root(sha256)), before);
  assert.equal([...map.keys()], [...KEYS].sort());
  const upper = map.layer();
  for (const key of KEYS) upper.set(key, { at: 1 });
  assert.is(upper.size, KEYS.length);
  for (const key of KEYS) upper.delete(key);
  assert.is(toHex(upper.root(sha256)), toHex(ZEROS));
  assert.is(toHex(map.root(sha256)), before);
});

test("entries may be dropped when their time is over, and only those that begin as asked", () => {
  const form: TableForm<number> = { ...FORM, expiresAt: (value) => value };
  const map = new AuthenticatedMap(form);
  for (const [at, key] of KEYS.entries()) map.set(key, at);
  const under = (digits: readonly number[], now: number): readonly string[] =>
    [...map.expiredUnder(digits, now)].sort();
  assert.equal(under([10, 10], 9999), KEYS.filter((key) => key.startsWith("aa")).sort());
  assert.equal(under([], 3), KEYS.slice(0, 3).sort());
  const [only = ""] = KEYS;
  const single = new AuthenticatedMap(form);
  single.set(only, 0);
  const digit = Number.parseInt(only[0] ?? "", 16);
  assert.equal(single.expiredUnder([digit], 1), [only]);
  assert.equal(single.expiredUnder([(digit + 1) % 16], 1), []);
});

test("keys of each form have their own bytes, and their half bytes are those of the bytes", () => {
  const [one, other] = [toHex(named("one")), toHex(named("other"))];
  const keys: readonly (readonly [KeyForm, string])[] = [
    [HASH_KEY, one],
    [PAIR_KEY, `${one}:${other}`],
    [SLOT_KEY, `${one}:3`],
    [SLOT_KEY, `${one}:17`],
  ];
  for (const [form, key] of keys) {
    const bytes = form.keyBytes(key);
    assert.is(form.keyOf(bytes), key);
    assert.is(form.keyOf(bytes.subarray(1)), undefined);
    const digits = Array.from({ length: 2 * bytes.length }, (_, level) => form.digitAt(key, level).toString(16));
    assert.is(digits.join(""), toHex(bytes));
  }
});

test.run();

function played(steps: readonly (number | { on: number; key: string; value: number | undefined })[]): {
  readonly maps: readonly AuthenticatedMap<number>[];
  readonly plain: readonly Map<string, number>[];
} {
  const maps = [new AuthenticatedMap(FORM)];
  const plain = [new Map<string, number>()];
  for (const step of steps) {
    const at = (typeof step === "number" ? step : step.on) % maps.length;
    const [map, copy] = [maps[at], plain[at]];
    if (map === undefined || copy === undefined) continue;
    if (typeof step === "number") {
      maps.push(map.layer());
      plain.push(new Map(copy));
    } else if (step.value === undefined) {
      map.delete(step.key);
      copy.delete(step.key);
    } else {
      map.set(step.key, step.value);
      copy.set(step.key, step.value);
      if (step.value % 5 === 0) map.root(sha256);
    }
  }
  return { maps, plain };
}

function mapOf(entries: readonly (readonly [string, number])[]): AuthenticatedMap<number> {
  const map = new AuthenticatedMap(FORM);
  for (const [key, value] of entries) map.set(key, value);
  return map;
}

function inOrder(map: ReadonlyMap<string, number>): readonly (readonly [string, number])[] {
  return [...map].sort(([left], [right]) => (left < right ? -1 : 1));
}

/** The definition, read off. */
function treeHash(entries: readonly (readonly [string, number])[], level: number): Uint8Array {
  const [first] = entries;
  if (first === undefined) return ZEROS;
  if (entries.length === 1) {
    const [key, value] = first;
    return sha256(
      concatBytes(Uint8Array.of(0), fromHex(key) ?? ZEROS, sha256(Uint8Array.of(value >> 8, value & 0xff))),
    );
  }
  const under = Array.from({ length: 16 }, (_, digit) =>
    treeHash(
      entries.filter(([key]) => key[level] === digit.toString(16)),
      level + 1,
    ),
  );
  return sha256(concatBytes(Uint8Array.of(1), ...under));
}
