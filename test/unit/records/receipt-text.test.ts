/** What a person reads on a receipt. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { receiptData, receiptLines } from "#records/receipt-text.ts";
import { viewOfCharge, viewOfReceipt, type ReceiptView } from "#records/receipt-view.ts";
import { makeReceipt, verifyReceipt } from "#records/receipt.ts";
import { crypto } from "#test/builders/handshake-parties.ts";
import { HONEST, sealCharge, type ChargeAmounts } from "#test/builders/sealed-charge.ts";

const test = suite("receipt text");

test("an honest charge: both amounts, agreement, price and the block that holds it", () => {
  const text = textOf(HONEST);
  assert.match(text, /station's +12\.000 kWh, measured at the mains/);
  assert.match(text, /vehicle's +10\.980 kWh, measured at the battery/);
  assert.match(text, /verdict +the two agree: the difference of 0\.00 % is within 1\.02 %/);
  assert.match(text, /price +00:00:00 to 24:00:00: 12\.000 kWh at 0\.35 EUR = 4\.20 EUR/);
  assert.match(text, /to pay +4\.20 EUR for 12\.000 kWh/);
  assert.match(
    text,
    /confirmed +C1, sealed: in block 3 \([0-9a-f]{12}\) by [0-9A-Z]{13} at 2026-09-21 15:19:20Z; not final/,
  );
});

test("a disagreement says by how much against which limit, and what is contested", () => {
  const text = textOf({ stationMilliWh: 14_400_000, vehicleMilliWh: 10_980_000 });
  assert.match(text, /THE TWO DISAGREE: the vehicle measured 16\.66 % less .* the limit is 1\d\.\d\d %/);
  assert.match(text, /difference +-16\.66 %, limit 1\d\.\d\d % \(7\.10 % agreed \+ 6\.07 % uncertainty\)/);
  assert.match(text, /outcome +disputed: only what both have signed to is billed; \d\.\d{3} kWh contested, not billed/);
  assert.match(textOf({ stationMilliWh: 12_000_000, vehicleMilliWh: 15_000_000 }), /measured 36\.61 % more than/);
});

test("too little energy gets no verdict", () => {
  const text = textOf({ stationMilliWh: 600_000, vehicleMilliWh: 540_000 });
  assert.match(text, /no verdict: less energy than the 1\.000 kWh that one takes/);
});

test("a difference near the limit is called undecided", () => {
  const text = textOf({ stationMilliWh: 12_000_000, vehicleMilliWh: 10_200_000 });
  assert.match(text, /undecided: the difference of 7\.10 % is as near to the limit/);
});

test("what both have signed and no block holds is C0; what is not completed says so", () => {
  const agreed = viewAfter({ ...HONEST, until: "completed" });
  assert.is(receiptData(agreed)["confirmation"], "C0");
  assert.match(receiptLines(agreed).join("\n"), /confirmed +C0, agreed/);
  const opened = viewAfter({ ...HONEST, until: "opened" });
  assert.is(receiptData(opened)["confirmation"], "open");
  assert.match(receiptLines(opened).join("\n"), /outcome +open: .*\n +to pay +0\.00 EUR/);
});

test("the receipt file tells the same as the chain that it is from", () => {
  for (const amounts of [HONEST, { stationMilliWh: 14_400_000, vehicleMilliWh: 10_980_000 }]) {
    const { chain, address } = sealCharge(amounts);
    const verified = verifyReceipt(crypto, makeReceipt(chain, address) ?? new Uint8Array());
    assert.ok(verified.ok);
    const fromChain = viewOfCharge(chain, address);
    assert.ok(fromChain !== undefined);
    assert.equal(receiptLines(viewOfReceipt(verified.value)), receiptLines(fromChain));
  }
});

test("the data has whole units, and the exact price as text", () => {
  const data = receiptData(viewAfter(HONEST));
  assert.is(data["stationMilliWh"], 12_000_000);
  assert.is(data["amount"], 420);
  assert.is(data["verdict"], "AGREE");
  assert.match(JSON.stringify(data), /"picoUnits":"4200000000000"/);
});

test.run();

function viewAfter(amounts: ChargeAmounts): ReceiptView {
  const { chain, address } = sealCharge(amounts);
  const view = viewOfCharge(chain, address);
  if (view === undefined) throw new Error("the contract is on the chain");
  return view;
}

function textOf(amounts: ChargeAmounts): string {
  return receiptLines(viewAfter(amounts)).join("\n");
}
