/** What a person reads on a receipt, on a terminal. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SHIPPED_CONTRACTS } from "#core/contract/shipped-contracts.ts";
import { receiptContent } from "#records/receipt-content.ts";
import { receiptData, receiptLines } from "#records/receipt-text.ts";
import { viewOfReceipt } from "#records/receipt-view.ts";
import { verifyReceipt } from "#records/receipt.ts";
import { crypto } from "#test/builders/ledger-actors.ts";
import { paperCharge, type PaperEnding, type PaperStory } from "#test/builders/paper-charge.ts";

const test = suite("receipt text");

const ENDINGS: readonly PaperEnding[] = [
  "settled",
  "disputed",
  "abandoned",
  "cancelled",
  "mutual",
  "arbiter",
  "lapsed",
];

test("an honest charge: both amounts, agreement, price and the block that holds it", () => {
  const text = textOf({ vehicleShare: 0.912 });
  assert.match(text, /^Charging receipt: The two meters agree/);
  assert.match(text, /expected 88–95 % at up to 11\.0 kW, found 91\.2 %: within the expected charging loss\./);
  assert.match(text, /Station's meter +12\.403 kWh, at the mains/);
  assert.match(text, /Vehicle's meter +11\.\d{3} kWh, at the battery/);
  assert.match(text, /Verdict +the two agree: the difference of 0\.32 % is within 1\.02 %/);
  assert.match(text, /Energy, 20:27:40–21:00:00, 5\.738 kWh, €0\.4159 per kWh = €2\.3866/);
  assert.match(text, /To pay +€6\.35 for 12\.403 kWh/);
  assert.match(
    text,
    /C1, sealed: in block 2 \([0-9a-f]{12}\) by [0-9A-Z]{13} at 28 May 2026, .* UTC; this region has no voters/,
  );
});

test("a disagreement says by how much against which limit, what is contested, what to do and until when", () => {
  const text = textOf({ ending: "disputed", vehicleShare: 0.7 });
  assert.match(text, /the two disagree: the vehicle measured 23\.49 % less .* the limit is 13\.17 %/);
  assert.match(text, /Difference from expectation +–23\.49 %/);
  assert.match(text, /Disagreement from +13\.17 % \(7\.10 % agreed and 6\.07 % uncertainty\)/);
  assert.match(text, /Contested, not billed +\d\.\d{3} kWh/);
  assert.match(text, /What you can do +Now you owe only what both sides have signed to: €\d/);
  assert.match(text, /Until 28 Jun 2026, 07:27:40 UTC both sides can agree/);
  assert.match(text, /The contract names an arbiter, [0-9A-Z]{13}/);
  assert.match(
    textOf({ ending: "disputed", vehicleShare: 1.3 }),
    /the car claims more than the station can have delivered/,
  );
});

test("by the paper's contract nothing is billed of what does not match, and nobody is told of ways that it bars", () => {
  const program = SHIPPED_CONTRACTS.get("paper-v1") ?? new Uint8Array();
  for (const story of [{ ending: "disputed", vehicleShare: 0.7 }, { ending: "abandoned" }] as const) {
    const { view, receipt } = paperCharge({ ...story, program });
    const verified = verifyReceipt(crypto, receipt);
    assert.ok(verified.ok);
    for (const each of [view, viewOfReceipt(verified.value)]) {
      const text = receiptLines(each).join("\n");
      assert.match(text, /Outcome +(disputed|abandoned): nothing is billed/);
      assert.match(text, /To pay +€0\.00/);
      assert.match(text, /has no way to end this afterwards/);
      assert.not.match(text, /dispute resolve|arbiter|have signed to/);
      assert.match(receiptContent(each, { language: "de" }).advice.texts.join(" "), /sieht keinen Weg vor/);
    }
  }
});

test("too little energy gets no verdict, and is told why", () => {
  const text = textOf({ minutes: 9, vehicleShare: 0.8 });
  assert.match(text, /no verdict: less energy than the 1\.000 kWh that one takes/);
  assert.match(text, /^Charging receipt: Settled; too little energy to compare/);
});

test("between agreement and disagreement it is called undecided, and billed", () => {
  const text = textOf({ vehicleShare: 0.86 });
  assert.match(text, /^Charging receipt: Settled; the comparison is undecided/);
  assert.match(text, /found 86\.0 %: outside the expected charging loss, but not beyond what/);
  assert.match(text, /Undecided means: the difference is too small to object to/);
  assert.match(textOf({ vehicleShare: 0.897 }), /found 89\.7 %: within the expected charging loss/);
});

test("what both have signed and no block holds is C0; what is not completed says so", () => {
  const agreed = paperCharge({ ending: "agreed" }).view;
  assert.is(receiptData(agreed)["confirmation"], "C0");
  assert.match(receiptLines(agreed).join("\n"), /Confirmation +C0, agreed/);
  const opened = paperCharge({ ending: "open" }).view;
  assert.is(receiptData(opened)["confirmation"], "open");
  assert.match(receiptLines(opened).join("\n"), /To pay +€0\.00[^]*Outcome +open: /);
});

test("the ways in which a dispute can end are told apart", () => {
  assert.match(textOf({ ending: "mutual", vehicleShare: 0.7 }), /settled, by agreement of both/);
  assert.match(textOf({ ending: "mutual", vehicleShare: 0.7 }), /Agreed on by both in place of the tariff's price/);
  const judged = textOf({ ending: "arbiter", vehicleShare: 0.7 });
  assert.match(judged, /settled, by the arbiter's ruling\n +Fault, as ruled +the station's/);
  assert.match(judged, /Arbiter's reason +the meter of the station was measured/);
  assert.match(judged, /This is revision 2 of the result/);
  assert.match(textOf({ ending: "lapsed", vehicleShare: 0.7 }), /the time for a dispute is over/);
  assert.match(textOf({ ending: "abandoned" }), /The vehicle fell silent\. What both had signed/);
  assert.match(textOf({ ending: "cancelled" }), /^Charging receipt: Cancelled, nothing was charged/);
});

test("the receipt file tells the same as the chain that it is from, however the charge ended", () => {
  for (const ending of ENDINGS) {
    const { view, receipt } = paperCharge({ ending, vehicleShare: 0.7 });
    const verified = verifyReceipt(crypto, receipt);
    assert.ok(verified.ok, `${ending}: ${verified.ok ? "" : verified.fault.code}`);
    assert.equal(receiptLines(viewOfReceipt(verified.value)), receiptLines(view), ending);
    assert.equal(viewOfReceipt(verified.value).slip, view.slip, ending);
  }
});

test("the data has whole units, and exact amounts as text", () => {
  const data = receiptData(paperCharge({ vehicleShare: 0.912 }).view);
  assert.is(data["stationMilliWh"], 12_402_838);
  assert.is(data["amount"], 635);
  assert.is(data["verdict"], "AGREE");
  const price = JSON.stringify(data["price"]);
  assert.match(price, /"beforeTax":"18000000000000000000"/);
});

test.run();

function textOf(story: PaperStory): string {
  return receiptLines(paperCharge(story).view).join("\n");
}
