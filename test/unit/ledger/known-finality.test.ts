/** What certificates say about a tree, whoever signed them: justified, final, and what is not followed any more. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { equalBytes } from "#base/bytes.ts";
import type { QuorumCertificate } from "#core/finality/quorum-certificate.ts";
import { descendsFrom, KnownFinality } from "#core/ledger/known-finality.ts";
import type { Link } from "#core/ledger/link.ts";
import {
  bareBranch,
  bareCertificate as certificate,
  bareGenesis,
  bareLink,
  CHECKPOINT_BLOCKS,
} from "#test/builders/bare-links.ts";

const test = suite("known finality");
const GENESIS = bareGenesis();
const MAIN = bareBranch(GENESIS, "aa", 10);
const [TWO, FOUR, SIX, EIGHT, TEN] = [2, 4, 6, 8, 10].map((serial) => at(MAIN, serial));
const SIDE = bareBranch(GENESIS, "bb", 10);

function at(links: readonly Link[], serial: number): Link {
  const link = links[serial - 1];
  assert.ok(link);
  return link;
}

/** Of these links, with these certificates in this order. */
function knownOf(certificates: readonly QuorumCertificate[], links = [GENESIS, ...MAIN, ...SIDE]): KnownFinality {
  const byKey = new Map(links.map((link) => [link.key, link]));
  const known = new KnownFinality(GENESIS, CHECKPOINT_BLOCKS, (key) => byKey.get(key));
  for (const each of certificates) known.take(each);
  return known;
}

/** Of the main chain from this block on, which is final; these are justified by what its chain says. */
function begunAt(first: Link, justified: readonly Link[]): KnownFinality {
  const links = MAIN.slice(first.serial - 1);
  const before = [GENESIS, ...MAIN.slice(0, first.serial - 1)];
  return new KnownFinality(first, CHECKPOINT_BLOCKS, (key) => links.find((link) => link.key === key), {
    justified: justified.map(({ serial, id }) => ({ serial, id })),
    holds: ({ serial, id }) => before.some((link) => link.serial === serial && equalBytes(link.id, id)),
  });
}

function justifiedIn(known: KnownFinality, links: readonly Link[]): readonly number[] {
  return links.filter((link) => known.isJustified(link)).map(({ serial }) => serial);
}

test("a link justifies its target only from a source that is justified, and then all that hangs on it", () => {
  assert.ok(TWO && FOUR && SIX && EIGHT);
  const early = knownOf([certificate(FOUR, SIX), certificate(FOUR, EIGHT), certificate(SIX, at(MAIN, 10))]);
  assert.equal(justifiedIn(early, MAIN), []);
  assert.is(early.justified, GENESIS);
  early.take(certificate(TWO, FOUR));
  assert.equal(justifiedIn(early, MAIN), []);
  early.take(certificate(GENESIS, TWO));
  assert.equal(early.final, FOUR);
  assert.equal(justifiedIn(early, MAIN), [4, 6, 8, 10]);
  assert.is(early.justified, TEN);
});

test("a source is final by the link to the very next checkpoint, and by no longer one", () => {
  assert.ok(TWO && FOUR && SIX);
  assert.is(knownOf([certificate(GENESIS, TWO), certificate(TWO, SIX)]).final, GENESIS);
  assert.is(knownOf([certificate(GENESIS, TWO), certificate(TWO, SIX), certificate(TWO, FOUR)]).final, TWO);
});

test("a tree that begins with a final block is led past it from what was justified below", () => {
  assert.ok(TWO && FOUR && SIX && EIGHT);
  const past = [certificate(TWO, SIX), certificate(SIX, EIGHT)];
  const [known, strange] = [begunAt(FOUR, [TWO]), begunAt(FOUR, [])];
  for (const each of past) for (const one of [known, strange]) one.take(each);
  assert.equal([known.final, known.justified], [SIX, EIGHT]);
  assert.equal([strange.final, strange.justified], [FOUR, FOUR], "nothing says that the source was justified");
});

test("what was justified below only by certificates behind the first block counts as well, in any order", () => {
  assert.ok(TWO && FOUR && SIX && EIGHT);
  const all = [certificate(GENESIS, TWO), certificate(TWO, SIX), certificate(SIX, EIGHT)];
  for (const order of [all, all.toReversed(), [all[1], all[0], all[2]]]) {
    const known = begunAt(FOUR, [GENESIS]);
    for (const each of order) if (each !== undefined) known.take(each);
    assert.equal([known.final, known.justified], [SIX, EIGHT]);
  }
});

test("a certificate that leads from below to the first block makes nothing final that is not here", () => {
  assert.ok(TWO && FOUR && SIX);
  const known = begunAt(FOUR, [TWO]);
  known.take(certificate(TWO, FOUR));
  assert.equal([known.final, known.justified], [FOUR, FOUR]);
  known.take(certificate(FOUR, SIX));
  assert.equal([known.final, known.justified], [FOUR, SIX]);
});

test("a checkpoint beside the first block's chain is no way past it", () => {
  assert.ok(FOUR && SIX);
  const sideTwo = at(SIDE, 2);
  const pair = [certificate(GENESIS, sideTwo), certificate(sideTwo, SIX)];
  for (const order of [pair, pair.toReversed()]) {
    const known = begunAt(FOUR, [GENESIS]);
    for (const each of order) known.take(each);
    assert.equal([known.final, known.justified], [FOUR, FOUR]);
  }
});

test("below what is final, and beside it, nothing is justified any more", () => {
  assert.ok(TWO && FOUR && SIX && EIGHT);
  const [sideFour, sideTen] = [at(SIDE, 4), at(SIDE, 10)];
  const known = knownOf([certificate(GENESIS, sideFour), certificate(GENESIS, sideTen), certificate(GENESIS, TWO)]);
  assert.is(known.justified, sideTen);
  known.take(certificate(TWO, FOUR));
  assert.is(known.final, TWO);
  assert.equal(justifiedIn(known, SIDE), []);
  assert.is(known.justified, FOUR);
  known.take(certificate(FOUR, SIX));
  assert.equal(justifiedIn(known, [GENESIS, ...MAIN]), [4, 6]);
  assert.not.ok(known.isJustified(GENESIS));
});

test("what is final stays: one beside it, for which more than a third must have lied, is not followed", () => {
  assert.ok(TWO && FOUR);
  const known = knownOf([
    ...[certificate(GENESIS, TWO), certificate(TWO, FOUR)],
    ...[certificate(GENESIS, at(SIDE, 6)), certificate(at(SIDE, 6), at(SIDE, 8))],
  ]);
  assert.is(known.final, TWO);
  assert.is(known.justified, FOUR);
  // Both in one go, the other one higher: from one source two branches were certified before it was justified itself.
  const trunk = bareBranch(GENESIS, "e0", 2);
  const fork = at(trunk, 2);
  const [left, right] = [bareBranch(fork, "e1", 8), bareBranch(fork, "e2", 6)];
  const chainOf = (links: readonly Link[]): readonly QuorumCertificate[] => {
    const checkpoints = [fork, ...links.filter(({ serial }) => serial % CHECKPOINT_BLOCKS === 0)];
    return checkpoints.slice(1).map((target, place) => certificate(checkpoints[place] ?? fork, target));
  };
  const both = knownOf([...chainOf(left), ...chainOf(right)], [GENESIS, ...trunk, ...left, ...right]);
  both.take(certificate(GENESIS, fork));
  assert.is(both.final.serial, 6, "the higher one of the other branch came after it");
  assert.ok(right.includes(both.final) && right.includes(both.justified));
});

test("the highest justified one counts, whatever its id, and of two of one height the lower id", () => {
  assert.ok(EIGHT);
  const tree = bareBranch(GENESIS, "cc", 4);
  const low = bareLink(bareLink(at(tree, 4), "cd"), "01");
  const [first, second] = [bareLink(bareLink(GENESIS, "11"), "5501"), bareLink(bareLink(GENESIS, "12"), "5502")];
  const links = [GENESIS, ...tree, low, first, second];
  for (const order of [
    [at(tree, 4), low],
    [low, at(tree, 4)],
  ]) {
    assert.is(
      knownOf(
        order.map((target) => certificate(GENESIS, target)),
        links,
      ).justified,
      low,
    );
  }
  const higher = bareLink(bareLink(GENESIS, "13"), "00ff");
  const pairs = [
    [first, second],
    [second, first],
  ];
  for (const pair of pairs) {
    assert.is(
      knownOf(
        pair.map((target) => certificate(GENESIS, target)),
        links,
      ).justified,
      first,
    );
    const targets = [at(tree, 4), ...pair, higher].map((target) => certificate(GENESIS, target));
    assert.is(knownOf(targets, [...links, higher]).justified, at(tree, 4), "a lower id is no greater height");
  }
});

test("of one link the first certificate is kept; they are told lowest target first, above a serial", () => {
  assert.ok(TWO && FOUR && SIX);
  const [high, low, middle] = [certificate(GENESIS, SIX), certificate(GENESIS, TWO), certificate(TWO, FOUR)];
  const known = knownOf([high, low, middle, certificate(GENESIS, TWO)]);
  const told = (serial: number): readonly number[] =>
    known.certificatesAbove(serial).map(({ body }) => body.target.serial);
  assert.equal([told(0), told(2), told(3), told(6)], [[2, 4, 6], [4, 6], [4, 6], []]);
  assert.is(known.certificatesAbove(0)[0], low);
  assert.ok(known.holds(certificate(GENESIS, TWO)) && !known.holds(certificate(GENESIS, FOUR)));
});

test("a certificate that is forgotten is not held, and justifies nothing when its source comes to be justified", () => {
  assert.ok(TWO && FOUR && SIX && EIGHT);
  const [kept, gone] = [certificate(TWO, EIGHT), certificate(TWO, SIX)];
  const known = knownOf([gone, kept, certificate(FOUR, SIX)]);
  known.forget(6);
  assert.equal([known.holds(gone), known.holds(kept)], [false, true]);
  known.take(certificate(GENESIS, TWO));
  assert.equal(justifiedIn(known, MAIN), [2, 8]);
  const alone = knownOf([gone]);
  alone.forget(5);
  assert.ok(alone.holds(gone), "its target is above");
  alone.forget(6);
  alone.take(certificate(GENESIS, TWO));
  assert.equal(justifiedIn(alone, MAIN), [2]);
});

test("a target that has been dropped from the tree is passed over", () => {
  assert.ok(TWO && FOUR && SIX);
  const there = [GENESIS, ...MAIN.filter((link) => link !== SIX)];
  const known = knownOf([certificate(TWO, SIX), certificate(TWO, FOUR), certificate(GENESIS, TWO)], there);
  assert.equal([known.final, known.justified], [TWO, FOUR]);
  // Nor is its source final by it, were it the very next checkpoint.
  const next = knownOf([certificate(GENESIS, FOUR), certificate(FOUR, SIX)], there);
  assert.equal([next.final, next.justified], [GENESIS, FOUR]);
});

test("a block descends from itself and from what lies below it on its own branch", () => {
  assert.ok(TWO && FOUR);
  assert.ok(descendsFrom(TWO, TWO) && descendsFrom(FOUR, TWO) && descendsFrom(FOUR, GENESIS));
  assert.not.ok(descendsFrom(TWO, FOUR) || descendsFrom(FOUR, at(SIDE, 2)) || descendsFrom(FOUR, at(SIDE, 4)));
});

test.run();
