import { decode as decodeByCborg, encode as encodeByCborg, type DecodeOptions } from "cborg";
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { equalBytes, toHex } from "#base/bytes.ts";
import { decodeCbor, encodeCbor, type CborValue } from "#core/wire/cbor.ts";
import { cborValues } from "#test/builders/cbor-values.ts";
import { diagnostic } from "#test/builders/diagnostic.ts";
import { looseEncoding, strayEncodings, STRAYS } from "#test/builders/loose-cbor.ts";

const test = suite("CBOR, any input");

test("P1 what is written is read back as it was", () => {
  fc.assert(
    fc.property(cborValues, (value) => {
      const item = decodeCbor(encodeCbor(value));
      assert.ok(item.ok);
      assert.is(diagnostic(item.value), diagnostic(sorted(value)));
    }),
    { numRuns: 2000 },
  );
});

test("P1 a second writer, written apart, writes the same bytes", () => {
  fc.assert(
    fc.property(cborValues, (value) => {
      assert.is(toHex(encodeCbor(value)), toHex(looseEncoding(value)));
    }),
    { numRuns: 1000 },
  );
});

test("P1 every way of straying from the canonical form is refused, at every item", () => {
  const tried = new Map<string, number>(STRAYS.map((stray) => [stray, 0]));
  fc.assert(
    fc.property(cborValues, (value) => {
      for (const { stray, bytes } of strayEncodings(value)) {
        tried.set(stray, (tried.get(stray) ?? 0) + 1);
        assert.not.ok(decodeCbor(bytes).ok, `${stray}: ${toHex(bytes)}`);
      }
    }),
    { numRuns: 1000 },
  );
  for (const [stray, count] of tried) assert.ok(count > 10, `${stray} was tried ${count} times`);
});

test("P1 a message cut anywhere or longer by any byte is refused", () => {
  fc.assert(
    fc.property(cborValues, fc.nat(255), (value, extra) => {
      const bytes = encodeCbor(value);
      for (let length = 0; length < bytes.length; length += 1) {
        assert.not.ok(decodeCbor(bytes.subarray(0, length)).ok);
      }
      assert.not.ok(decodeCbor(Uint8Array.of(...bytes, extra)).ok);
    }),
    { numRuns: 300 },
  );
});

/** Anything, and things that are nearly right: an encoding with a few bytes changed. */
const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc
    .tuple(cborValues, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }))
    .map(([value, changes]) => changed(encodeCbor(value), changes)),
);

test("F1 any bytes give a value or a fault, and an accepted message is its own encoding", () => {
  let accepted = 0;
  fc.assert(
    fc.property(anyBytes, (bytes) => {
      const item = decodeCbor(bytes);
      if (!item.ok) {
        assert.is(item.fault.code, "CBOR_NOT_CANONICAL");
        assert.ok(item.fault.offset >= 0 && item.fault.offset <= bytes.length);
        return;
      }
      accepted += 1;
      assert.is(toHex(encodeCbor(item.value)), toHex(bytes));
    }),
    { numRuns: 5000 },
  );
  assert.ok(accepted > 500, `only ${accepted} were accepted`);
});

test("F11 another decoder, held to the canonical form by writing again, accepts exactly the same messages", () => {
  fc.assert(
    fc.property(anyBytes, (bytes) => {
      const own = decodeCbor(bytes);
      const other = decodeStrictly(bytes);
      assert.is(own.ok, other !== undefined, toHex(bytes));
      if (own.ok && other !== undefined) assert.is(diagnostic(own.value), diagnostic(other));
    }),
    { numRuns: 5000 },
  );
});

test.run();

const STRICT: DecodeOptions = {
  strict: true,
  useMaps: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowInfinity: false,
  allowNaN: false,
  allowBigInt: false,
  rejectDuplicateMapKeys: true,
};

/** cborg alone accepts unsorted keys, wide floats and broken UTF-8; writing again tells. */
function decodeStrictly(bytes: Uint8Array): CborValue | undefined {
  try {
    const value: unknown = decodeByCborg(bytes, STRICT);
    return equalBytes(encodeByCborg(value), bytes) && isOurs(value, 0) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** cborg knows more than our subset: floats, other keys, any depth. */
function isOurs(value: unknown, depth: number): value is CborValue {
  if (depth > 8) return false;
  if (typeof value === "number") return Number.isSafeInteger(value);
  if (Array.isArray(value)) return value.every((item) => isOurs(item, depth + 1));
  if (!(value instanceof Map)) return true;
  return [...value].every(
    ([key, content]) => typeof key === "number" && key >= 0 && isOurs(key, depth + 1) && isOurs(content, depth + 1),
  );
}

function changed(bytes: Uint8Array, changes: readonly (readonly [number, number])[]): Uint8Array {
  for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
  return bytes;
}

/** The value with its maps in the order in which they are written. */
function sorted(value: CborValue): CborValue {
  if (Array.isArray(value)) return value.map(sorted);
  if (!(value instanceof Map)) return value;
  const entries = [...value.entries()] as [number, CborValue][];
  return new Map(entries.sort(([left], [right]) => left - right).map(([key, content]) => [key, sorted(content)]));
}
