/** Who has to vote beside a committee that governors name: who is left of both committees before. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { committeesOf } from "#core/finality/finality-state.ts";
import { checkLink, makeCertificate } from "#core/finality/quorum-certificate.ts";
import { afterGovernors } from "#core/governance/advance-governance.ts";
import { committeesNamed, NO_DECISIONS, votersBeside } from "#core/governance/governance.ts";
import { certify, didsOf, QUORUM_CONTEXT, VotedChain, voteFor, votersOf } from "#test/builders/finality-voters.ts";
import { named } from "#test/builders/ledger-actors.ts";

const test = suite("voters beside");
const OLD = votersOf("a1", "a2", "a3", "a4");
const NEXT = votersOf("b1", "b2", "b3", "b4");

/** The committee has just been handed over to wholly other members, and nothing above that is final. */
function justHandedOver(): VotedChain {
  const chain = new VotedChain(didsOf(OLD), didsOf(NEXT));
  chain.growTo(6);
  const finality = chain.finality;
  const certificates = [certify(finality, chain.link(0, 4), OLD), certify(finality, chain.link(4, 6), OLD)];
  chain.growTo(7, certificates);
  assert.is(chain.finality.epoch, 1);
  return chain;
}

test("right behind a handoff the committee before it has its say too, or a chain that has not heard of it could part", () => {
  const chain = justHandedOver();
  const survivors = [...NEXT.slice(0, 2), ...OLD.slice(0, 2)];
  const committee = didsOf(survivors);
  const before = committeesOf(chain.finality, 1);
  assert.ok(before);
  const beside = votersBeside(before, committee);
  assert.equal(beside, { rear: committee.slice(0, 2), former: committee.slice(2) });
  const checkpoint = chain.finality.final;
  const begun = { id: named("reconfig"), checkpoint, serial: 7, epoch: 2, committee, ...beside };
  const governed = { ...chain.finality, governance: { ...NO_DECISIONS, reconfigs: [begun] } };
  chain.finality = afterGovernors(governed, chain.rules, { serial: 7, epochBefore: 1 });
  chain.growTo(8);
  const link = chain.link(6, 8);
  const votes = (of: typeof survivors) => of.map((voter) => voteFor(link, voter, 2));
  const [one, two, three, four] = survivors;
  assert.ok(one && two && three && four);
  assert.is(makeCertificate(chain.finality, votes([one, two, three])), undefined, "one of the former is missing");
  assert.is(makeCertificate(chain.finality, votes([two, three, four])), undefined, "one of the rear is missing");
  const whole = makeCertificate(chain.finality, votes(survivors));
  assert.ok(whole && checkLink(QUORUM_CONTEXT, chain.finality, whole).ok);
  const cut = { ...whole.body, seats: Uint8Array.of(0b0111), signatures: whole.body.signatures.slice(0, 3) };
  const refused = checkLink(QUORUM_CONTEXT, chain.finality, { ...whole, body: cut });
  const fault = refused.ok ? undefined : refused.fault;
  assert.equal(fault, { code: "QUORUM_TOO_FEW", committee: "former", votes: 1, needed: 2 });
});

test("a single one who is left of the rear committee before has to vote as well", () => {
  const chain = justHandedOver();
  const before = committeesOf(chain.finality, 1);
  assert.ok(before);
  const committee = didsOf([...NEXT.slice(0, 3), ...OLD.slice(0, 1)]);
  const beside = votersBeside(before, committee);
  const begun = { id: named("reconfig"), checkpoint: chain.finality.final, serial: 7, epoch: 2, committee, ...beside };
  const governed = { ...chain.finality, governance: { ...NO_DECISIONS, reconfigs: [begun] } };
  const after = afterGovernors(governed, chain.rules, { serial: 7, epochBefore: 1 });
  const expected = { forward: committee, rear: committee.slice(0, 3), former: committee.slice(3) };
  assert.equal(committeesOf(after, 2), expected);
  assert.equal(committeesNamed(before, committee), expected, "as for who knows the committees only");
});

test("where nobody of a committee before is named, it has no say", () => {
  const [old, next, others] = [OLD, NEXT, votersOf("c1", "c2")].map(didsOf);
  assert.ok(old && next && others);
  assert.equal(votersBeside({ forward: next, rear: old }, others), { rear: others, former: [] });
  assert.equal(votersBeside({ forward: next, rear: old }, [...others, ...old.slice(3)]), {
    rear: [...others, ...old.slice(3)],
    former: old.slice(3),
  });
});

test.run();
