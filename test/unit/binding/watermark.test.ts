import { suite } from "uvu";
import * as assert from "uvu/assert";
import { fitWatermark } from "#core/binding/fit-watermark.ts";
import { judgeBinding, seeFollowed, withoutProof, type JudgedCharge } from "#core/binding/judge-watermark.ts";
import type { PowerSample } from "#core/binding/fit-watermark.ts";
import { CHIPS, WATERMARK_WORDS, watermarkPattern, type WatermarkPattern } from "#core/binding/watermark-pattern.ts";
import { CHIP_MS, limitAt, planWatermark, untilNextChipMs, WATERMARK_MS } from "#core/binding/watermark-plan.ts";
import { SeededRandom, SeededRandomness } from "#hal/mock/seeded-random.ts";

const test = suite("watermark");

function patternOf(seed: number | string): WatermarkPattern {
  return watermarkPattern(new SeededRandomness(seed).bytes(32));
}

test("the pattern of a key is the same for ever: another side computes it from the specification", () => {
  const key = Uint8Array.from({ length: 32 }, (_, place) => place);
  // The first six bytes are 0x000102030405 = 4328719365; modulo 5054 it is the word at 3743.
  assert.is(WATERMARK_WORDS.length, 5054);
  assert.is(4_328_719_365 % 5054, 3743);
  const word = (WATERMARK_WORDS[3743] ?? 0).toString(2).padStart(CHIPS, "0");
  const drawn = watermarkPattern(key).map((isLow) => (isLow ? "1" : "0"));
  assert.is(drawn.join(""), word);
  assert.is(word, "1011010011010001");
});

test("every word that may be drawn is balanced and is no constant, no step and no row of turns", () => {
  for (const word of WATERMARK_WORDS) {
    const bits = word.toString(2).padStart(CHIPS, "0");
    assert.is(bits.replaceAll("0", "").length, 8);
    assert.not(/0000|1111/.test(bits), bits);
    const changes = Array.from(bits).filter((bit, place) => place > 0 && bit !== bits[place - 1]).length;
    assert.ok(changes >= 5 && changes <= 10, bits);
  }
});

test("a limit is only ever lowered, by an eighth and at least 2 A, and never below what a car can be told", () => {
  const pattern = patternOf("plan");
  for (let limitA = 1; limitA <= 80; limitA += 0.5) {
    const plan = planWatermark(pattern, limitA);
    if (plan === undefined) {
      assert.ok(limitA < 9, `${limitA} A has room`);
      continue;
    }
    assert.ok(plan.lowA >= 6 && plan.lowA <= limitA - 2 && plan.lowA <= (limitA * 7) / 8, `${limitA} → ${plan.lowA}`);
    for (let elapsedMs = -5_000; elapsedMs < WATERMARK_MS + 5_000; elapsedMs += 500) {
      assert.ok(limitAt(plan, elapsedMs) <= limitA);
    }
    assert.is(limitAt(plan, -1), limitA);
    assert.is(limitAt(plan, WATERMARK_MS), limitA);
  }
});

test("the low limit lies below what the car takes: one of 16 A would not notice that 32 A have become 28", () => {
  assert.is(planWatermark(patternOf(1), 32, 16.1)?.lowA, 14);
  assert.is(planWatermark(patternOf(1), 32, 7), undefined);
  assert.is(planWatermark(patternOf(1), 16, 40)?.lowA, 14);
});

test("the time to the next chip is never past an edge", () => {
  assert.is(untilNextChipMs(0), CHIP_MS);
  assert.is(untilNextChipMs(CHIP_MS - 1), 1);
  assert.is(untilNextChipMs(WATERMARK_MS), undefined);
});

/** Readings of a car that follows after a delay, each second for so long. */
function following(
  pattern: WatermarkPattern,
  { delayMs = 1_500, highW = 10_000, stepW = 1_250, noiseW = 20, seed = "noise", secondsMax = 75 } = {},
): readonly PowerSample[] {
  const random = new SeededRandom(seed);
  return Array.from({ length: secondsMax }, (_, second) => {
    const chip = Math.floor((1000 * second - 10_000 - delayMs) / CHIP_MS);
    const powerW = highW - (pattern[chip] === true ? stepW : 0) + noiseW * random.gaussian();
    return { atMs: 1000 * second, powerW };
  });
}

function charged(pattern: WatermarkPattern): JudgedCharge {
  return {
    ...{ pattern, startMs: 10_000, lossPpm: [50_000, 120_000] },
    sight: { stepW: 1_370, meanW: 10_300 },
  };
}

test("the fit finds step and delay, and says how sure it is", () => {
  const pattern = patternOf("fit");
  const fit = fitWatermark(following(pattern), pattern, 10_000, 1_500);
  assert.ok(fit !== undefined && Math.abs(fit.stepW - 1_250) < 60, JSON.stringify(fit));
  assert.ok(fit.likeness > 0.98 && fit.errorW < 30);
});

test("a car on the same cable is confirmed, whatever the delay up to 8 s", () => {
  for (let delayMs = 0; delayMs <= 8_000; delayMs += 500) {
    const pattern = patternOf(delayMs);
    const { code } = judgeBinding(following(pattern, { delayMs }), charged(pattern));
    assert.is(code, "PATTERN_FOUND", `${delayMs} ms`);
  }
});

test("a charge that stays as it is while another car followed is contradicted, if nothing could hide it", () => {
  const pattern = patternOf("relay");
  const steady = following(pattern, { stepW: 0, highW: 9_600 });
  assert.is(judgeBinding(steady, charged(pattern)).code, "PATTERN_ABSENT");
  const less = following(pattern, { stepW: 0, highW: 7_000 });
  assert.is(judgeBinding(less, charged(pattern)).code, "MAY_BE_HIDDEN", "a heater may have taken it up");
  const nothing = following(pattern, { stepW: 0, highW: 0 });
  assert.is(judgeBinding(nothing, charged(pattern)).code, "CHARGES_NOTHING");
  const small = { ...charged(pattern), sight: { stepW: 450, meanW: 3_500 } };
  assert.is(judgeBinding(nothing, small).code, "MAY_BE_HIDDEN", "3.5 kW may all be a heater's");
});

test("the contradiction of a car that never followed a pattern counts for nothing", () => {
  const pattern = patternOf("new");
  const verdict = judgeBinding(following(pattern, { stepW: 0, highW: 9_600 }), charged(pattern));
  assert.equal(withoutProof(verdict), { outcome: "not-seen", code: "UNPROVEN" });
  const own = judgeBinding(following(pattern), charged(pattern));
  assert.is(withoutProof(own), own);
});

test("little, standing and noisy readings tell nothing", () => {
  const pattern = patternOf("little");
  const steady = following(pattern, { stepW: 0, highW: 9_600 });
  const codeOf = (samples: readonly PowerSample[]): string => judgeBinding(samples, charged(pattern)).code;
  assert.is(codeOf([]), "TOO_FEW_READINGS");
  assert.is(codeOf(steady.slice(0, 40)), "TOO_FEW_READINGS", "half of it");
  assert.is(codeOf(steady.filter(({ atMs }) => atMs < 20_000 || atMs > 32_000)), "TOO_FEW_READINGS", "a gap");
  assert.is(codeOf(steady.map(({ atMs }) => ({ atMs, powerW: 9_600 }))), "READINGS_STAND", "an adapter that is frozen");
  const noisy = judgeBinding(following(pattern, { stepW: 0, highW: 9_600, noiseW: 900 }), charged(pattern));
  assert.is(noisy.outcome, "not-seen");
});

test("a pattern that comes half a minute later than it was told contradicts nobody", () => {
  const pattern = patternOf("late");
  for (const startMs of [-20_000, -10_000, 30_000, 40_000]) {
    const { outcome } = judgeBinding(following(pattern, { secondsMax: 110 }), { ...charged(pattern), startMs });
    assert.is.not(outcome, "contradicted", `${startMs} ms`);
  }
});

test("of other patterns one in fifteen at most is taken for the own, at any delay", () => {
  const own = patternOf("own");
  let taken = 0;
  for (let other = 0; other < 600; other += 1) {
    const { outcome } = judgeBinding(following(patternOf(`other ${other}`)), charged(own));
    if (outcome === "confirmed") taken += 1;
  }
  assert.ok(taken <= 40, `${taken} of 600`);
});

test("a station sees whether the car at its cable followed, and by how much", () => {
  const pattern = patternOf("station");
  const sight = seeFollowed(following(pattern), pattern, 10_000, 1_300);
  assert.ok(sight !== undefined && Math.abs(sight.stepW - 1_250) < 80);
  assert.is(seeFollowed(following(pattern, { stepW: 0 }), pattern, 10_000, 1_300), undefined);
  assert.is(seeFollowed(following(pattern, { stepW: 300 }), pattern, 10_000, 1_300), undefined, "a fraction of it");
});

test.run();
