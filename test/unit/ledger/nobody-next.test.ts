/** Nobody is left who may vote, so the committee stays: receipts show that as well. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { makeReceipt, verifyReceipt } from "#records/receipt.ts";
import { sealAndCertify } from "#test/builders/committee-votes.ts";
import { crypto } from "#test/builders/ledger-actors.ts";
import { LedgerBuilder, OPERATOR, STATION, VEHICLE, VOTING_RULES } from "#test/builders/ledger-builder.ts";
import { CERTIFIED, revocation } from "#test/builders/membership-facts.ts";

const test = suite("nobody is next");
const RULES = { ...VOTING_RULES, checkpointBlocks: 2, epochCheckpoints: 3, historyMin: 0, counterpartiesMin: 0 };
const OPEN = { ...CERTIFIED, admitsUncertified: true, countsUncertified: true };

test("a receipt from behind a boundary that names nobody is final by the committee that stays", () => {
  const builder = new LedgerBuilder({ rules: RULES, membership: OPEN });
  const { network } = builder.genesis;
  builder.join(STATION, VEHICLE);
  builder.seal();
  builder.submit(revocation(network, OPERATOR, builder.state.sealedAt));
  while (builder.state.finality.next === undefined) sealAndCertify(builder, 1);
  assert.equal(builder.state.finality.next, [], "others seal, and have no right to vote");
  while (builder.state.finality.epoch < 2) sealAndCertify(builder, 1);
  const charge = builder.charge(undefined, { startedAt: builder.state.sealedAt });
  builder.submit(...charge.whole({ milliWh: 5_000_000 }));
  sealAndCertify(builder, 6);
  const receipt = makeReceipt(builder.chain, charge.address);
  assert.ok(receipt);
  const verified = verifyReceipt(crypto, receipt);
  assert.ok(verified.ok, JSON.stringify(verified));
  assert.equal(verified.value.finality, { kind: "final", voters: 1 });
});

test.run();
