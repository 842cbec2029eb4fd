import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { divideHalfEven, divideUp, saturate, squareRootUp } from "#core/metering/whole-numbers.ts";

const test = suite("whole numbers");
const natural = fc.bigInt({ min: 0n, max: 2n ** 200n });
const positive = fc.bigInt({ min: 1n, max: 2n ** 100n });

test("a root rounded up is the least whose square is not below", () => {
  for (let value = 0n; value < 2000n; value += 1n) assertRoot(value);
  fc.assert(fc.property(natural, assertRoot));
  // Squares and their neighbours are where a floating start would show.
  fc.assert(
    fc.property(positive, (root) => {
      for (const square of [root * root - 1n, root * root, root * root + 1n]) assertRoot(square);
    }),
  );
});

test("a quotient rounded up is the least that covers the dividend", () => {
  fc.assert(
    fc.property(natural, positive, (dividend, divisor) => {
      const quotient = divideUp(dividend, divisor);
      assert.ok(quotient * divisor >= dividend && (quotient - 1n) * divisor < dividend);
    }),
  );
});

test("ties go to the even neighbour, all else to the nearest", () => {
  assert.equal(
    [5n, 15n, 25n, 4n, 6n, 16n, 14n, 0n].map((value) => divideHalfEven(value, 10n)),
    [0n, 2n, 2n, 0n, 1n, 2n, 1n, 0n],
  );
  fc.assert(
    fc.property(natural, positive, (dividend, divisor) => {
      const apart = 2n * (divideHalfEven(dividend, divisor) * divisor - dividend);
      assert.ok(apart <= divisor && -apart <= divisor);
    }),
  );
});

test("what is beyond the safe integers stays at their end", () => {
  assert.is(saturate(2n ** 53n), Number.MAX_SAFE_INTEGER);
  assert.is(saturate(-(2n ** 60n)), -Number.MAX_SAFE_INTEGER);
  assert.is(saturate(-7n), -7);
});

test.run();

function assertRoot(square: bigint): void {
  const root = squareRootUp(square);
  assert.ok(root * root >= square, `${square}`);
  assert.ok(root === 0n || (root - 1n) * (root - 1n) < square, `${square}`);
}
