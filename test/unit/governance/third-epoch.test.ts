/** A RECONFIG right behind a handoff: what is not final yet may be of the epoch before the one that it ends. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { committeesOf } from "#core/finality/finality-state.ts";
import { makeCertificate } from "#core/finality/quorum-certificate.ts";
import type { ChainLink } from "#core/ledger/chain.ts";
import type { LedgerRules } from "#core/ledger/rules.ts";
import { certify, linkAt, sealAndCertify, voteOf } from "#test/builders/committee-votes.ts";
import { GOVERNORS, reconfigFact } from "#test/builders/governors.ts";
import { makeActor } from "#test/builders/ledger-actors.ts";
import { LedgerBuilder, VOTING_RULES } from "#test/builders/ledger-builder.ts";

const test = suite("third epoch");
const RULES: LedgerRules = { ...VOTING_RULES, checkpointBlocks: 2, epochCheckpoints: 4 };
const VOTERS = [1, 2, 3, 4].map((number) => makeActor(`voter ${number}`, "station"));

/** Epoch 2 has begun some checkpoints above its boundary; then governors begin epoch 3 on that boundary. */
function twiceBegun(): { readonly builder: LedgerBuilder; readonly pair: readonly [ChainLink, ChainLink] } {
  const builder = new LedgerBuilder({ rules: RULES, authorities: VOTERS, governors: GOVERNORS });
  while (builder.state.finality.epoch < 1) sealAndCertify(builder, 1);
  const { boundary } = builder.state.finality;
  while (builder.chain.head.serial < boundary + 2) sealAndCertify(builder, 1);
  for (let count = 0; count < 3; count += 1) builder.seal({ certificates: [] });
  builder.seal();
  const { final } = builder.chain;
  assert.is(final.serial, boundary);
  const named = VOTERS.slice(0, 3).map(({ did }) => did);
  builder.submit(reconfigFact(builder.genesis.network, final, named));
  builder.seal({ certificates: [] });
  return { builder, pair: [final, linkAt(builder, boundary + 4)] };
}

test("votes for a checkpoint whose committees the head has forgotten are judged by its own state", () => {
  const { builder, pair } = twiceBegun();
  const { chain } = builder;
  const { finality } = builder.state;
  assert.is(finality.epoch, 3);
  assert.ok(finality.checkpoints.some(({ epoch }) => epoch === 1) && committeesOf(finality, 1) === undefined);
  const [voter] = VOTERS;
  assert.ok(voter && chain.addVote(voteOf(builder, pair, voter)).ok);
  const votes = VOTERS.map((each) => voteOf(builder, pair, each));
  assert.is(makeCertificate(finality, votes), undefined, "the head knows no committees whose quorum this is");
  const certificate = certify(builder, pair);
  assert.ok(chain.addCertificate(certificate).ok);
  assert.is(chain.justified, pair[1]);
});

test("such a certificate stands in no block any more, and is left out by whoever seals", () => {
  const { builder, pair } = twiceBegun();
  const certificate = certify(builder, pair);
  assert.ok(builder.chain.addCertificate(certificate).ok);
  assert.equal(builder.chain.certificatesFor(builder.chain.head), []);
  assert.throws(() => builder.make({ certificates: [certificate] }));
});

test.run();
