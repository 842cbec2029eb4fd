/** What stands in a certificate, taken apart again, and what members were heard to vote for, held against each other. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import fc from "fast-check";
import { certifiedVotes } from "#core/finality/certified-votes.ts";
import { contradict } from "#core/finality/contradiction.ts";
import { finalityOfGenesis, seatsOf } from "#core/finality/finality-state.ts";
import { isSignedBy, type Vote } from "#core/finality/vote.ts";
import { SPOKEN_VOTES_MAX, SpokenVotes } from "#services/spoken-votes.ts";
import {
  certify,
  didsOf,
  FEW_BLOCKS,
  QUORUM_CONTEXT,
  VotedChain,
  voteFor,
  voterOf,
  votersOf,
} from "#test/builders/finality-voters.ts";
import { crypto, named } from "#test/builders/ledger-actors.ts";

const test = suite("certified votes");

const VOTERS = votersOf("a", "b", "c", "d");

test("a certificate comes apart into the votes that it was made of, each good by itself", () => {
  const chain = new VotedChain(didsOf(VOTERS));
  const finality = chain.growTo(2);
  const voting = VOTERS.slice(1);
  const link = chain.link(0, 2);
  const committees = { forward: didsOf(VOTERS), rear: didsOf(VOTERS) };
  const votes = certifiedVotes(QUORUM_CONTEXT, committees, certify(finality, link, voting));
  const given = voting.map((voter) => voteFor(link, voter));
  assert.equal(new Set(votes.map(({ key }) => key)), new Set(given.map(({ key }) => key)));
  assert.ok(votes.every((vote) => VOTERS.some(({ signer }) => isSignedBy(crypto, vote, [signer.publicKey]))));
});

test("by the seats of another committee no vote is good", () => {
  const chain = new VotedChain(didsOf(VOTERS));
  const certificate = certify(chain.growTo(2), chain.link(0, 2), VOTERS);
  const others = didsOf(votersOf("e", "f", "g", "h"));
  assert.is(seatsOf({ forward: others, rear: others }).length, 4);
  const votes = certifiedVotes(QUORUM_CONTEXT, { forward: others, rear: others }, certificate);
  assert.not.ok(votes.some((vote) => ["e", "f", "g", "h"].some((name) => isSignedBy(crypto, vote, [keyOf(name)]))));
  assert.is(finalityOfGenesis(FEW_BLOCKS, named("genesis of voters"), others).epoch, 0);
});

test("of two votes that contradict each other the first is told with the second, whatever was heard between them", () => {
  const spoken = new SpokenVotes();
  const [left, right] = [new VotedChain([], [], FEW_BLOCKS, "left"), new VotedChain([], [], FEW_BLOCKS, "right")];
  const [a, b] = [voterOf("a"), voterOf("b")];
  const first = voteFor(left.link(2, 4), a);
  assert.is(spoken.hear(first), undefined);
  for (let serial = 6; serial < 40; serial += 2) {
    assert.is(spoken.hear(voteFor(left.link(serial - 2, serial), a)), undefined);
  }
  assert.is(spoken.hear(voteFor(right.link(2, 4), b)), undefined, "another member's");
  const second = voteFor(right.link(2, 4), a);
  assert.is(spoken.hear(second)?.key, first.key);
  assert.is(spoken.hear(second), undefined, "told once");
});

test("whatever a member says and in whichever order, what contradicts one of its last words is told with such a one", () => {
  const [left, right] = [new VotedChain([], [], FEW_BLOCKS, "left"), new VotedChain([], [], FEW_BLOCKS, "right")];
  const a = voterOf("a");
  const known = new Map<string, Vote>();
  const said = fc.tuple(fc.nat({ max: 1 }), fc.nat({ max: 8 }), fc.integer({ min: 1, max: 4 })).map((place) => {
    const [side, source, length] = place;
    const chain = side === 0 ? left : right;
    const key = place.join();
    const vote = known.get(key) ?? voteFor(chain.link(2 * source, 2 * (source + length)), a);
    known.set(key, vote);
    return vote;
  });
  let found = 0;
  const told = fc.property(fc.array(said, { maxLength: SPOKEN_VOTES_MAX }), (votes) => {
    const spoken = new SpokenVotes();
    const before = new Map<string, Vote>();
    for (const vote of votes) {
      const against = [...before.values()].filter(({ body }) => contradict(body, vote.body));
      const answer = spoken.hear(vote);
      assert.is(answer !== undefined, !before.has(vote.key) && against.length > 0);
      if (answer !== undefined) assert.ok(against.includes(answer));
      if (answer !== undefined) found += 1;
      before.set(vote.key, vote);
    }
  });
  fc.assert(told, { numRuns: 200 });
  assert.ok(found > 100, `${found} contradictions`);
});

test("of each member only so many are kept", () => {
  const spoken = new SpokenVotes();
  const [left, right] = [new VotedChain([], [], FEW_BLOCKS, "left"), new VotedChain([], [], FEW_BLOCKS, "right")];
  const a = voterOf("a");
  for (let count = 1; count <= SPOKEN_VOTES_MAX + 1; count += 1)
    spoken.hear(voteFor(left.link(2 * count, 2 * count + 2), a));
  assert.is(spoken.hear(voteFor(right.link(2, 4), a)), undefined, "the oldest is forgotten");
  assert.ok(spoken.hear(voteFor(right.link(6, 8), a)), "a newer one is not");
});

test.run();

function keyOf(name: string): Uint8Array {
  return voterOf(name).signer.publicKey;
}
