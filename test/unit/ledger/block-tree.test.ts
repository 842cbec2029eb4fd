/** The tree of blocks by itself: which tip is the head, what is dropped, and blocks from before the start. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { concatBytes } from "#base/bytes.ts";
import { BlockIds } from "#core/ledger/block-ids.ts";
import { BlockTree } from "#core/ledger/block-tree.ts";
import type { Link } from "#core/ledger/link.ts";
import { bareBranch, bareCertificate, bareGenesis, bareKey, bareLink } from "#test/builders/bare-links.ts";

const test = suite("block tree");

function at(links: readonly Link[], serial: number): Link {
  const link = links[serial];
  assert.ok(link);
  return link;
}

/** Links are added in this order, and the head chosen after each. */
function grow(tree: BlockTree, links: readonly Link[]): void {
  for (const link of links) {
    tree.add(link);
    tree.reorder(link);
  }
}

function justify(tree: BlockTree, source: Link, target: Link): void {
  tree.known.take(bareCertificate(source, target));
  tree.reorder(undefined);
}

test("the greater score is the head; of equal ones the lower id, by one bit as well", () => {
  const genesis = bareGenesis();
  for (const [one, other, head] of [
    [{ id: "01", score: 10 }, { id: "02", score: 10 }, "01"],
    [{ id: "02", score: 10 }, { id: "01", score: 10 }, "01"],
    [{ id: "01", score: 10 }, { id: "ff", score: 11 }, "ff"],
    [{ id: "ff", score: 11 }, { id: "01", score: 10 }, "ff"],
  ] as const) {
    const tree = new BlockTree(genesis);
    grow(
      tree,
      [one, other].map(({ id, score }) => bareLink(genesis, id, { score })),
    );
    assert.is(tree.head.key, bareKey(head));
  }
});

test("when another branch is justified its best tip is the head, and not the last or the first that came", () => {
  const genesis = bareGenesis();
  const tree = new BlockTree(genesis);
  const [one, two] = bareBranch(genesis, "aa", 2, 1);
  assert.ok(one && two);
  const tips = [12, 15, 14].map((score, index) => bareLink(two, `c${index}`, { score }));
  const other = bareBranch(genesis, "bb", 5, 20);
  grow(tree, [...other.slice(0, 4), one, two, ...tips]);
  assert.is(tree.head.key, bareKey("bb04"));
  const [first] = tips;
  assert.ok(first);
  const tallest = bareLink(first, "d0", { score: 16 });
  grow(tree, [tallest, bareLink(two, "d3", { score: 13 })]);
  justify(tree, genesis, two);
  assert.is(tree.head, tallest);
  grow(tree, other.slice(4));
  assert.is(tree.head, tallest, "a greater score beside what is justified counts for nothing");
  const further = bareLink(tallest, "d1", { score: 17 });
  grow(tree, [further]);
  assert.is(tree.head, further);
});

test("a tree knows its genesis, and the height of the tallest block that was ever added", () => {
  const genesis = bareGenesis();
  const tree = new BlockTree(genesis);
  assert.equal([tree.genesis, tree.tallest], [genesis, 0]);
  grow(tree, [...bareBranch(genesis, "aa", 3, 1), ...bareBranch(genesis, "bb", 2, 9)]);
  assert.equal([tree.tallest, tree.head.serial], [3, 2]);
});

test("below the genesis there is nothing", () => {
  const tree = new BlockTree(bareGenesis());
  assert.equal([tree.at(-1), tree.idAt(-1)], [undefined, undefined]);
  assert.not.ok(tree.isOfHead({ serial: -1, key: bareKey("00") }));
});

test("what branches off above the final block may still be followed; what lies beside it is gone", () => {
  const genesis = bareGenesis();
  const tree = new BlockTree(genesis);
  const main = [genesis, ...bareBranch(genesis, "aa", 6)];
  const above = bareBranch(at(main, 4), "cc", 2, 1);
  const beside = bareBranch(at(main, 1), "bb", 3, 1);
  grow(tree, [...main.slice(1), ...above, ...beside]);
  justify(tree, genesis, at(main, 2));
  justify(tree, at(main, 2), at(main, 4));
  assert.is(tree.final, at(main, 2));
  for (const link of beside) assert.is(tree.link(link.key), undefined);
  for (const link of [...main, ...above]) assert.is(tree.link(link.key), link);
  const [, tip] = above;
  assert.ok(tip);
  const better = bareLink(tip, "ce", { score: 999 });
  tree.add(better);
  assert.equal(tree.reorder(better), { added: [...above, better], abandoned: main.slice(5) });
  assert.is(tree.head, better);
});

test("what stands in the final block's own chain need not be kept: no branch that is left lacks it", () => {
  const genesis = bareGenesis();
  const tree = new BlockTree(genesis);
  const low = [genesis, ...bareBranch(genesis, "aa", 3)];
  const justified = [{ serial: 2, id: at(low, 2).id }];
  const state = { finality: { ...genesis.state.finality, justified } };
  const four = bareLink(at(low, 3), "d4", { state });
  const high = [...low, four, ...bareBranch(four, "ee", 2)];
  grow(tree, high.slice(1));
  for (const [source, target] of [
    [0, 2],
    [2, 4],
    [4, 6],
  ] as const) {
    justify(tree, at(high, source), at(high, target));
  }
  assert.is(tree.final, four);
  assert.equal(
    tree.known.certificatesAbove(0).map(({ body }) => body.target.serial),
    [4, 6],
  );
});

/** A tree that begins with the block at serial 3; those before it, and one beside them, are stored. */
function stored(finality: "votes" | "off"): {
  readonly tree: BlockTree;
  readonly main: readonly Link[];
  readonly beside: Link;
  readonly loads: string[];
  readonly ids: BlockIds;
} {
  const genesis = bareGenesis(finality);
  const main = [genesis, ...bareBranch(genesis, "aa", 5)];
  const beside = bareLink(at(main, 1), "bb", { score: 1 });
  const ids = new BlockIds();
  ids.push(concatBytes(...main.slice(0, 3).map(({ id }) => id)));
  const loads: string[] = [];
  const load = (key: string): Link | undefined => {
    loads.push(key);
    return [...main, beside].find((link) => link.key === key);
  };
  return { tree: new BlockTree(genesis, { base: at(main, 3), ids, load }), main, beside, loads, ids };
}

test("blocks from before the start are found by serial and by id, and are of the head's chain", () => {
  for (const finality of ["votes", "off"] as const) {
    const { tree, main, loads } = stored(finality);
    assert.is(tree.head, at(main, 3));
    assert.is(tree.final, finality === "votes" ? at(main, 3) : at(main, 0));
    grow(tree, main.slice(4));
    assert.is(tree.link(at(main, 0).key), at(main, 0));
    assert.is(tree.link(at(main, 3).key), at(main, 3));
    assert.equal(loads, [], "these two are in memory");
    for (const [serial, link] of main.entries()) {
      assert.is(tree.at(serial), link);
      assert.is(tree.idAt(serial), link.key);
      assert.ok(tree.isOfHead(link));
    }
    assert.equal([tree.at(6), tree.idAt(6), tree.at(-1), tree.idAt(-1)], [undefined, undefined, undefined, undefined]);
    assert.not.ok(tree.isOfHead({ serial: 1, key: "another" }));
  }
});

test("a stored block beside the head's chain is of use only where nobody votes, and is one and the same each time", () => {
  const silent = stored("off");
  assert.is(silent.tree.link(silent.beside.key), silent.beside);
  const { length } = silent.loads;
  assert.is(silent.tree.link(silent.beside.key), silent.beside);
  assert.is(silent.loads.length, length);
  assert.not.ok(silent.tree.isOfHead(silent.beside));
  const voting = stored("votes");
  assert.is(voting.tree.link(voting.beside.key), undefined);
});

test("a stored block of the start's height or above it is no block of this tree before it is added", () => {
  const { tree, main } = stored("off");
  assert.is(tree.link(at(main, 4).key), undefined);
  assert.is(tree.link(bareKey("99")), undefined);
  const genesis = bareGenesis("off");
  const other = bareLink(bareLink(bareLink(genesis, "c1"), "c2"), "c3");
  const ids = new BlockIds();
  ids.push(concatBytes(...main.slice(0, 3).map(({ id }) => id)));
  const beside = new BlockTree(genesis, {
    base: at(main, 3),
    ids,
    load: (key) => (key === other.key ? other : undefined),
  });
  assert.is(beside.link(other.key), undefined);
});

test("a branch that begins before the start is followed when it is the better one, and what was there is abandoned", () => {
  const { tree, main, beside, ids } = stored("off");
  grow(tree, main.slice(4));
  const branch = [beside, ...bareBranch(beside, "dd", 2, 1)];
  for (const link of branch.slice(1)) {
    tree.add(link);
    assert.equal(tree.reorder(link), { added: [], abandoned: [] });
  }
  assert.is(tree.link(beside.key), beside);
  const tip = branch.at(-1);
  assert.ok(tip);
  const best = bareLink(tip, "ee", { score: 500 });
  tree.add(best);
  assert.equal(tree.reorder(best), { added: [...branch, best], abandoned: main.slice(2) });
  assert.is(tree.base, at(main, 1));
  assert.is(ids.size, 1, "from the base on ids are known by the links");
  for (const link of main) assert.is(tree.link(link.key), link, "abandoned ones are here as well");
  assert.equal(
    [0, 1, 2, 3, 4, 5].map((serial) => tree.idAt(serial)),
    [...main.slice(0, 2), ...branch, best].map(({ key }) => key),
  );
  assert.not.ok(tree.isOfHead(at(main, 2)) || tree.isOfHead(at(main, 4)));
  // And back: what was abandoned is in memory by now.
  const [last] = main.slice(-1);
  assert.ok(last);
  const again = bareLink(last, "af", { score: 900 });
  tree.add(again);
  assert.equal(tree.reorder(again), { added: [...main.slice(2), again], abandoned: [...branch, best] });
});

test.run();
