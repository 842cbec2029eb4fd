/** When a device may be gone for good. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { hasOwnBusiness } from "#core/ledger/own-business.ts";
import { sealAndCertify } from "#test/builders/committee-votes.ts";
import { makeActor } from "#test/builders/ledger-actors.ts";
import { LedgerBuilder, OPERATOR, STATION, VEHICLE, VOTING_RULES } from "#test/builders/ledger-builder.ts";

const OTHER = makeActor("vehicle-2", "vehicle", "west");
const test = suite("pseudonyms, own business");

test("an open charge holds its two sides, before and in a block, until a block has its result", () => {
  const builder = new LedgerBuilder();
  builder.join(STATION, VEHICLE, OTHER);
  builder.seal();
  const businessOf = () => [VEHICLE, STATION, OTHER].map(({ did }) => hasOwnBusiness(builder.chain, did));
  assert.equal(businessOf(), [false, false, false]);
  const charge = builder.charge();
  builder.submit(charge.open);
  assert.equal(businessOf(), [true, true, false], "what waits for a block counts");
  builder.seal();
  assert.equal(businessOf(), [true, true, false]);
  builder.submit(...charge.whole({ milliWh: 5_000_000 }).filter(({ kind }) => kind !== "OPEN"));
  assert.equal(businessOf(), [true, true, false], "completed by both, and not settled");
  builder.seal();
  assert.equal(businessOf(), [false, false, false]);
});

test("what is contested under a result needs nobody", () => {
  const builder = new LedgerBuilder();
  builder.join(STATION, VEHICLE);
  builder.seal();
  const charge = builder.charge();
  builder.submit(...charge.whole({ milliWh: 5_000_000, vehicleShare: 0.5 }));
  builder.seal();
  const found = builder.state.transactions.get(Buffer.from(charge.address).toString("hex"));
  assert.is(found?.result?.state, "DISPUTED");
  assert.not(hasOwnBusiness(builder.chain, VEHICLE.did));
});

test("where a committee votes, a result holds until its block is final", () => {
  const builder = new LedgerBuilder({ rules: VOTING_RULES, authorities: [OPERATOR] });
  builder.join(STATION, VEHICLE);
  sealAndCertify(builder, 1);
  const charge = builder.charge(undefined, { startedAt: builder.state.sealedAt });
  builder.submit(...charge.whole({ milliWh: 5_000_000 }));
  builder.seal();
  const at = builder.chain.head.serial;
  assert.ok(builder.state.transactions.get(Buffer.from(charge.address).toString("hex"))?.result);
  for (let block = 0; block < 20 && builder.chain.final.serial < at; block += 1) {
    assert.ok(hasOwnBusiness(builder.chain, VEHICLE.did), `final up to ${builder.chain.final.serial}, result in ${at}`);
    sealAndCertify(builder, 1);
  }
  assert.ok(builder.chain.final.serial >= at, "it has become final");
  assert.not(hasOwnBusiness(builder.chain, VEHICLE.did));
  assert.not(hasOwnBusiness(builder.chain, OTHER.did));
});

test.run();
