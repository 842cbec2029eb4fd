/** Which ways out of a dispute are shown: those that the contract of the charge has, and no others. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { SHIPPED_CONTRACTS } from "#core/contract/shipped-contracts.ts";
import { viewOfDispute } from "#services/dispute-view.ts";
import { ARBITER } from "#test/builders/ledger-builder.ts";
import { refusalOf } from "#test/builders/dispute-scene.ts";
import { paperCharge } from "#test/builders/paper-charge.ts";

const test = suite("dispute view");

for (const { contract, ways, refusal } of [
  { contract: "energy-v1", ways: ["arbiter-least", "arbiter-most", "lapse"], refusal: undefined },
  { contract: "paper-v1", ways: ["lapse"], refusal: "FACT_NOT_ALLOWED" },
]) {
  test(`${contract}, in terms that name an arbiter: ${ways.join(", ")}`, () => {
    const program = contract === "energy-v1" ? undefined : SHIPPED_CONTRACTS.get(contract);
    const { builder, charge } = paperCharge({ ending: "disputed", vehicleShare: 0.7, ...(program && { program }) });
    const { state } = builder;
    const transaction = state.transactions.get(toHex(charge.address));
    assert.ok(transaction?.result);
    const context = { head: state, did: ARBITER.did, now: state.sealedAt };
    const { outcomes } = viewOfDispute(transaction, transaction.result, context);
    assert.equal(
      outcomes.map(({ way }) => way),
      ways,
    );
    assert.is(refusalOf({ builder }, charge.judge(ARBITER, 9_500_000))?.code, refusal);
    assert.is(refusalOf({ builder }, charge.propose("station", 9_500_000, 400))?.code, refusal);
  });
}

test.run();
