/** How finality moves along one chain, and how one committee follows another. */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { afterBlock, afterCertificate, isBoundary, selectCertificates } from "#core/finality/advance.ts";
import {
  CHECKPOINTS_KEPT_MAX,
  committeesOf,
  finalityOfGenesis,
  findCheckpoint,
  highestJustified,
  type FinalityState,
} from "#core/finality/finality-state.ts";
import { placeObjection } from "#core/finality/quorum-certificate.ts";
import { contradict } from "#core/finality/contradiction.ts";
import type { Link } from "#core/finality/vote-rule.ts";
import type { VoteBody } from "#core/finality/vote.ts";
import { certify, didsOf, FEW_BLOCKS, NETWORK, VotedChain, votersOf } from "#test/builders/finality-voters.ts";
import { named } from "#test/builders/ledger-actors.ts";

const test = suite("finality of a chain");
const FOUR = votersOf("f1", "f2", "f3", "f4");
const OTHER = votersOf("g1", "g2", "g3", "g4");
const LONG = { checkpointBlocks: 2, epochCheckpoints: 1000 };

function longChain(): VotedChain {
  return new VotedChain(didsOf(FOUR), didsOf(FOUR), LONG);
}

const serials = (checkpoints: readonly { readonly serial: number }[]): readonly number[] =>
  checkpoints.map(({ serial }) => serial);
const linked = (links: readonly Link[]) => links.map((body) => ({ body }));

test("a link justifies its target, and its source is final when nothing lies between them", () => {
  const chain = longChain();
  chain.growTo(6);
  const skipped = chain.growTo(7, [certify(chain.finality, chain.link(0, 4), FOUR)]);
  assert.equal(serials(skipped.justified), [0, 4]);
  assert.is(skipped.final.serial, 0);
  const next = chain.growTo(8, [certify(skipped, chain.link(4, 6), FOUR)]);
  assert.equal(serials(next.justified), [4, 6]);
  assert.is(next.final.serial, 4);
  assert.equal(serials(next.checkpoints), [4, 6, 8]);
});

test("what was left out below can still be justified, and what hangs on it after that", () => {
  const chain = longChain();
  chain.growTo(10);
  const [to4, to8, from4] = [chain.link(0, 4), chain.link(0, 8), chain.link(4, 10)].map((link) =>
    certify(chain.finality, link, FOUR),
  );
  assert.ok(to4 && to8 && from4);
  chain.growTo(11, [to8]);
  assert.equal(selectCertificates(chain.finality, LONG, [from4, to4, to8]), [to4, from4]);
  chain.growTo(12, [to4, from4]);
  assert.equal(serials(chain.finality.justified), [0, 4, 8, 10]);
});

test("a sealer takes the lowest first, of two for one target the one that makes its source final, and four at most", () => {
  const chain = longChain();
  chain.growTo(14);
  const certificate = (source: number, target: number) => certify(chain.finality, chain.link(source, target), FOUR);
  const held = [certificate(8, 10), certificate(0, 4), certificate(2, 4), certificate(6, 8), certificate(0, 2)];
  const later = [certificate(4, 6), certificate(10, 12)];
  const selected = selectCertificates(chain.finality, LONG, [...held, ...later]);
  assert.equal(
    selected.map(({ body }) => [body.source.serial, body.target.serial]),
    [
      [0, 2],
      [2, 4],
      [4, 6],
      [6, 8],
    ],
  );
  const elsewhere = new VotedChain(didsOf(FOUR), didsOf(FOUR), LONG, "b");
  elsewhere.growTo(14);
  assert.equal(selectCertificates(elsewhere.finality, LONG, held), [], "of another branch nothing");
  assert.equal(selectCertificates(chain.finality, LONG, [certificate(6, 8)]), [], "nothing has justified its source");
});

/** Links between the first checkpoints of a chain, each starting at one that the ones before have justified. */
const courses = fc.array(fc.tuple(fc.nat(9), fc.integer({ min: 1, max: 3 })), { maxLength: 12 });

function linksOf(course: readonly (readonly [number, number])[]): readonly Link[] {
  const chain = longChain();
  const reached = [0];
  return course.map(([from, step]) => {
    const source = reached[from % reached.length] ?? 0;
    reached.push(source + 2 * step);
    return chain.link(source, source + 2 * step);
  });
}

test("final and justified never go back, and final is always justified", () => {
  fc.assert(
    fc.property(courses, (course) => {
      let reached: FinalityState = longChain().finality;
      for (const certificate of linked(linksOf(course))) {
        const next = afterCertificate(reached, LONG, certificate);
        assert.ok(next.final.serial >= reached.final.serial);
        assert.ok(highestJustified(next).serial >= highestJustified(reached).serial);
        assert.is(next.justified[0]?.serial, next.final.serial);
        assert.equal(
          serials(next.justified),
          [...new Set(serials(next.justified))].sort((a, b) => a - b),
        );
        reached = next;
      }
    }),
  );
});

test("whether a block holds several certificates or several blocks hold one each makes no difference", () => {
  fc.assert(
    fc.property(courses, (course) => {
      const start = longChain();
      start.growTo(63);
      const certificates = linked(linksOf(course));
      const at = (serial: number) => ({ serial, id: named(`end ${serial}`) });
      const together = afterBlock(start.finality, LONG, { ...at(65), certificates });
      const apart = certificates.reduce<FinalityState>(
        (so, certificate) => afterBlock(so, LONG, { ...at(65), certificates: [certificate] }),
        start.finality,
      );
      assert.equal(apart, together);
    }),
  );
});

/** Of any two quorums some honest member has cast both votes, so that no two of these links contradict. */
function withoutContradictions(links: readonly Link[]): readonly Link[] {
  const bodyOf = (link: Link): VoteBody => ({ ...link, network: NETWORK, epoch: 0, member: named("everybody") });
  return links.reduce<readonly Link[]>(
    (kept, link) => (kept.some((each) => contradict(bodyOf(each), bodyOf(link))) ? kept : [...kept, link]),
    [],
  );
}

test("in whichever order the certificates of a chain come, the same is final in the end", () => {
  fc.assert(
    fc.property(courses, fc.infiniteStream(fc.nat()), (course, draws) => {
      const start = longChain();
      start.growTo(80);
      const links = withoutContradictions(linksOf(course));
      const keys = new Map(links.map((link) => [link, draws.next().value]));
      const shuffled = [...links].sort((left, right) => (keys.get(left) ?? 0) - (keys.get(right) ?? 0));
      assert.equal(applyAll(start.finality, shuffled), applyAll(start.finality, links));
    }),
  );
});

/** Each as soon as its source is justified, as sealers do it who hold all of them. */
function applyAll(start: FinalityState, links: readonly Link[]): FinalityState {
  let reached = start;
  let waiting = links;
  for (;;) {
    const known = new Set(serials(reached.justified));
    const [next] = waiting.filter(({ source }) => known.has(source.serial));
    if (next === undefined) return reached;
    waiting = waiting.filter((link) => link !== next);
    reached = afterCertificate(reached, LONG, { body: next });
  }
}

test("the next committee is named at the boundary, takes over behind what makes it final, and shares an epoch", () => {
  const chain = new VotedChain(didsOf(FOUR), didsOf(OTHER));
  assert.ok(isBoundary(chain.finality, 4));
  const named4 = chain.growTo(4);
  assert.equal([named4.epoch, named4.next], [0, didsOf(OTHER)]);
  chain.growTo(7);
  const vouched = [chain.link(0, 4), chain.link(4, 6)].map((link) => certify(chain.finality, link, FOUR));
  const epoch1 = chain.growTo(8, vouched);
  assert.equal([epoch1.epoch, epoch1.boundary, epoch1.next], [1, 12, undefined]);
  assert.is(
    findCheckpoint(epoch1, chain.at(8))?.epoch,
    0,
    "the block that begins the epoch is voted for by the old one",
  );
  const grown = chain.growTo(10);
  assert.is(findCheckpoint(grown, chain.at(10))?.epoch, 1);
  assert.equal(committeesOf(grown, 1), { forward: didsOf(OTHER), rear: didsOf(FOUR) });
  assert.equal(committeesOf(grown, 0), { forward: didsOf(FOUR), rear: didsOf(FOUR) });
  assert.is(committeesOf(grown, 2), undefined);
});

test("a committee is not followed before its boundary is final, however long that takes", () => {
  const chain = new VotedChain(didsOf(FOUR), didsOf(OTHER));
  chain.growTo(40);
  assert.equal([chain.finality.epoch, chain.finality.boundary], [0, 4]);
  chain.growTo(41, [certify(chain.finality, chain.link(0, 2), FOUR)]);
  assert.is(chain.finality.epoch, 0, "the root was final before");
  const vouched = [chain.link(2, 36), chain.link(36, 38)].map((link) => certify(chain.finality, link, FOUR));
  assert.equal([chain.growTo(42, vouched).epoch, chain.finality.boundary], [1, 46]);
});

test("with nobody to hand over to the committee stays", () => {
  const chain = new VotedChain(didsOf(FOUR), []);
  chain.growTo(6);
  const vouched = [chain.link(0, 4), chain.link(4, 6)].map((link) => certify(chain.finality, link, FOUR));
  chain.growTo(7, vouched);
  assert.equal(committeesOf(chain.finality, 1), { forward: didsOf(FOUR), rear: didsOf(FOUR) });
});

test("that is the present committee, not the first", () => {
  const handover = (finality: FinalityState, chosen: readonly string[]): FinalityState => {
    const at = (serial: number) => ({ serial, id: named(`block ${serial}`) });
    const [boundary, next] = [at(finality.boundary), at(finality.boundary + 2)];
    const reached = afterBlock(finality, FEW_BLOCKS, { ...boundary, certificates: [], chosen });
    const links = linked([
      { source: highestJustified(finality), target: boundary },
      { source: boundary, target: next },
    ]);
    return afterBlock(reached, FEW_BLOCKS, { ...next, certificates: links });
  };
  const first = finalityOfGenesis(FEW_BLOCKS, named("g"), didsOf(FOUR));
  const second = handover(first, didsOf(OTHER));
  assert.equal(committeesOf(second, 1)?.forward, didsOf(OTHER));
  assert.equal(committeesOf(handover(second, []), 2), { forward: didsOf(OTHER), rear: didsOf(OTHER) });
});

test("the committees of every checkpoint that can still be voted for are kept, over many epochs", () => {
  const chain = new VotedChain(didsOf(FOUR), didsOf(FOUR), { checkpointBlocks: 2, epochCheckpoints: 1 });
  for (let serial = 4; serial < 200; serial += 2) {
    chain.growTo(serial);
    const link = chain.link(serial - 4, serial - 2);
    const epoch = findCheckpoint(chain.finality, link.target)?.epoch ?? -1;
    chain.growTo(serial + 1, [certify(chain.finality, link, FOUR, epoch)]);
    for (const kept of chain.finality.checkpoints) assert.ok(committeesOf(chain.finality, kept.epoch));
  }
  assert.ok(chain.finality.epoch > 15, `${chain.finality.epoch} epochs`);
  assert.ok(chain.finality.committees.length <= 3);
  assert.is(committeesOf(chain.finality, chain.finality.epoch - 2), undefined, "its rear committee is forgotten");
});

test("while nothing becomes final only so many checkpoints are kept, and final stays justified", () => {
  let reached = finalityOfGenesis({ checkpointBlocks: 1, epochCheckpoints: 10_000 }, named("g"), didsOf(FOUR));
  const rules = { checkpointBlocks: 1, epochCheckpoints: 10_000 };
  for (let serial = 1; serial <= CHECKPOINTS_KEPT_MAX + 10; serial += 1) {
    reached = afterBlock(reached, rules, { serial, id: Uint8Array.of(serial & 255, serial >> 8), certificates: [] });
  }
  assert.is(CHECKPOINTS_KEPT_MAX, 4096);
  assert.is(reached.checkpoints.length, CHECKPOINTS_KEPT_MAX);
  assert.is(reached.checkpoints.at(-1)?.serial, CHECKPOINTS_KEPT_MAX + 10);
  assert.equal(serials(reached.justified), [0]);
  const [target] = reached.checkpoints.slice(-1);
  assert.ok(target);
  const link = { epoch: 0, source: { serial: 0, id: named("g") }, target };
  assert.is(placeObjection(reached, link), undefined, "a link may begin there");
});

test("a boundary that falls between two checkpoints is the next one", () => {
  const chain = new VotedChain(didsOf(FOUR), didsOf(FOUR), { checkpointBlocks: 4, epochCheckpoints: 3 });
  chain.growTo(17);
  const vouched = [chain.link(0, 12), chain.link(12, 16)].map((link) => certify(chain.finality, link, FOUR));
  assert.is(chain.growTo(18, vouched).boundary, 32);
});

test.run();
