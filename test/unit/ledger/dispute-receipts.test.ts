/** The receipt of a charge about which something was said after its end verifies by itself as well. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import type { Fact } from "#core/ledger/fact.ts";
import { readJournal } from "#core/ledger/journal.ts";
import { makeReceipt, verifyReceipt } from "#records/receipt.ts";
import type { Role } from "#core/session/facts.ts";
import { GRACE_SECONDS, type ChargeBuilder } from "#test/builders/charge-builder.ts";
import { inletTerms } from "#test/builders/charge-facts.ts";
import { crypto } from "#test/builders/ledger-actors.ts";
import { ARBITER, LedgerBuilder, STATION, VEHICLE } from "#test/builders/ledger-builder.ts";
import { recordsOf } from "#test/builders/ledger-story.ts";

const DAY = 86_400;
const TERMS = inletTerms({ graceSeconds: GRACE_SECONDS, durationMaxSeconds: 7200, arbiter: ARBITER.did });

interface Told {
  readonly builder: LedgerBuilder;
  readonly charge: ChargeBuilder;
  /** What the silent side would have completed with; it matches or not, as the vehicle's share says. */
  readonly late: Fact;
}

const STORIES: Readonly<Record<string, (told: Told) => void>> = {
  "mutual, revision 2": ({ builder, charge }) => {
    builder.submit(charge.propose("station", 9_000_000, 400), charge.propose("vehicle", 9_000_000, 400));
    builder.seal();
  },
  "arbiter, revision 2": ({ builder, charge }) => {
    builder.submit(charge.judge(ARBITER, 18_000_000, { fault: "vehicle" }));
    builder.seal();
  },
  "lapse, revision 2": ({ builder }) => {
    builder.seal({ at: builder.state.sealedAt + 40 * DAY });
  },
  // A completion that came late and did not match changed nothing, and does not in the receipt either.
  "lapse, revision 2 after a late completion": ({ builder, late }) => {
    builder.submit(late);
    builder.seal();
    builder.seal({ at: builder.state.sealedAt + 40 * DAY });
  },
  "mutual, revision 3": ({ builder, charge, late }) => {
    builder.submit(late, charge.judge(ARBITER, 18_000_000));
    builder.seal();
    builder.submit(charge.propose("station", 0, 0), charge.propose("vehicle", 0, 0));
    builder.seal();
  },
};

const test = suite("receipts of disputes");

for (const [name, story] of Object.entries(STORIES)) {
  test(`the receipt of a charge that ended by ${name} verifies, and so does its chain`, () => {
    for (const silent of ["station", "vehicle"] as const) {
      const told = abandoned(silent);
      story(told);
      const { builder, charge } = told;
      const receipt = makeReceipt(builder.chain, charge.address);
      assert.ok(receipt);
      const verified = verifyReceipt(crypto, receipt);
      assert.ok(verified.ok, JSON.stringify(verified));
      const { result } = verified.value;
      assert.ok(name.startsWith(`${result.ending}, revision ${result.revision}`));
      assert.equal(result, builder.state.transactions.get(toHex(charge.address))?.result);
      const read = readJournal(crypto, recordsOf(builder), "from anybody");
      assert.ok(read.ok, JSON.stringify(read));
      assert.equal(read.value.chain.head.state.id, builder.state.id);
    }
  });
}

test.run();

function abandoned(silent: Role): Told {
  const builder = new LedgerBuilder();
  builder.join(STATION, VEHICLE, ARBITER);
  builder.seal();
  const charge = builder.charge(undefined, { terms: TERMS });
  const facts = charge.whole({ milliWh: 20_000_000, vehicleShare: 0.5 });
  const late = facts.find((fact) => fact.kind === "COMPLETE" && fact.body.role === silent);
  assert.ok(late);
  builder.submit(...facts.filter((fact) => fact !== late));
  builder.seal();
  builder.seal({ at: builder.state.sealedAt + GRACE_SECONDS + 1 });
  return { builder, charge, late };
}
