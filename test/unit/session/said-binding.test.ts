/** What signed facts say of the physical binding, and what a receipt makes of it. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { REPORT_FLAG } from "#core/session/facts.ts";
import { saidBinding } from "#core/session/said-binding.ts";
import { receiptContent } from "#records/receipt-content.ts";
import { receiptData } from "#records/receipt-text.ts";
import { batteryTerms } from "#test/builders/charge-facts.ts";
import { paperCharge } from "#test/builders/paper-charge.ts";
import { PartyDuo } from "#test/builders/party-duo.ts";

const test = suite("said binding");

test("a vehicle that has found the pattern says so in the reports that are due anyway, and in all of them", () => {
  const [plain, bound] = [new PartyDuo(batteryTerms({})).run(55), new PartyDuo(batteryTerms({})).run(55)];
  bound.vehicleBound = true;
  plain.run(1_500);
  bound.run(1_500);
  const [before, after] = [plain.reportsOf("vehicle"), bound.reportsOf("vehicle")];
  assert.equal(
    after.map(({ registerMilliWh, atMs }) => [registerMilliWh, atMs]),
    before.map(({ registerMilliWh, atMs }) => [registerMilliWh, atMs]),
    "no report more, none earlier",
  );
  assert.ok(after.length > 3);
  assert.equal(
    after.map(({ flags }) => flags & REPORT_FLAG.BOUND),
    [0, ...after.slice(1).map(() => REPORT_FLAG.BOUND)],
  );
  assert.equal(bound.reportsOf("station"), plain.reportsOf("station"));
});

test("the facts say it: agreed or not, found, not seen, or another car's", () => {
  const { view } = paperCharge({});
  const { charge } = view;
  assert.is(saidBinding(charge), undefined);
  const open = { ...charge.open, terms: { ...charge.open.terms, bind: "watermark" } } as const;
  const agreed = { ...charge, open };
  assert.is(saidBinding(agreed), "not-seen");
  const flagged = charge.reports.vehicle.map((report) => ({ ...report, flags: report.flags | REPORT_FLAG.BOUND }));
  const found = { ...agreed, reports: { ...charge.reports, vehicle: flagged } };
  assert.is(saidBinding(found), "confirmed");
  const { vehicle } = charge.completes;
  assert.ok(vehicle !== undefined);
  const other = {
    ...agreed,
    completes: { ...charge.completes, vehicle: { ...vehicle, reason: "another-car" as const } },
  };
  assert.is(saidBinding(other), "contradicted");
  const rowOf = (of: typeof charge, language: "en" | "de"): string | undefined =>
    receiptContent({ ...view, charge: of }, { language }).who.find(({ label }) => /Same cable|Kabel/.test(label))?.text;
  assert.is(rowOf(charge, "en"), undefined);
  assert.match(rowOf(found, "en") ?? "", "seen the station's pattern");
  assert.match(rowOf(other, "de") ?? "", "nein");
  assert.is(receiptData({ ...view, charge: found })["binding"], "confirmed");
  assert.not("binding" in receiptData(view));
});

test.run();
