/** A tariff by the hour with a price for standing on: the receipt has a line for each, and they add up. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openTimeZone } from "#adapters/time-zone/intl-time-zone.ts";
import { REPORT_FLAG } from "#core/session/facts.ts";
import { chargeCost } from "#core/session/charge-cost.ts";
import { PARTS_PER_UNIT } from "#core/tariff/price-session.ts";
import { localTimeText } from "#firmware/commands/tariff/local-time.ts";
import { receiptLines } from "#records/receipt-text.ts";
import { viewOfReceipt } from "#records/receipt-view.ts";
import { assertOneTrueChain, benchRun, onlyCharge } from "#test/builders/bench-run.ts";

const test = suite("bench, tariff");
const ZONE = "America/St_Johns";

/** The price changes each four minutes, so that a charge of some minutes sees it, however busy the machine is. */
function changingTariff(): unknown {
  const time = (minute: number): string => `${Math.floor(minute / 60)}:${(minute % 60).toString().padStart(2, "0")}`;
  const energy = (price: number): unknown => ({ type: "ENERGY", price, vat: 19, step_size: 1 });
  const begin = 21 * 60 + 56;
  const windows = Array.from({ length: 8 }, (_, place) => ({
    price_components: [energy(place % 2 === 0 ? 0.55 : 0.2)],
    restrictions: { start_time: time(begin + 4 * place), end_time: time(begin + 4 * place + 4) },
  }));
  return {
    ...{ country_code: "CA", party_id: "TLY", id: "changing", currency: "CAD", last_updated: "2026-11-01T00:00:00Z" },
    elements: [
      { price_components: [{ type: "FLAT", price: 0.5, vat: 19, step_size: 1 }] },
      ...windows,
      { price_components: [energy(0.99), { type: "PARKING_TIME", price: 4.8, vat: 19, step_size: 60 }] },
    ],
  };
}

test("energy at two prices, a fee and the time that the car stood on end in a receipt whose lines add up", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tallystick-test-tariff-"));
  const file = join(folder, "changing.json");
  writeFileSync(file, JSON.stringify(changingTariff()));
  try {
    const tariff = { tariff: file, timeZone: ZONE, startAt: "21:57", speed: 60 };
    const run = await benchRun({ ...tariff, minutes: 5, stayMinutes: 5 });
    assertOneTrueChain(run);
    assert.equal(run.report.problems, []);
    const { result, receipt, outcome } = onlyCharge(run);
    assert.is(outcome, "agreed");
    assert.ok(receipt !== undefined, "the receipt is verified");
    const view = viewOfReceipt(receipt);
    const { open, reports, completes } = view.charge;

    const zone = openTimeZone(ZONE);
    assert.ok(zone.ok);
    assert.ok(localTimeText(open.startedAt, zone.value) >= "21:57", localTimeText(open.startedAt, zone.value));
    for (const role of ["station", "vehicle"] as const) {
      assert.is(completes[role]?.reason, "unplugged", role);
    }
    assert.ok(reports.station.some(({ flags }) => (flags & REPORT_FLAG.IDLE) !== 0));

    const cost = chargeCost(view.charge, result.billedMilliWh);
    const of = (dimension: string): typeof cost.lines => cost.lines.filter((line) => line.dimension === dimension);
    const energyPrices = new Set(of("ENERGY").map(({ microPrice }) => microPrice));
    assert.ok(energyPrices.has(550_000) && energyPrices.has(200_000), [...energyPrices].join(", "));
    assert.is(of("FLAT").length, 1);
    const energy = of("ENERGY").reduce((sum, { quantity }) => sum + quantity, 0);
    assert.is(energy, result.billedMilliWh, "each mWh has its line");
    const stoodMs = of("PARKING_TIME").reduce((sum, { quantity }) => sum + quantity, 0);
    assert.ok(stoodMs >= 3 * 60_000 && stoodMs <= 7 * 60_000, `${stoodMs / 1000} s stood`);

    const lines = cost.lines.reduce((sum, { withTax }) => sum + withTax, 0n);
    const all = lines + (cost.bound?.withTax ?? 0n) + cost.rounding.withTax;
    assert.is(all * 100n, BigInt(result.amount) * PARTS_PER_UNIT, "lines and rounding are what is paid");
    assert.is(cost.minorUnits, result.amount);

    // As it is printed: what stands behind each "=", and the net amount and its tax.
    const text = receiptLines(view).join("\n");
    const amounts = [...text.matchAll(/= CAD (\d+\.\d{4})/g)].map(([, amount]) => Number(amount));
    assert.ok(amounts.length >= 4, text);
    const [net = 0, tax = 0] = ["Net", "Tax 19 %"].map((name) => Number(text.split(`${name} CAD `)[1]?.split("\n")[0]));
    assert.ok(Math.abs(amounts.reduce((sum, amount) => sum + amount, 0) - net) < 0.006, text);
    assert.is(Math.round(100 * (net + tax)), result.amount);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.run();
