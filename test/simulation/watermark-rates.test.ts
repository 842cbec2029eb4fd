/** Claims on the rates; the run of more charges is `run-watermark-rates.ts`. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { watermarkRates } from "./watermark-rates.ts";

const test = suite("watermark rates");
const HONEST = 500;
const RELAYED = 150;

test("of 500 honest charges in hard circumstances none is contradicted, and half are confirmed", () => {
  const { contradicted, confirmed, latestMs } = watermarkRates(HONEST, "station");
  assert.is(contradicted, 0);
  assert.ok(confirmed >= 0.45 * HONEST, `${confirmed} of ${HONEST}`);
  assert.ok(latestMs <= 60_000, `${latestMs} ms`);
});

test("of 150 honest charges in quiet ones nearly all are confirmed", () => {
  const { contradicted, confirmed } = watermarkRates(150, "station", "quiet");
  assert.is(contradicted, 0);
  assert.ok(confirmed >= 0.85 * 150, `${confirmed} of 150`);
});

test("of 150 cars at a fake post with power of its own a quarter are sure in hard circumstances, most in quiet ones", () => {
  const hard = watermarkRates(RELAYED, "other post");
  assert.ok(hard.contradicted >= 0.2 * RELAYED, `${hard.contradicted} of ${RELAYED}`);
  assert.ok(hard.confirmed <= 0.01 * RELAYED, `${hard.confirmed} of ${RELAYED}`);
  const quiet = watermarkRates(RELAYED, "other post", "quiet");
  assert.ok(quiet.contradicted >= 0.6 * RELAYED, `${quiet.contradicted} of ${RELAYED}`);
});

test("of 150 cars at a fake post without power those are sure for whom the station delivers too much to be hidden", () => {
  const { contradicted, confirmed, codes } = watermarkRates(RELAYED, "dead post", "quiet");
  assert.is(contradicted, codes["CHARGES_NOTHING"]);
  assert.ok(contradicted >= 0.08 * RELAYED, `${contradicted} of ${RELAYED}`);
  assert.is(confirmed, 0);
});

test.run();
