/** Receipts of a member that came without a certificate, and got its first one by the office's word alone. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { makeReceipt, verifyReceipt } from "#records/receipt.ts";
import { crypto } from "#test/builders/ledger-actors.ts";
import { LedgerBuilder, OPERATOR, STATION, VEHICLE } from "#test/builders/ledger-builder.ts";
import { CERTIFIED, renewal } from "#test/builders/membership-facts.ts";

const test = suite("receipts of renewed members");
const OPEN = { ...CERTIFIED, admitsUncertified: true, countsUncertified: true };

for (const station of [STATION, OPERATOR]) {
  test(`the first word of the device is on it, or the genesis has it: ${station.organisation}`, () => {
    const builder = new LedgerBuilder({ membership: OPEN });
    builder.join(STATION, VEHICLE);
    builder.seal();
    builder.submit(renewal(builder.genesis.network, station));
    builder.seal();
    const charge = builder.charge({ station, vehicle: VEHICLE });
    builder.submit(...charge.whole({ milliWh: 5_000_000 }));
    builder.seal();
    const receipt = makeReceipt(builder.chain, charge.address);
    assert.ok(receipt);
    const verified = verifyReceipt(crypto, receipt);
    assert.ok(verified.ok, JSON.stringify(verified));
  });
}

test.run();
