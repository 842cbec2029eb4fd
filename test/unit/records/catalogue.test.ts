/** Numbers, money and times as each language writes them; every text is there, and prices on paper add up. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import fc from "fast-check";
import { CATALOGUES, LANGUAGES } from "#records/catalogue/languages.ts";
import { instantText, laterText } from "#records/catalogue/local-time.ts";
import {
  bandText,
  decimalText,
  energyText,
  lengthText,
  minorText,
  moneyText,
  roundedShareText,
  shareText,
} from "#records/catalogue/notation.ts";
import { receiptContent } from "#records/receipt-content.ts";
import { dayTariff, paperCharge } from "#test/builders/paper-charge.ts";
import { ruleOf, tariffOf } from "#test/builders/tariffs.ts";
import type { Tariff } from "#core/tariff/tariff-terms.ts";

const test = suite("catalogue");
const [en, de] = [CATALOGUES.en, CATALOGUES.de];

test("decimals and groups of three, exact at any size", () => {
  assert.is(decimalText(en.notation, 1_234_567n, 2), "12,345.67");
  assert.is(decimalText(de.notation, 1_234_567n, 2), "12.345,67");
  assert.is(decimalText(en.notation, -5n, 2), "–0.05");
  assert.is(decimalText(en.notation, 0n, 0), "0");
  assert.is(decimalText(en.notation, 123n, 0), "123");
  assert.is(decimalText(de.notation, 350_000n, 6, 2), "0,35");
  assert.is(decimalText(en.notation, 2_000_000n, 6, 0), "2");
  assert.is(decimalText(en.notation, 9_007_199_254_740_993n, 3), "9,007,199,254,740.993");
});

test("money stands where the language puts it, with the digits of the currency", () => {
  const plain = (text: string): string => text.replaceAll("\u00a0", "_");
  for (const [code, digits, english, german] of [
    ["EUR", 2, "€12.34", "12,34_€"],
    ["GBP", 2, "£12.34", "12,34_£"],
    ["CHF", 2, "CHF_12.34", "12,34_CHF"],
    ["JPY", 0, "JPY_1,234", "1.234_JPY"],
    ["KWD", 3, "KWD_1.234", "1,234_KWD"],
  ] as const) {
    assert.is(plain(minorText(en.notation, { code, digits }, 1234)), english);
    assert.is(plain(minorText(de.notation, { code, digits }, 1234)), german);
  }
  assert.is(moneyText(en.notation, { code: "EUR", digits: 2 }, { value: -19n, decimals: 4 }), "–€0.0019");
});

test("energies round to even, limits are cut off, shares round", () => {
  assert.is(energyText(en.notation, 57_415_000, 2), "57.42\u00a0kWh");
  assert.is(energyText(de.notation, 57_425_000, 2), "57,42\u00a0kWh");
  assert.is(energyText(en.notation, 1_500), "0.002\u00a0kWh");
  assert.is(shareText(en.notation, -19_699), "–1.96\u00a0%");
  assert.is(roundedShareText(en.notation, 896_900), "89.7\u00a0%");
  assert.is(bandText(de.notation, 880_000, 950_000), "88–95\u00a0%");
  assert.is(bandText(en.notation, 991_500, 1_000_000), "99.1–100\u00a0%");
});

test("times of both days and both clocks", () => {
  const berlin = { name: "Europe/Berlin", offsetSecondsAt: (at: number) => (at < 1_792_890_000 ? 7200 : 3600) };
  const plain = (text: string): string => text.replaceAll("\u00a0", " ");
  // The last Sunday of October 2026: 01:00 UTC is the second 02:00 in Berlin.
  assert.is(plain(instantText(de, 1_792_889_999, berlin)), "25.10.2026, 02:59:59 (Europe/Berlin), 00:59:59 UTC");
  assert.is(plain(instantText(de, 1_792_890_000, berlin)), "25.10.2026, 02:00:00 (Europe/Berlin), 01:00:00 UTC");
  assert.is(
    plain(instantText(en, 1_779_998_460, { name: "Europe/Berlin", offsetSecondsAt: () => 7200 })),
    "28 May 2026, 22:01:00 (Europe/Berlin), 20:01:00 UTC",
  );
  assert.is(
    plain(instantText(en, 1_780_009_200, berlin)),
    "29 May 2026, 01:00:00 (Europe/Berlin), 28 May 2026, 23:00:00 UTC",
  );
  assert.is(plain(laterText(en, [1_779_998_460, 1_779_998_520], berlin)), "22:02:00 (20:02:00 UTC)");
  assert.is(plain(laterText(en, [1_779_998_460, 1_780_012_860])), "29 May 2026, 00:01:00 UTC");
  assert.is(lengthText(3909), "1:05:09");
  assert.is(lengthText(100 * 3600), "100:00:00");
});

test("no text is empty, and none is the same by mistake in both languages", () => {
  const wordsOf = (value: unknown): readonly string[] => {
    if (typeof value === "string") return [value];
    return typeof value === "object" && value !== null ? Object.values(value).flatMap(wordsOf) : [];
  };
  const [english, german] = [wordsOf(en), wordsOf(de)];
  assert.is(english.length, german.length);
  assert.is(english.filter((text) => text === "").length, 1, "only of nobody who fell silent");
  const same = english.filter((text, place) => text.length > 7 && text === german[place]);
  assert.equal(same, []);
});

test("what is shown of a price adds up to its last digit, whatever the tariff", () => {
  const rule = fc.record({
    microPrice: fc.integer({ min: 0, max: 900_000 }),
    taxPpm: fc.constantFrom(0, 190_000, 70_000),
    step: fc.constantFrom(0, 1000),
  });
  const tariff: fc.Arbitrary<Tariff> = fc
    .tuple(rule, rule, rule, fc.constantFrom("no", "yes", "none"), fc.constantFrom("total", "component"))
    .map(([energy, time, flat, taxIncluded, roundingPer]) => {
      const taxed = <Part extends typeof energy>(part: Part): Part =>
        taxIncluded === "none" ? { ...part, taxPpm: 0 } : part;
      return tariffOf(
        [
          ruleOf("ENERGY", energy.microPrice, { ...taxed(energy), energyMilliWh: [0, 5_000_000] }),
          ruleOf("ENERGY", energy.microPrice + 7, { ...taxed(flat), step: 0, microPrice: energy.microPrice + 7 }),
          ruleOf("TIME", time.microPrice, { ...taxed(time), step: 0 }),
          ruleOf("FLAT", flat.microPrice, { ...taxed(flat), step: 0 }),
        ],
        { taxIncluded, roundingPer },
      );
    });
  const { view } = paperCharge({ terms: { tariff: dayTariff() } });
  fc.assert(
    fc.property(tariff, fc.integer({ min: 0, max: 3 }), (signed, currencyDigits) => {
      const terms = { ...view.charge.open.terms, tariff: signed, currencyDigits };
      const charge = { ...view.charge, open: { ...view.charge.open, terms } };
      const content = receiptContent({ ...view, charge, result: undefined }, { language: "en" });
      const { rows, sums } = content.price;
      const amounts = (texts: readonly { readonly amount: string }[]): number =>
        texts.reduce((sum, { amount }) => sum + inPicos(amount), 0);
      const net = sums.findIndex(({ label }) => label === "Net");
      const total = sums.findIndex(({ isTotal }) => isTotal);
      const isNetFirst = net !== -1 && net < total;
      const end = isNetFirst ? net : total;
      assert.is(amounts(rows) + amounts(sums.slice(0, end)), inPicos(sums[end]?.amount ?? ""));
      if (isNetFirst) assert.is(amounts(sums.slice(net, total)), inPicos(sums[total]?.amount ?? ""));
      if (net > total) assert.is(amounts(sums.slice(net)), inPicos(sums[total]?.amount ?? ""));
    }),
    { numRuns: 150 },
  );
});

test("each language writes the whole receipt", () => {
  const { view } = paperCharge({ ending: "disputed", vehicleShare: 0.7 });
  const contents = LANGUAGES.map((language) => receiptContent(view, { language }));
  assert.is(new Set(contents.map(({ sentence }) => sentence)).size, LANGUAGES.length);
  assert.is(new Set(contents.map(({ advice }) => advice.texts.length)).size, 1);
  assert.match(contents[1]?.sentence ?? "", /beim Auto kam weniger an, als ein Ladeverlust erklärt\.$/);
});

test.run();

/** An amount as it is shown, in 10⁻⁵ of the unit. */
function inPicos(amount: string): number {
  const isNegative = amount.startsWith("–");
  const [whole = "", fraction = ""] = amount.replace(/[–€,]/g, "").split(".");
  const value = Number(whole + fraction.padEnd(5, "0"));
  return isNegative ? -value : value;
}
