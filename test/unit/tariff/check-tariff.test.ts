/** What a signed tariff must not say, and that the largest sound one fits all that carries it. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { OFFER_BYTES_MAX, OPEN_BYTES_MAX } from "#core/handshake/handshake-limits.ts";
import { encodeOpenFor, largestJoinOffer } from "#test/builders/largest-contract.ts";
import { TARIFF_BYTES_MAX } from "#core/limits.ts";
import { checkTariff, isResolvedFor } from "#core/tariff/check-tariff.ts";
import { tariff as tariffShape, type Tariff, type TariffRule } from "#core/tariff/tariff-terms.ts";
import { decodeShape, encodeShape } from "#core/wire/schema.ts";
import { kwhBands, perKwh, ruleOf, tariffOf } from "#test/builders/tariffs.ts";

const test = suite("sound tariffs");

function reasonFor(tariff: Tariff): string {
  const checked = checkTariff(tariff);
  return checked.ok ? "sound" : `${checked.fault.path}: ${checked.fault.reason}`;
}

function check(tariff: Tariff, expected: RegExp): void {
  assert.match(reasonFor(tariff), expected);
}

const energy = (rest: Partial<TariffRule> = {}): TariffRule => ruleOf("ENERGY", 250_000, rest);
/** Rules that differ in what they ask for, each with this condition. */
const withRule = (rest: Partial<TariffRule>): Tariff => tariffOf([energy(rest)], { resolved: [100, 1000] });

test("simple tariffs and bands are sound", () => {
  assert.is(reasonFor(perKwh(450_000)), "sound");
  assert.is(reasonFor(kwhBands([0, 3600, 1], [3600, 7200, 2], [7200, 9000, 3])), "sound");
  assert.is(reasonFor(tariffOf([])), "sound");
});

test("a condition that restricts nothing, or holds never, is refused", () => {
  check(withRule({ energyMilliWh: [0, null] }), /rules\.0\.energyMilliWh: restricts nothing/);
  check(withRule({ durationSeconds: [60, 60] }), /rules\.0\.durationSeconds: ends before/);
  check(withRule({ powerW: [7000, 6999] }), /rules\.0\.powerW: ends before/);
  assert.is(reasonFor(withRule({ powerW: [0, 7000] })), "sound");
});

test("windows stand in order, apart from each other, and within the time that they are resolved for", () => {
  check(withRule({ windows: [[99, 200]] }), /rules\.0\.windows: one begins at 99/);
  check(withRule({ windows: [[100, 1001]] }), /rules\.0\.windows: one ends at 1001, after/);
  check(withRule({ windows: [[300, 300]] }), /rules\.0\.windows: one ends at 300/);
  const touching = [
    [100, 200],
    [200, 300],
  ] as const;
  check(withRule({ windows: touching }), /rules\.0\.windows: one begins at 200, not after/);
  assert.is(reasonFor(withRule({ windows: [[100, 1000]] })), "sound");
  check(tariffOf([], { resolved: [7, 7] }), /resolved: ends before/);
});

test("a rule that another one always comes before is refused", () => {
  check(tariffOf([energy(), energy({ powerW: [1, null] })]), /rules\.1: never counts: rule 0/);
  const windows = [[100, 500]] as const;
  const narrow = energy({ windows: [[200, 300]], durationSeconds: [10, 20] });
  check(tariffOf([energy({ windows }), narrow]), /rules\.1: never counts/);
  assert.is(reasonFor(tariffOf([narrow, energy({ windows })])), "sound");
  assert.is(reasonFor(tariffOf([energy({ windows }), energy({ windows: [[400, 501]] })])), "sound");
  const early = energy({ durationSeconds: [0, 60] });
  check(tariffOf([early, energy({ durationSeconds: [10, 60] })]), /rules\.1: never counts/);
  assert.is(reasonFor(tariffOf([early, energy({ durationSeconds: [10, 61] })])), "sound");
});

test("a reservation has time and fees, no energy and no power", () => {
  check(tariffOf([energy({ phase: "reservation" })]), /rules\.0\.dimension: a reservation/);
  check(
    tariffOf([ruleOf("TIME", 1, { phase: "reservation", powerW: [1, null] })]),
    /rules\.0\.powerW: in a reservation/,
  );
  check(tariffOf([ruleOf("FLAT", 1, { step: 1 })]), /rules\.0\.step: what is paid once/);
});

test("where no tax applies there is none, and bounds agree with it and with each other", () => {
  check(tariffOf([energy({ taxPpm: 1 })], { taxIncluded: "none" }), /rules\.0\.taxPpm: no tax/);
  const bound = (beforeTax: number, withTax: number | null) => ({ beforeTax, withTax });
  check(tariffOf([energy()], { taxIncluded: "none", minPrice: bound(1, 2) }), /minPrice: no tax/);
  check(tariffOf([energy()], { minPrice: bound(3, 2) }), /minPrice: is less with tax/);
  check(tariffOf([energy()], { minPrice: bound(3, 3), maxPrice: bound(2, 5) }), /maxPrice: is below/);
  check(tariffOf([energy()], { minPrice: bound(1, 6), maxPrice: bound(2, 5) }), /maxPrice: is below/);
  check(tariffOf([energy()], { minPrice: bound(1, null), maxPrice: bound(2, 5) }), /maxPrice: states its tax/);
  const rates = [energy({ taxPpm: 1 }), ruleOf("TIME", 1, { taxPpm: 2 })];
  check(tariffOf(rates, { maxPrice: bound(1, null) }), /maxPrice: has no amount with tax/);
  assert.is(reasonFor(tariffOf(rates, { maxPrice: bound(1, 2) })), "sound");
});

test("a tariff of more bytes than may be signed is refused, and one at the limit fits OPEN and OFFER", () => {
  const sized = (count: number): Tariff => tariffOf(Array.from({ length: count }, (_, place) => windowedRule(place)));
  const count = Array.from({ length: 33 }, (_, at) => at).findLast((at) => reasonFor(sized(at)) === "sound") ?? 0;
  const largest = sized(count);
  const bytes = encodeShape(tariffShape, largest).length;
  assert.ok(bytes > TARIFF_BYTES_MAX - 100 && bytes <= TARIFF_BYTES_MAX, `${bytes} bytes`);
  check(sized(count + 1), /^: takes \d+ bytes, 1536 is the most/);
  assert.ok(encodeOpenFor(largest).length <= OPEN_BYTES_MAX, "OPEN");
  assert.ok(largestJoinOffer(largest).length <= OFFER_BYTES_MAX, "OFFER");
});

test("what is written is read back, and an unknown key or a number out of range is not", () => {
  const tariff = tariffOf([energy({ windows: [[5, 9]], powerW: [1, null], step: 500 })], {
    maxPrice: { beforeTax: 1, withTax: null },
  });
  assert.equal(decodeShape(tariffShape, encodeShape(tariffShape, tariff)), { ok: true, value: tariff });
  assert.throws(() => encodeShape(tariffShape, tariffOf([energy({ microPrice: 1_000_000_000_001 })])));
  assert.throws(() => encodeShape(tariffShape, tariffOf([energy({ taxPpm: -1 })])));
});

test("a tariff is for a charge that begins and ends in what it is resolved for", () => {
  const tariff = tariffOf([], { resolved: [100, 200] });
  assert.equal(
    (
      [
        [100, 200],
        [99, 200],
        [100, 201],
      ] as const
    ).map(([from, to]) => isResolvedFor(tariff, from, to)),
    [true, false, false],
  );
});

test.run();

function windowedRule(place: number): TariffRule {
  const from = 1_800_000_000 + 86_400 * place;
  return energy({
    microPrice: 1_000_000_000_000 - place,
    windows: Array.from({ length: 3 }, (_, each) => [from + 7200 * each, from + 7200 * each + 3600] as const),
  });
}
