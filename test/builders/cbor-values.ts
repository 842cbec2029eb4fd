/** Arbitrary values of our CBOR subset. */
import fc from "fast-check";
import type { CborValue } from "#core/wire/cbor.ts";

const edges = [0, 23, 24, 255, 256, 65535, 65536, 0xffffffff, 0x100000000, Number.MAX_SAFE_INTEGER];
const unsigned = fc.oneof(fc.constantFrom(...edges), fc.maxSafeNat());

const leaf: fc.Arbitrary<CborValue> = fc.oneof(
  fc.constantFrom(null, true, false),
  unsigned,
  unsigned.map((value) => Math.max(-1 - value, -Number.MAX_SAFE_INTEGER)),
  fc.uint8Array({ maxLength: 30, size: "max" }),
  fc.string({
    unit: fc.constantFrom("a", "~", "\0", "\u007f", "\u0080", "\u07ff", "\u0800", "\uffff", "\u{10ffff}"),
    maxLength: 12,
  }),
  fc.string({ unit: "binary", maxLength: 8 }),
);

/** Small, because tests that try something at every item of a value are quadratic. */
export const cborValues: fc.Arbitrary<CborValue> = fc.letrec<{ value: CborValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    { weight: 4, arbitrary: leaf },
    { weight: 3, arbitrary: fc.array(tie("value"), { maxLength: 3 }) },
    { weight: 3, arbitrary: fc.array(fc.tuple(unsigned, tie("value")), { maxLength: 3 }).map((all) => new Map(all)) },
    { weight: 1, arbitrary: fc.array(fc.boolean(), { minLength: 22, maxLength: 26 }) },
  ),
})).value;
