/** Chains and signed snapshots of any content: a value or a fault, a bounded number of reads, and never a throw. */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { ok } from "#base/result.ts";
import { decodeSnapshot } from "#hal/meters/bsm/decode-snapshot.ts";
import { compressedKey, plainSignature } from "#hal/meters/bsm/signature-forms.ts";
import { findMeters } from "#hal/meters/sunspec/find-meters.ts";
import { METER_MODELS } from "#hal/meters/sunspec/meter-models.ts";
import { CHAIN_MODELS_MAX } from "#hal/meters/sunspec/walk-chain.ts";

const word = fc.integer({ min: 0, max: 0xffff });
/** Words as chains have them, so that the walk gets somewhere. */
const likelyWord = fc.oneof(word, fc.constantFrom(1, 65, 66, 105, 124, 201, 203, 213, 0xffff, 0));

const test = suite("sunspec and bsm, anything");

test("a walk over any words ends, within a number of reads", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(likelyWord, { minLength: 1, maxLength: 400 }), async (words) => {
      let reads = 0;
      const chain = await findMeters((address, count) => {
        reads += 1;
        if (address === 40_000) return Promise.resolve(ok([0x5375, 0x6e53]));
        const from = address - 40_002;
        return Promise.resolve(
          ok(Array.from({ length: count }, (_, index) => words[(from + index) % words.length] ?? 0)),
        );
      });
      assert.ok(reads <= 2 * CHAIN_MODELS_MAX + 8, `${reads} reads`);
      if (!chain.ok) return;
      for (const { model } of chain.value.meters) assert.is(model.length, METER_MODELS[model.id]?.layout.length);
    }),
    { numRuns: 400 },
  );
});

test("a snapshot of any words is a snapshot or a fault", () => {
  fc.assert(
    fc.property(fc.array(word, { minLength: 252, maxLength: 252 }), fc.boolean(), (words, isFramed) => {
      const framed = isFramed ? words.with(202, 48).with(203, 70).with(6, 1).with(8, 0) : words;
      const snapshot = decodeSnapshot(framed);
      if (isFramed) assert.ok(snapshot.ok && Number.isSafeInteger(snapshot.value.importedMilliWh));
    }),
  );
});

test("any bytes are a key or none, and a signature or none", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      assert.ok([33, undefined].includes(compressedKey(bytes)?.length));
      assert.ok([64, undefined].includes(plainSignature(bytes)?.length));
    }),
    { numRuns: 1000 },
  );
});

test.run();
