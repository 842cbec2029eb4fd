/**
 * Merkle trees of any size and content, held against another way to compute each thing: level by level, with the path
 * read off the levels. That a log only grows is known here by its frontier, so that is what must agree across sizes.
 */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { concatBytes, equalBytes } from "#base/bytes.ts";
import {
  appendLeaf,
  EMPTY_LOG,
  inclusionPath,
  inclusionRoot,
  logRoot,
  merkleRoot,
  provesInclusion,
  type InclusionProof,
  type LogFrontier,
} from "#core/ledger/merkle-tree.ts";
import { sha256 } from "#test/builders/ledger-actors.ts";

const test = suite("merkle tree, any");

/** Leaves of any length, some of them alike, and some that look like two joined hashes. */
const leaf = fc.oneof(
  { weight: 4, arbitrary: fc.uint8Array({ maxLength: 40 }) },
  { weight: 1, arbitrary: fc.constantFrom(new Uint8Array(), Uint8Array.of(0), Uint8Array.of(1)) },
  { weight: 1, arbitrary: fc.uint8Array({ minLength: 64, maxLength: 64 }) },
);
const leaves = fc.array(leaf, { maxLength: 90 });
const someLeaves = fc.array(leaf, { minLength: 1, maxLength: 90 });

test("P8 the root is the one that pairing level by level gives", () => {
  fc.assert(
    fc.property(leaves, (list) => {
      assert.equal(merkleRoot(sha256, list), levelsOf(list).at(-1)?.[0] ?? sha256(new Uint8Array()));
    }),
    { numRuns: 300 },
  );
});

test("P8 a leaf's path is what stands beside it on each level, and leads to the root", () => {
  fc.assert(
    fc.property(someLeaves, fc.nat(), (list, choice) => {
      const index = choice % list.length;
      const path = inclusionPath(sha256, list, index);
      assert.equal(path, siblingsOf(list, index));
      assert.ok(provesInclusion(sha256, proofOf(list, index, path), merkleRoot(sha256, list)));
    }),
    { numRuns: 300 },
  );
});

test("P8 a log that goes on from any earlier size has the root of the whole, and earlier roots stay what they were", () => {
  fc.assert(
    fc.property(leaves, fc.nat(), (list, choice) => {
      const size = choice % (list.length + 1);
      const earlier = appendAll(EMPTY_LOG, list.slice(0, size));
      const root = logRoot(sha256, earlier);
      assert.equal(root, merkleRoot(sha256, list.slice(0, size)));
      const whole = appendAll(earlier, list.slice(size));
      assert.is(whole.size, list.length);
      assert.equal(logRoot(sha256, whole), merkleRoot(sha256, list));
      assert.equal(logRoot(sha256, earlier), root, "what was appended to is another log");
      assert.is(whole.peaks.length, ones(list.length), "as many peaks as the size has binary ones");
    }),
    { numRuns: 300 },
  );
});

test("P8 whatever is made of a proof, what it proves stands at that index", () => {
  let held = 0;
  const change = fc.record({
    what: fc.constantFrom("nothing", "leaf", "index", "flip", "cut", "longer", "swap", "other path"),
    by: fc.nat(),
  });
  fc.assert(
    fc.property(someLeaves, fc.nat(), fc.array(change, { maxLength: 3 }), (list, choice, changes) => {
      const index = choice % list.length;
      const start = proofOf(list, index, inclusionPath(sha256, list, index));
      const proof = changes.reduce((so, { what, by }) => changed(so, list, { what, by }), start);
      if (!provesInclusion(sha256, proof, merkleRoot(sha256, list))) return;
      held += 1;
      assert.ok(equalBytes(proof.leaf, list[proof.index] ?? NO_LEAF), "the leaf at that index");
    }),
    { numRuns: 800 },
  );
  assert.ok(held > 100, `${held} proofs held`);
});

test("P8 two lists that differ in a leaf, in their order or in their length have two roots", () => {
  fc.assert(
    fc.property(leaves, leaves, (left, right) => {
      const isEqual = left.length === right.length && left.every((each, at) => equalBytes(each, right[at] ?? NO_LEAF));
      assert.is(equalBytes(merkleRoot(sha256, left), merkleRoot(sha256, right)), isEqual);
      const turned = left.toReversed();
      const isSame = left.every((each, at) => equalBytes(each, turned[at] ?? NO_LEAF));
      assert.is(equalBytes(merkleRoot(sha256, left), merkleRoot(sha256, turned)), isSame);
    }),
    { numRuns: 200 },
  );
});

test("P8 a proof of any form leads to a root or to none, with no throw and within its length", () => {
  const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
  const size = fc.oneof(fc.nat(100), fc.maxSafeNat());
  fc.assert(
    fc.property(
      leaf,
      fc.oneof(fc.integer(), size),
      size,
      fc.array(bytes32, { maxLength: 60 }),
      (own, index, of, path) => {
        const root = inclusionRoot(sha256, { leaf: own, index, size: of, path });
        if (root === undefined) return;
        assert.ok(index >= 0 && index < of);
        assert.ok(path.length <= Math.ceil(Math.log2(of)));
      },
    ),
    { numRuns: 800 },
  );
});

test.run();

const NO_LEAF = new Uint8Array(99);

/** From the hashed leaves up to the root: two beside each other are joined, one that is left over moves up. */
function levelsOf(list: readonly Uint8Array[]): readonly (readonly Uint8Array[])[] {
  let level = list.map((each) => sha256(concatBytes(Uint8Array.of(0), each)));
  const levels = [level];
  while (level.length > 1) {
    const pairs = Array.from({ length: Math.ceil(level.length / 2) }, (_, at) => level.slice(2 * at, 2 * at + 2));
    level = pairs.map(([left = NO_LEAF, right]) =>
      right === undefined ? left : sha256(concatBytes(Uint8Array.of(1), left, right)),
    );
    levels.push(level);
  }
  return levels;
}

function siblingsOf(list: readonly Uint8Array[], index: number): readonly Uint8Array[] {
  return levelsOf(list).flatMap((level, height) => {
    const place = Math.floor(index / 2 ** height);
    return level[place % 2 === 0 ? place + 1 : place - 1] ?? [];
  });
}

function proofOf(list: readonly Uint8Array[], index: number, path: readonly Uint8Array[]): InclusionProof {
  return { leaf: list[index] ?? NO_LEAF, index, size: list.length, path };
}

function appendAll(log: LogFrontier, list: readonly Uint8Array[]): LogFrontier {
  return list.reduce((so, each) => appendLeaf(sha256, so, each), log);
}

function ones(value: number): number {
  return value.toString(2).replaceAll("0", "").length;
}

/** The size stays: a proof is checked against a root whose size the verifier knows. */
function changed(
  proof: InclusionProof,
  list: readonly Uint8Array[],
  { what, by }: { readonly what: string; readonly by: number },
): InclusionProof {
  const { path } = proof;
  const at = by % Math.max(1, path.length);
  const hash = path[at] ?? sha256(Uint8Array.of(by & 0xff));
  switch (what) {
    case "leaf":
      return { ...proof, leaf: list[by % list.length] ?? NO_LEAF };
    case "index":
      return { ...proof, index: by % list.length };
    case "flip":
      return path.length === 0
        ? proof
        : { ...proof, path: path.with(at, hash.with(by % 32, (hash[by % 32] ?? 0) ^ 1)) };
    case "cut":
      return { ...proof, path: path.toSpliced(at, 1) };
    case "longer":
      return { ...proof, path: path.toSpliced(at, 0, hash) };
    case "swap":
      return { ...proof, path: path.toReversed() };
    case "other path":
      return { ...proof, path: inclusionPath(sha256, list, by % list.length) };
    default:
      return proof;
  }
}
