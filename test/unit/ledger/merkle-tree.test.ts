/** Merkle trees of RFC 6962, held against another way to compute them and against published answers. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { concatBytes, fromHex, toHex } from "#base/bytes.ts";
import {
  appendLeaf,
  EMPTY_LOG,
  inclusionPath,
  logRoot,
  merkleRoot,
  provesInclusion,
  type InclusionProof,
} from "#core/ledger/merkle-tree.ts";
import { named, sha256 } from "#test/builders/ledger-actors.ts";

const SIZES = Array.from({ length: 40 }, (_, index) => index + 1);

/** The eight leaves of the reference data of Certificate Transparency, and the roots of the trees of the first n. */
const CT_LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
const CT_ROOTS = [
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

const test = suite("merkle tree");

test("the roots are the published ones of Certificate Transparency", () => {
  const leaves = CT_LEAVES.map((hex) => fromHex(hex) ?? new Uint8Array());
  for (const [size, root] of CT_ROOTS.entries()) assert.is(toHex(merkleRoot(sha256, leaves.slice(0, size))), root);
});

test("the root is the one that pairing level by level gives, for every size", () => {
  for (const size of SIZES) assert.equal(merkleRoot(sha256, leavesOf(size)), pairedRoot(leavesOf(size)));
});

test("appending leaf by leaf leads to the same root", () => {
  let log = EMPTY_LOG;
  assert.equal(logRoot(sha256, log), merkleRoot(sha256, []));
  for (const size of SIZES) {
    log = appendLeaf(sha256, log, leafOf(size - 1));
    assert.is(log.size, size);
    assert.equal(logRoot(sha256, log), merkleRoot(sha256, leavesOf(size)));
  }
});

test("every leaf of every tree is proven by its path", () => {
  for (const size of SIZES) {
    const root = merkleRoot(sha256, leavesOf(size));
    for (let index = 0; index < size; index += 1) {
      const proof = proofOf(size, index);
      assert.ok(proof.path.length <= Math.ceil(Math.log2(size)));
      assert.ok(provesInclusion(sha256, proof, root), `leaf ${index} of ${size}`);
    }
  }
});

test("no altered proof holds", () => {
  for (const size of SIZES) {
    const root = merkleRoot(sha256, leavesOf(size));
    for (let index = 0; index < size; index += 1) {
      for (const [change, proof] of alterations(proofOf(size, index))) {
        assert.not.ok(provesInclusion(sha256, proof, root), `${change}: leaf ${index} of ${size}`);
      }
    }
  }
});

test("a proof says nothing about another root, and a node is no leaf", () => {
  const proof = proofOf(8, 3);
  assert.not.ok(provesInclusion(sha256, proof, merkleRoot(sha256, leavesOf(7))));
  const [left, right] = [leafOf(0), leafOf(1)].map((leaf) => sha256(concatBytes(Uint8Array.of(0), leaf)));
  const inner = concatBytes(left ?? leafOf(0), right ?? leafOf(1));
  const root = merkleRoot(sha256, leavesOf(2));
  assert.not.ok(provesInclusion(sha256, { leaf: inner, index: 0, size: 1, path: [] }, root));
});

test("an index outside of the tree proves nothing", () => {
  const root = merkleRoot(sha256, leavesOf(1));
  for (const index of [-1, 1, 2]) {
    assert.not.ok(provesInclusion(sha256, { leaf: leafOf(0), index, size: 1, path: [] }, root));
  }
  assert.not.ok(provesInclusion(sha256, { leaf: leafOf(0), index: 0, size: 0, path: [] }, root));
});

test.run();

function leafOf(index: number): Uint8Array {
  return named(`leaf ${index}`);
}

function leavesOf(size: number): readonly Uint8Array[] {
  return Array.from({ length: size }, (_, index) => leafOf(index));
}

function proofOf(size: number, index: number): InclusionProof {
  return { leaf: leafOf(index), index, size, path: inclusionPath(sha256, leavesOf(size), index) };
}

/** Level by level from the leaves up; a node without a partner moves up as it is. */
function pairedRoot(leaves: readonly Uint8Array[]): Uint8Array {
  let level = leaves.map((leaf) => sha256(concatBytes(Uint8Array.of(0), leaf)));
  while (level.length > 1) {
    const next: Uint8Array[] = [];
    for (let place = 0; place < level.length; place += 2) {
      const [left, right] = [level[place] ?? new Uint8Array(), level[place + 1]];
      next.push(right === undefined ? left : sha256(concatBytes(Uint8Array.of(1), left, right)));
    }
    level = next;
  }
  return level[0] ?? new Uint8Array();
}

/** The size is not among them: trees of two sizes share the path of a leaf where their shapes agree on it. */
function* alterations(proof: InclusionProof): Generator<readonly [string, InclusionProof]> {
  yield ["another leaf", { ...proof, leaf: named("no leaf") }];
  for (let index = 0; index < proof.size; index += 1) {
    if (index !== proof.index) yield [`index ${index}`, { ...proof, index }];
  }
  yield ["a sibling too many", { ...proof, path: [...proof.path, leafOf(0)] }];
  if (proof.path.length === 0) return;
  yield ["a sibling too few", { ...proof, path: proof.path.slice(1) }];
  yield ["the last sibling missing", { ...proof, path: proof.path.slice(0, -1) }];
  for (const [place, sibling] of proof.path.entries()) {
    const changed = sibling.with(0, (sibling[0] ?? 0) ^ 1);
    yield [`sibling ${place}`, { ...proof, path: proof.path.with(place, changed) }];
    yield [`sibling ${place} doubled`, { ...proof, path: proof.path.toSpliced(place, 0, sibling) }];
  }
}
