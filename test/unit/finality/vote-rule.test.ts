/** The rule by which a member votes, and the pairs of votes that prove it broken (S8). */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { contradict } from "#core/finality/contradiction.ts";
import { nextVote, NO_VOTES, registerOf, type Link, type VoteRegister } from "#core/finality/vote-rule.ts";
import type { VoteBody } from "#core/finality/vote.ts";
import { named } from "#test/builders/ledger-actors.ts";

const test = suite("vote rule");

const HEIGHTS = 12;
/** Any checkpoint of three branches: what anybody's fork choice could show. */
const checkpoints = fc
  .tuple(fc.nat(HEIGHTS), fc.nat(2))
  .map(([serial, branch]) => ({ serial, id: named(`branch ${branch} block ${serial}`) }));
const views = fc.record({
  source: fc.option(checkpoints, { nil: undefined }),
  target: fc.option(checkpoints, { nil: undefined }),
});
const links = fc.tuple(checkpoints, checkpoints).filter(([source, target]) => source.serial < target.serial);

/** What happens while a vote is cast: nothing, the power fails after the register is durable, or it fails before. */
const fates = fc.constantFrom("cast", "lost behind the register", "lost before the register");

function bodyOf({ source, target }: Link, epoch = 0): VoteBody {
  return { network: named("network").subarray(0, 8), epoch, source, target, member: named("member") };
}

function castVotes(
  steps: readonly (readonly [typeof views extends fc.Arbitrary<infer View> ? View : never, string])[],
) {
  const cast: VoteBody[] = [];
  let durable: VoteRegister = NO_VOTES;
  for (const [view, fate] of steps) {
    const link = nextVote(durable, view);
    if (link === undefined || fate === "lost before the register") continue;
    durable = registerOf(link);
    if (fate === "cast") cast.push(bodyOf(link));
  }
  return cast;
}

test("no two votes contradict, whatever is seen and whenever the power fails", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(views, fates), { maxLength: 40 }), (steps) => {
      const cast = castVotes(steps);
      return cast.every((left) => cast.every((right) => !contradict(left, right)));
    }),
    { numRuns: 500 },
  );
});

test("a register that is not durable lets two votes contradict: the property can fail", () => {
  const found = fc.check(
    fc.property(fc.array(views, { minLength: 2, maxLength: 40 }), (seen) => {
      const cast = seen.flatMap((view) => nextVote(NO_VOTES, view) ?? []).map((link) => bodyOf(link));
      return cast.every((left) => cast.every((right) => !contradict(left, right)));
    }),
  );
  assert.ok(found.failed);
});

test("what contradicts is exactly what one register lets be cast in neither order", () => {
  const inOrder = (first: Link, second: Link): boolean => nextVote(registerOf(first), second) !== undefined;
  fc.assert(
    fc.property(links, links, ([s1, t1], [s2, t2]) => {
      const [one, other] = [
        { source: s1, target: t1 },
        { source: s2, target: t2 },
      ];
      assert.ok(nextVote(NO_VOTES, one) !== undefined, "each alone can be cast");
      const isSame = bodyText(one) === bodyText(other);
      const isPossible = isSame || inOrder(one, other) || inOrder(other, one);
      return contradict(bodyOf(one), bodyOf(other)) === !isPossible;
    }),
    { numRuns: 2000 },
  );
});

test("contradicting goes both ways, and nobody contradicts with another member, in another network or with itself", () => {
  fc.assert(
    fc.property(links, links, ([s1, t1], [s2, t2]) => {
      const left = bodyOf({ source: s1, target: t1 });
      const right = bodyOf({ source: s2, target: t2 });
      assert.is(contradict(left, right), contradict(right, left));
      assert.not.ok(contradict(left, { ...right, member: named("another member") }));
      assert.not.ok(contradict(left, { ...right, network: named("another network").subarray(0, 8) }));
      assert.not.ok(contradict(left, left));
    }),
  );
});

test("one link voted for in two epochs is a second vote for its height", () => {
  const link = { source: { serial: 0, id: named("a") }, target: { serial: 4, id: named("b") } };
  assert.ok(contradict(bodyOf(link, 0), bodyOf(link, 1)));
});

test("before the first vote the register stands at the genesis", () => {
  assert.equal(NO_VOTES, { lastSource: 0, lastTarget: 0 });
});

test("nothing is voted for without a source, a target, or a way up between them", () => {
  const [low, high] = [
    { serial: 4, id: named("low") },
    { serial: 8, id: named("high") },
  ];
  assert.is(nextVote(NO_VOTES, { source: undefined, target: high }), undefined);
  assert.is(nextVote(NO_VOTES, { source: low, target: undefined }), undefined);
  assert.is(nextVote(NO_VOTES, { source: low, target: low }), undefined);
  assert.is(nextVote(NO_VOTES, { source: high, target: low }), undefined);
  assert.equal(nextVote(NO_VOTES, { source: low, target: high }), { source: low, target: high });
});

test.run();

function bodyText({ source, target }: Link): string {
  return [source.serial, source.id.join(), target.serial, target.id.join()].join(";");
}
