import { suite } from "uvu";
import * as assert from "uvu/assert";
import { kwhText, moneyText, percentText, priceText, utcText } from "#records/quantity-text.ts";

const test = suite("quantities as text");

test("energies have three decimals, rounded half to even", () => {
  assert.is(kwhText(0), "0.000 kWh");
  assert.is(kwhText(12_345_678), "12.346 kWh");
  assert.is(kwhText(500), "0.000 kWh");
  assert.is(kwhText(1500), "0.002 kWh");
  assert.is(kwhText(-1_000_000), "-1.000 kWh");
  assert.is(kwhText(Number.MAX_SAFE_INTEGER), "9007199254.741 kWh");
});

test("money has its currency's digits, prices and exact sums as many as they need", () => {
  assert.is(moneyText(432, 2, "EUR"), "4.32 EUR");
  assert.is(moneyText(5, 2, "EUR"), "0.05 EUR");
  assert.is(moneyText(432, 0, "JPY"), "432 JPY");
  assert.is(moneyText(1, 3, "KWD"), "0.001 KWD");
  assert.is(priceText(350_000, 2, "EUR"), "0.35 EUR");
  assert.is(priceText(1, 2, "EUR"), "0.000001 EUR");
  assert.is(priceText(42_000_000, 0, "JPY"), "42 JPY");
});

test("a percentage is cut off, not rounded up to a limit", () => {
  assert.is(percentText(99_999), "9.99 %");
  assert.is(percentText(-4_200), "-0.42 %");
  assert.is(percentText(-99), "0.00 %");
  assert.is(percentText(1_000_000), "100.00 %");
});

test("times are those of the calendar, on every day of four centuries", () => {
  assert.is(utcText(0), "1970-01-01 00:00:00Z");
  assert.is(utcText(951_782_399), "2000-02-28 23:59:59Z");
  assert.is(utcText(951_782_400), "2000-02-29 00:00:00Z");
  for (let day = 0; day < 146_097; day += 1) {
    const expected = new Date(day * 86_400_000 + 43_200_000).toISOString().replace("T", " ").replace(".000", "");
    if (utcText(day * 86_400 + 43_200) !== expected) assert.is(utcText(day * 86_400 + 43_200), expected);
  }
});

test.run();
