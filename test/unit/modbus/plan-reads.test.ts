/** The fewest requests that a device and a line allow. */
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { planReads, type ReadRules, type WantedRegister } from "#hal/protocols/modbus/plan-reads.ts";

const RULES: ReadRules = { registersPerReadMax: 125, evenOnly: false, gapRegistersMax: 7 };

/** Wanted as address or [address, count]; planned as [address, count]. */
function plan(wanted: readonly (readonly [number, number])[], rules: Partial<ReadRules> = {}): readonly number[][] {
  const registers = wanted.map(([address, count]): WantedRegister => ({ functionCode: 4, address, count }));
  return planReads(registers, { ...RULES, ...rules }).map((read) => [read.address, read.count]);
}

const test = suite("read planning");

test("neighbours share a request, in whatever order they were asked for", () => {
  assert.equal(
    plan([
      [4, 2],
      [0, 2],
      [2, 2],
    ]),
    [[0, 6]],
  );
});

test("a gap of seven is read along, one of eight is not", () => {
  assert.equal(
    plan([
      [0, 2],
      [9, 2],
    ]),
    [[0, 11]],
  );
  assert.equal(
    plan([
      [0, 2],
      [10, 2],
    ]),
    [
      [0, 2],
      [10, 2],
    ],
  );
});

test("on TCP a gap of 31 is read along", () => {
  const wanted = [
    [0, 2],
    [33, 2],
  ] as const;
  assert.equal(plan(wanted, { gapRegistersMax: 31 }), [[0, 35]]);
  assert.is(plan(wanted, { gapRegistersMax: 30 }).length, 2);
});

test("a model without gaps gets none", () => {
  assert.is(
    plan(
      [
        [0, 2],
        [3, 2],
      ],
      { gapRegistersMax: 0 },
    ).length,
    2,
  );
});

test("the maker's maximum ends a read, and no value is split by it", () => {
  assert.equal(
    plan(
      [
        [0, 4],
        [4, 4],
        [8, 4],
      ],
      { registersPerReadMax: 10 },
    ),
    [
      [0, 8],
      [8, 4],
    ],
  );
});

test("a model that knows even addresses only is asked at even ones, for even counts", () => {
  assert.equal(plan([[3, 1]], { evenOnly: true }), [[2, 2]]);
  assert.equal(
    plan(
      [
        [3, 2],
        [6, 1],
      ],
      { evenOnly: true },
    ),
    [[2, 6]],
  );
});

test("different functions share nothing, nor does a register that stands alone; others are read across it", () => {
  const reads = planReads(
    [
      { functionCode: 4, address: 0, count: 2 },
      { functionCode: 3, address: 2, count: 2 },
      { functionCode: 4, address: 2, count: 1, alone: true },
      { functionCode: 4, address: 3, count: 1 },
    ],
    RULES,
  );
  assert.equal(
    reads.map((read) => [read.functionCode, read.address, read.count]),
    [
      [3, 2, 2],
      [4, 0, 4],
      [4, 2, 1],
    ],
  );
});

test("a block is read as a whole, once for all that is wanted of it, and nothing else with it", () => {
  const block = { address: 100, count: 27 };
  const reads = planReads(
    [
      { functionCode: 3, address: 111, count: 8, block },
      { functionCode: 3, address: 120, count: 2, block },
      { functionCode: 3, address: 127, count: 2 },
    ],
    RULES,
  );
  assert.equal(
    reads.map((read) => [read.address, read.count, read.registers.length]),
    [
      [100, 27, 2],
      [127, 2, 1],
    ],
  );
});

test("a value is never torn from its exponent, even where another value lies between them", () => {
  // Three values at 0, 4 and 8 whose exponents stand at 12: each range is fetched whole.
  const wanted = [
    [0, 13],
    [4, 9],
    [8, 5],
    [14, 2],
  ] as const;
  assert.equal(plan(wanted, { registersPerReadMax: 13, gapRegistersMax: 31 }), [
    [0, 13],
    [14, 2],
  ]);
});

test("no plan has fewer requests, whatever the ranges and limits", () => {
  const anyRange = fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 8 }));
  const anyRules = fc.record({
    registersPerReadMax: fc.integer({ min: 8, max: 30 }),
    gapRegistersMax: fc.integer({ min: 0, max: 20 }),
  });
  fc.assert(
    fc.property(fc.array(anyRange, { minLength: 1, maxLength: 6 }), anyRules, (wanted, rules) => {
      assert.is(plan(wanted, rules).length, fewestReads(wanted, { ...RULES, ...rules }));
    }),
    { seed: 20_261_122, numRuns: 300 },
  );
});

/** By trying every way to put the ranges into reads. */
function fewestReads(wanted: readonly (readonly [number, number])[], rules: ReadRules): number {
  const [first, ...rest] = wanted;
  if (first === undefined) return 0;
  let fewest = Number.POSITIVE_INFINITY;
  for (let choice = 0; choice < 2 ** rest.length; choice += 1) {
    const together = [first, ...rest.filter((_, index) => (choice >> index) % 2 === 1)];
    if (!fitsOneRead(together, rules)) continue;
    const others = rest.filter((_, index) => (choice >> index) % 2 === 0);
    fewest = Math.min(fewest, 1 + fewestReads(others, rules));
  }
  return fewest;
}

function fitsOneRead(ranges: readonly (readonly [number, number])[], rules: ReadRules): boolean {
  let end: number | undefined;
  const sorted = ranges.toSorted(([left], [right]) => left - right);
  for (const [address, count] of sorted) {
    if (end !== undefined && address - end > rules.gapRegistersMax) return false;
    end = Math.max(end ?? 0, address + count);
  }
  return (end ?? 0) - (sorted[0]?.[0] ?? 0) <= rules.registersPerReadMax;
}

test("every value is read whole, within the rules", () => {
  const anyRegister = fc.record({
    functionCode: fc.constantFrom<3 | 4>(3, 4),
    address: fc.integer({ min: 0, max: 300 }),
    count: fc.integer({ min: 1, max: 8 }),
    alone: fc.boolean(),
  });
  const anyRules = fc.record({
    registersPerReadMax: fc.integer({ min: 10, max: 125 }),
    evenOnly: fc.boolean(),
    gapRegistersMax: fc.integer({ min: 0, max: 31 }),
  });
  fc.assert(
    fc.property(fc.array(anyRegister, { maxLength: 20 }), anyRules, (wanted, rules) => {
      const reads = planReads(wanted, rules);
      assert.is(reads.flatMap((read) => read.registers).length, wanted.length);
      for (const read of reads) {
        assert.ok(read.count <= rules.registersPerReadMax);
        assert.ok(!rules.evenOnly || (read.address % 2 === 0 && read.count % 2 === 0));
        for (const register of read.registers) {
          assert.ok(register.address >= read.address);
          assert.ok(register.address + register.count <= read.address + read.count);
          assert.is(register.functionCode, read.functionCode);
        }
      }
    }),
    { seed: 20_261_122, numRuns: 500 },
  );
});

test.run();
