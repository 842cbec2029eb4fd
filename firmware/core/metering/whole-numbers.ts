/**
 * Whole-number arithmetic with every rounding named, so that a result is the same on every machine. Products go through
 * bigint; what comes back as a number is a safe integer.
 */

/** Quotient of two non-negative numbers, rounded up. */
export function divideUp(dividend: bigint, divisor: bigint): bigint {
  return (dividend + divisor - 1n) / divisor;
}

/** Quotient of two non-negative numbers, rounded to the nearest; a tie goes to the even neighbour. */
export function divideHalfEven(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  const twice = 2n * (dividend % divisor);
  const isUp = twice > divisor || (twice === divisor && quotient % 2n === 1n);
  return isUp ? quotient + 1n : quotient;
}

/** The least whole number whose square is not below `square`: 0 <= square < 2^1000. */
export function squareRootUp(square: bigint): bigint {
  if (square === 0n) return 0n;
  // Newton from above: the floating root is off by less than one part in 2^50, and the steps fall until they stand.
  let root = BigInt(Math.floor(Math.sqrt(Number(square)) * ABOVE_ONE)) + 1n;
  for (;;) {
    const next = (root + square / root) >> 1n;
    if (next >= root) break;
    root = next;
  }
  return root * root === square ? root : root + 1n;
}

/** As a number; what would not be a safe integer becomes the nearest one that is. */
export function saturate(value: bigint): number {
  if (value > LARGEST) return Number.MAX_SAFE_INTEGER;
  return value < -LARGEST ? -Number.MAX_SAFE_INTEGER : Number(value);
}

const ABOVE_ONE = 1 + 2 ** -50;
const LARGEST = BigInt(Number.MAX_SAFE_INTEGER);
