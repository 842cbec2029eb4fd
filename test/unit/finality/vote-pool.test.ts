/** The pool of votes that were heard. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { POOL_MEMBERS_MAX, VotePool, VOTES_PER_MEMBER_MAX } from "#core/finality/vote-pool.ts";
import { COMMITTEE_SEATS_MAX } from "#core/limits.ts";
import { decodeVote } from "#core/finality/vote.ts";
import { didsOf, NETWORK, QUORUM_CONTEXT, VotedChain, voteFor, voterOf } from "#test/builders/finality-voters.ts";
import { named } from "#test/builders/ledger-actors.ts";

const test = suite("vote pool");
const chain = new VotedChain(didsOf([voterOf("p1")]));
const [one, two] = [voterOf("p1"), voterOf("p2")];

test("a vote is new once, also with another signature, and is found by its link", () => {
  const pool = new VotePool();
  const vote = voteFor(chain.link(0, 2), one);
  assert.is(pool.add(vote), "new");
  assert.is(pool.add({ ...vote, signature: new Uint8Array(64) }), "known");
  assert.is(pool.add(voteFor(chain.link(0, 2), two)), "new");
  assert.is(pool.votesFor(chain.link(0, 2), 0).length, 2);
  assert.is(pool.votesFor(chain.link(0, 2), 1).length, 0);
  assert.is(pool.votesFor(chain.link(0, 4), 0).length, 0);
});

test("a vote that contradicts is told with the one that it contradicts, and counts for its own link", () => {
  const pool = new VotePool();
  const [inner, outer, double] = [chain.link(4, 6), chain.link(2, 8), chain.link(2, 6)].map((l) => voteFor(l, one));
  assert.ok(inner && outer && double);
  assert.is(pool.add(inner), "new");
  assert.equal(pool.add(outer), { contradicts: inner });
  assert.equal(pool.add(double), { contradicts: inner });
  assert.is(pool.votesFor(chain.link(2, 6), 0).length, 1);
  assert.is(pool.newest().length, 1);
  assert.is(pool.newest()[0], outer);
});

test("of several that contradict the one with the highest target is told, and of one target the first is the newest", () => {
  const pool = new VotePool();
  const [low, high, around, again] = [chain.link(4, 6), chain.link(8, 10), chain.link(2, 12), chain.link(0, 12)].map(
    (link) => voteFor(link, one),
  );
  assert.ok(low && high && around && again);
  assert.equal([pool.add(low), pool.add(high)], ["new", "new"]);
  assert.equal(pool.add(around), { contradicts: high });
  assert.equal(pool.add(again), { contradicts: around });
  assert.equal(pool.newest(), [around]);
});

test("of a member the highest are kept; whoever casts many pushes out none but its own", () => {
  const pool = new VotePool();
  const theirs = voteFor(chain.link(0, 2), two);
  pool.add(theirs);
  for (let target = 2; target <= 40; target += 2) pool.add(voteFor(chain.link(0, target), one));
  assert.is(VOTES_PER_MEMBER_MAX, 8);
  assert.is(pool.votes().length, 8 + 1);
  assert.ok(pool.votes().includes(theirs));
  assert.is(pool.add(voteFor(chain.link(0, 4), one)), "refused");
});

test("there is room for so many members, and what can be of no use any more makes room", () => {
  const pool = new VotePool();
  const vote = voteFor(chain.link(0, 2), one);
  for (let index = 0; index < POOL_MEMBERS_MAX; index += 1) {
    const body = { ...vote.body, member: named(`crowd ${index}`) };
    assert.is(pool.add({ ...vote, body, key: `${index}` }), "new");
  }
  assert.is(POOL_MEMBERS_MAX, 2 * 2 * COMMITTEE_SEATS_MAX, "two committees of two branches");
  assert.is(pool.add(vote), "refused");
  const further = { ...vote.body, target: chain.link(2, 8).target, member: named("crowd 3") };
  assert.is(pool.add({ ...vote, body: further, key: "further" }), "new", "who has votes here may cast more");
  pool.forget(5);
  assert.equal(
    pool.votes().map(({ key }) => key),
    ["further"],
    "of a member that has newer ones only the older are dropped",
  );
  pool.forget(10);
  for (let index = 0; index < POOL_MEMBERS_MAX; index += 1) {
    pool.add({ ...vote, body: { ...vote.body, member: named(`crowd ${index}`) }, key: `${index}` });
  }
  pool.forget(2);
  assert.is(pool.votes().length, POOL_MEMBERS_MAX);
  pool.forget(4);
  assert.is(pool.votes().length, 0);
  assert.is(pool.add(vote), "new");
});

test("a vote reads back as it was signed, and not in another network", () => {
  const vote = voteFor(chain.link(0, 2), one, 7);
  assert.equal(decodeVote(QUORUM_CONTEXT.crypto, NETWORK, vote.bytes), { ok: true, value: vote });
  const elsewhere = decodeVote(QUORUM_CONTEXT.crypto, named("elsewhere").subarray(0, 8), vote.bytes);
  assert.equal(elsewhere, { ok: false, fault: { code: "VOTE_WRONG_NETWORK" } });
});

test.run();
