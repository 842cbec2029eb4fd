/** A tree of blocks that begins with a later one than the genesis: from the start, or since it was taken there. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { concatBytes } from "#base/bytes.ts";
import { BlockIds } from "#core/ledger/block-ids.ts";
import { BlockTree } from "#core/ledger/block-tree.ts";
import type { Link } from "#core/ledger/link.ts";
import { bareBranch, bareCertificate, bareGenesis, bareLink } from "#test/builders/bare-links.ts";

const test = suite("block tree start");

/** Where blocks are stored; what is read is another object than what is in memory. */
interface Store {
  readonly load: (key: string) => Link | undefined;
  /** Keys of those that were looked for. */
  readonly loads: string[];
}

/** Serials 0 to 8, and a block beside the first one. */
function blocks(): { readonly main: readonly Link[]; readonly beside: Link } {
  const genesis = bareGenesis();
  return { main: [genesis, ...bareBranch(genesis, "aa", 8)], beside: bareLink(genesis, "bb", { score: 1 }) };
}

function at(links: readonly Link[], serial: number): Link {
  const link = links[serial];
  assert.ok(link);
  return link;
}

function storeOf(links: readonly Link[]): Store {
  const loads: string[] = [];
  const copies = links.map((link) => (link.parent ? bareLink(link.parent, link.key, { score: link.score }) : link));
  const load = (key: string): Link | undefined => {
    loads.push(key);
    return copies.find((each) => each.key === key);
  };
  return { load, loads };
}

function grow(tree: BlockTree, links: readonly Link[]): void {
  for (const link of links) {
    tree.add(link);
    tree.reorder(link);
  }
}

function certify(tree: BlockTree, main: readonly Link[], ...pairs: readonly (readonly [number, number])[]): void {
  for (const [source, target] of pairs) tree.known.take(bareCertificate(at(main, source), at(main, target)));
  tree.reorder(undefined);
}

/** All of them in memory, and serial 4 final. */
function grown(): { readonly tree: BlockTree; readonly main: readonly Link[]; readonly beside: Link } {
  const { main, beside } = blocks();
  const tree = new BlockTree(at(main, 0));
  grow(tree, main.slice(1));
  certify(tree, main, [0, 4], [4, 6]);
  assert.is(tree.final, at(main, 4));
  return { tree, main, beside };
}

/** Those from serial 4 on are in memory, which is the first and final; these are justified by what its state says. */
function started(justified: readonly number[]): {
  readonly tree: BlockTree;
  readonly main: readonly Link[];
  readonly side: readonly Link[];
  readonly store: Store;
} {
  const genesis = bareGenesis();
  const low = [genesis, ...bareBranch(genesis, "aa", 3)];
  const said = justified.map((serial) => ({ serial, id: at(low, serial).id }));
  const base = bareLink(at(low, 3), "ab", { state: { finality: { ...genesis.state.finality, justified: said } } });
  const main = [...low, base, ...bareBranch(base, "ac", 4)];
  const ids = new BlockIds();
  ids.push(concatBytes(...low.map(({ id }) => id)));
  const store = storeOf(main);
  const tree = new BlockTree(genesis, { base, ids, load: store.load });
  grow(tree, main.slice(5));
  return { tree, main, side: [genesis, ...bareBranch(genesis, "bb", 4)], store };
}

test("a tree that is taken to a final block finds those before it where they are stored, and holds them no longer", () => {
  const { tree, main, beside } = grown();
  const { load, loads } = storeOf([...main, beside]);
  const first = at(main, 4);
  tree.beginWith(first, load);
  assert.equal([tree.base, tree.final, tree.head], [first, first, at(main, 8)]);
  assert.is(first.parent, undefined, "nothing leads from it to those before it");
  for (const [serial, link] of main.entries()) {
    assert.is(tree.idAt(serial), link.key);
    assert.ok(tree.isOfHead(link));
  }
  assert.equal([tree.at(9), tree.idAt(9)], [undefined, undefined]);
  for (const link of [at(main, 0), ...main.slice(4)]) {
    assert.is(tree.link(link.key), link);
    assert.is(tree.at(link.serial), link);
  }
  assert.equal(loads, [], "the genesis and those from the first on are in memory");
  for (const link of main.slice(1, 4)) {
    const found = tree.at(link.serial);
    assert.ok(found !== undefined && found !== link && found.key === link.key, "another object than was held");
    assert.is(tree.link(link.key)?.serial, link.serial);
  }
  assert.equal(
    new Set(loads),
    new Set(main.slice(1, 4).map(({ key }) => key)),
    "each is looked for where it is stored",
  );
  assert.is(tree.link(beside.key), undefined, "what lies beside those before it is of no use");
});

test("a tree that was taken to a final block grows and branches as before, and can be taken on by one or by more", () => {
  const { tree, main } = grown();
  const [store, ...laterStores] = [storeOf(main), storeOf(main), storeOf(main)];
  tree.beginWith(at(main, 4), store.load);
  const branch = bareBranch(at(main, 6), "cc", 2, 100);
  for (const link of branch) tree.add(link);
  const [low, tip] = branch;
  assert.ok(low && tip);
  assert.equal(tree.reorder(tip), { added: [low, tip], abandoned: main.slice(7) });
  const chain = [...main.slice(0, 7), low, tip];
  certify(tree, chain, [6, 8]);
  assert.is(tree.final, at(main, 6));
  for (const [place, later] of laterStores.entries()) {
    const serial = 5 + place;
    tree.beginWith(at(main, serial), later.load);
    assert.is(tree.base, at(main, serial));
    assert.equal(
      chain.map((link) => tree.idAt(link.serial)),
      chain.map(({ key }) => key),
    );
    const before = tree.at(serial - 1);
    assert.ok(before !== undefined && before !== at(main, serial - 1) && before.key === at(main, serial - 1).key);
    assert.equal(later.loads, [before.key], "the last store is asked");
  }
});

test("a tree that began with a later block is taken on from there", () => {
  const { tree, main } = started([0]);
  certify(tree, main, [4, 6], [6, 8]);
  assert.is(tree.final, at(main, 6));
  const { load, loads } = storeOf(main);
  tree.beginWith(at(main, 6), load);
  assert.is(tree.base, at(main, 6));
  for (const [serial, link] of main.entries()) {
    assert.is(tree.idAt(serial), link.key);
    assert.is(tree.at(serial)?.key, link.key);
  }
  assert.equal(
    loads,
    main.slice(1, 6).map(({ key }) => key),
  );
});

test("to be taken to the block that it begins with already changes nothing", () => {
  for (const [tree, first, known] of [
    [grown(), 0, 1],
    [started([0]), 4, 1],
  ] as const) {
    const { main } = tree;
    const { load, loads } = storeOf(main);
    tree.tree.beginWith(at(main, first), load);
    assert.is(tree.tree.base, at(main, first));
    assert.is(tree.tree.at(known)?.key, at(main, known).key);
    assert.is(tree.tree.link("not here"), undefined);
    assert.equal(loads, [], "it asks where it asked before");
  }
});

test("nothing but a final block of the head's chain can be the first", () => {
  const { tree, main } = grown();
  const { load } = storeOf(main);
  assert.throws(() => {
    tree.beginWith(at(main, 5), load);
  }, /begins with a final block/);
  assert.throws(() => {
    tree.beginWith(bareLink(at(main, 1), "cc"), load);
  }, /begins with a final block/);
  assert.is(tree.base, at(main, 0));
});

test("from what the first block's chain says is justified below it, a certificate leads past it", () => {
  const [told, untold] = [started([0, 2]), started([0])];
  for (const { tree, main } of [told, untold]) certify(tree, main, [2, 6], [6, 8]);
  assert.equal([told.tree.final, told.tree.known.justified], [at(told.main, 6), at(told.main, 8)]);
  assert.equal([untold.tree.final, untold.tree.known.justified], [at(untold.main, 4), at(untold.main, 4)]);
});

test("a checkpoint below the first block counts as justified by a certificate where it is of the first block's chain", () => {
  const own = started([0]);
  certify(own.tree, own.main, [0, 2], [2, 6], [6, 8]);
  assert.is(own.tree.final, at(own.main, 6));
  const { tree, main, side } = started([0]);
  const [sideTwo, sideFour] = [at(side, 2), at(side, 4)];
  const above = [sideTwo, sideFour].map((source) => bareCertificate(source, at(main, 6)));
  const below = [sideTwo, sideFour].map((target) => bareCertificate(at(main, 0), target));
  for (const each of [...above, ...below]) tree.known.take(each);
  certify(tree, main, [6, 8]);
  assert.equal([tree.final, tree.known.justified], [at(main, 4), at(main, 4)]);
});

test.run();
