/** What is kept short in memory comes back as it was, whatever it is. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import fc from "fast-check";
import { compactItems, expandItems } from "#core/ledger/compact-items.ts";
import { encodeCbor } from "#core/wire/cbor.ts";
import { cborValues } from "#test/builders/cbor-values.ts";
import { named } from "#test/builders/ledger-actors.ts";

const test = suite("compact items");
const shared = new Set([1, 2]);

test("any item comes back as it was", () => {
  fc.assert(
    fc.property(cborValues, fc.array(fc.nat(3), { maxLength: 12 }), (value, names) => {
      const ids = names.map((name) => named(`id ${name}`));
      const encoded = encodeCbor([value, ids, new Map([[7, value]])]);
      assert.equal(expandItems(compactItems(encoded, shared)), encoded);
    }),
    { numRuns: 300 },
  );
});

test("bytes that look like the head of an id, or like a reference, are content", () => {
  const tricky = Uint8Array.from([0x58, 0x20, 0xc1, 0, 0, 0, 0xc2, 0, ...named("x")]);
  const encoded = encodeCbor([tricky, named("x"), tricky, named("x"), "\u00c1\u00c2X "]);
  assert.equal(expandItems(compactItems(encoded, shared)), encoded);
});

test("an id that others name, or that stood before, takes a few bytes", () => {
  const [own, first, second] = [named("own"), named("first"), named("second")];
  const encoded = encodeCbor([own, first, second, own]);
  assert.is(compactItems(encoded, shared).length, 1 + 34 + 4 + 4 + 2);
  assert.is(compactItems(encoded, new Set()).length, 1 + 3 * 34 + 2);
});

test("more ids than a reference can tell apart stay as they are", () => {
  const ids = Array.from({ length: 300 }, (_, place) => named(`many ${place}`));
  const encoded = encodeCbor([...ids, ...ids]);
  assert.equal(expandItems(compactItems(encoded, new Set())), encoded);
});

test.run();
