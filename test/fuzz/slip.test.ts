/** Codes of anybody's making: a fault, never a throw. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import fc from "fast-check";
import { concatBytes } from "#base/bytes.ts";
import { encodeCbor, type CborValue } from "#core/wire/cbor.ts";
import { checkSlip } from "#records/check-slip.ts";
import { decodeBase45, encodeBase45 } from "#records/qr/base45.ts";
import { SLIP_PREFIX } from "#records/slip.ts";
import { crypto, sha256 } from "#test/builders/ledger-actors.ts";
import { paperCharge } from "#test/builders/paper-charge.ts";

const test = suite("codes of anybody");
const { slip } = paperCharge({ neighbours: 2 }).view;

test("F10 any text is a fault", () => {
  const anything = fc.oneof(
    fc.string(),
    fc.string().map((text) => SLIP_PREFIX + text),
    fc.uint8Array({ maxLength: 400 }).map((bytes) => SLIP_PREFIX + encodeBase45(bytes)),
  );
  fc.assert(
    fc.property(anything, (text) => {
      assert.not(checkSlip(crypto, text).ok);
    }),
    { numRuns: 1_000 },
  );
});

test("F10 a code whose bytes were changed anywhere is a fault, also when its check was made to fit", () => {
  const good = bytesOf(slip ?? "");
  const changed = fc.tuple(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), fc.boolean());
  fc.assert(
    fc.property(changed, ([place, change, isFitted]) => {
      const bytes = good.with(place, (good[place] ?? 0) ^ change);
      const check = sha256(isFitted ? bytes : good).slice(0, 4);
      const checked = checkSlip(crypto, SLIP_PREFIX + encodeBase45(concatBytes(bytes, check)));
      if (!isFitted) assert.not(checked.ok);
      // Of what no signature covers, only the sizes of the tree can be told otherwise and still lead to the same root.
      else if (checked.ok) assert.equal(checked.value.sealed?.result.amount, honestAmount());
    }),
    { numRuns: 400 },
  );
});

test("parts of strange shapes are a fault", () => {
  const item = fc.letrec<{ value: CborValue }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.integer({ min: -5, max: 70 }),
      fc.uint8Array({ maxLength: 80 }),
      fc.boolean(),
      fc.array(tie("value"), { maxLength: 4 }),
    ),
  })).value;
  const map = fc.array(fc.tuple(fc.integer({ min: 1, max: 7 }), item), { maxLength: 7 });
  fc.assert(
    fc.property(map, (entries) => {
      const bytes = encodeCbor(new Map<number, CborValue>([[1, 1], ...entries]));
      assert.not(checkSlip(crypto, SLIP_PREFIX + encodeBase45(concatBytes(bytes, sha256(bytes).slice(0, 4)))).ok);
    }),
    { numRuns: 500 },
  );
});

test.run();

function bytesOf(text: string): Uint8Array {
  const decoded = decodeBase45(text.slice(SLIP_PREFIX.length));
  assert.ok(decoded.ok);
  return decoded.value.slice(0, -4);
}

function honestAmount(): number | undefined {
  const checked = checkSlip(crypto, slip ?? "");
  return checked.ok ? checked.value.sealed?.result.amount : undefined;
}
