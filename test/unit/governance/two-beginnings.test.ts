/** One branch begins an epoch by a handoff, another by a RECONFIG: the links for others follow the head. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import type { LedgerRules } from "#core/ledger/rules.ts";
import { trustAfter, trustOfGenesis, type TrustedCommittee } from "#core/ledger/trusted-committee.ts";
import { certify, hear, sealAndCertify } from "#test/builders/committee-votes.ts";
import { GOVERNORS, reconfigFact } from "#test/builders/governors.ts";
import { crypto, makeActor } from "#test/builders/ledger-actors.ts";
import { LedgerBuilder, VOTING_RULES } from "#test/builders/ledger-builder.ts";

const test = suite("two beginnings of an epoch");
const RULES: LedgerRules = { ...VOTING_RULES, checkpointBlocks: 2, epochCheckpoints: 4 };
const VOTERS = [1, 2, 3, 4].map((number) => makeActor(`voter ${number}`, "station"));

/** Whom those believe who have the genesis and the links. */
function trustIn({ chain, genesis }: LedgerBuilder): TrustedCommittee {
  const context = { crypto, genesis };
  const { trust, fault } = trustAfter(context, trustOfGenesis(context), chain.handoffs.from(0));
  assert.is(fault, undefined, `the link of epoch ${trust.epoch}: ${JSON.stringify(fault)}`);
  return trust;
}

test("a link that was written down for a branch that was left gives way to the head's own", () => {
  const builder = new LedgerBuilder({ rules: RULES, authorities: VOTERS, governors: GOVERNORS });
  const { chain } = builder;
  sealAndCertify(builder, 8);
  for (let count = 0; count < 2; count += 1) builder.seal({ certificates: [] });
  const fork = chain.head;
  hear(builder, certify(builder, [chain.justified, fork]));
  assert.is(
    chain.final.serial,
    fork.state.finality.boundary,
    "that the boundary is final was heard, and is in no block",
  );
  builder.seal();
  assert.is(builder.state.finality.epoch, 1);
  assert.is(trustIn(builder).epoch, 1);
  const named = VOTERS.slice(0, 3).map(({ did }) => did);
  const reconfig = reconfigFact(builder.genesis.network, fork.state.finality.final, named);
  const beside = builder.make({ parent: fork, rank: 1, facts: [reconfig], certificates: [] });
  builder.add(beside);
  const above = builder.make({ parent: builder.linkOf(beside), certificates: [] });
  builder.add(above);
  hear(builder, certify(builder, [fork, builder.linkOf(above)]));
  assert.equal(chain.head.id, above.id);
  while (builder.state.finality.epoch < 2) sealAndCertify(builder, 1);
  const { epoch, committees } = trustIn(builder);
  assert.is(epoch, 2);
  assert.equal(committees.rear, named.map(toHex));
});

test.run();
