/** A receipt of a charge that was settled after governors had named voters shows by itself that it is final. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { LedgerRules } from "#core/ledger/rules.ts";
import { makeReceipt, verifyReceipt } from "#records/receipt.ts";
import { sealAndCertify } from "#test/builders/committee-votes.ts";
import { GOVERNORS, reconfigFact } from "#test/builders/governors.ts";
import { crypto, makeActor } from "#test/builders/ledger-actors.ts";
import { LedgerBuilder, STATION, VEHICLE, VOTING_RULES } from "#test/builders/ledger-builder.ts";

const test = suite("receipts behind a RECONFIG");
const RULES: LedgerRules = { ...VOTING_RULES, checkpointBlocks: 2, epochCheckpoints: 3 };
const VOTERS = [1, 2, 3, 4].map((number) => makeActor(`voter ${number}`, "station"));

for (const survivors of [2, 0]) {
  test(`with ${survivors} of the four voters named again, and two others: final, over the handoffs before and behind`, () => {
    const builder = new LedgerBuilder({ rules: RULES, authorities: VOTERS, governors: GOVERNORS });
    const others = [1, 2].map((number) => makeActor(`other voter ${number}`, "station"));
    builder.join(STATION, VEHICLE, ...others);
    while (builder.state.finality.epoch < 2) sealAndCertify(builder, 1);
    builder.seal();
    const named = [...VOTERS.slice(0, survivors), ...others].map(({ did }) => did);
    builder.submit(reconfigFact(builder.genesis.network, builder.chain.final, named));
    builder.seal({ certificates: [] });
    const addresses = [1, 2].map((epochs) => {
      const { epoch } = builder.state.finality;
      const salt = new Uint8Array(16).fill(epochs);
      const charge = builder.charge(undefined, { salt, startedAt: builder.state.sealedAt });
      builder.submit(...charge.whole({ milliWh: 5_000_000 }));
      while (builder.state.finality.epoch < epoch + 1) sealAndCertify(builder, 1);
      return charge.address;
    });
    sealAndCertify(builder, 4);
    for (const address of addresses) {
      const receipt = makeReceipt(builder.chain, address);
      assert.ok(receipt);
      const verified = verifyReceipt(crypto, receipt);
      assert.ok(verified.ok, JSON.stringify(verified));
      assert.is(verified.value.finality.kind, "final");
    }
  });
}

test.run();
