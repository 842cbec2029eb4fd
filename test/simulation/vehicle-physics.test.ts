/**
 * A short version of `npm run sim:vehicle`: every car, every adapter, with troubles, in a world that knows the truth.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { carModelNames } from "#hal/mock/obd/car-model.ts";
import { playAndJudge, personaNames, recordedDamage } from "./vehicle-physics.ts";
import { tallyCharges, type JudgedCharge } from "./vehicle/charge-tally.ts";

const test = suite("what a vehicle states is true");
const LENGTH_S = 450;
/** Each car by so many of the adapters; which, moves on from car to car. */
const ADAPTERS_EACH = 2;
/** By these adapters some cars cannot be read at all, or too slowly, and that is told. */
const UNFIT: ReadonlySet<string> = new Set(["fake-v1.5", "fake-v2.1"]);

test("every payload that is believed was sent, and the truth is within what is stated", async () => {
  const damage = recordedDamage();
  if (damage === undefined) console.log("no recordings beside the checkout: without damage that was really recorded");
  const judged: JudgedCharge[] = [];
  for (const [index, model] of carModelNames().entries()) {
    for (let turn = 0; turn < ADAPTERS_EACH; turn += 1) {
      const seed = ADAPTERS_EACH * index + turn;
      const persona = personaNames()[seed % personaNames().length] ?? "genuine";
      judged.push(await playAndJudge({ model, persona, seed, recordedDamage: damage, lengthMaxS: LENGTH_S }));
    }
  }
  const { coverage, wrongPayloads, missed, lines } = tallyCharges(judged);
  const story = lines.join("\n");
  assert.is(wrongPayloads, 0, story);
  assert.is(missed, 0, story);
  const measured = judged.filter(({ isMeasured }) => isMeasured);
  // One of these few may be outside: U is for 95 of 100. The long run judges the share.
  assert.ok(coverage * measured.length >= measured.length - 2, story);
  const unread = judged.filter(({ isMeasured, persona }) => !isMeasured && !UNFIT.has(persona));
  assert.ok(unread.length <= 3, `${unread.map(({ model, persona }) => `${model} by ${persona}`).join(", ")}\n${story}`);
  const fired = new Set(judged.flatMap((charge) => Object.keys(charge.fired)));
  for (const trouble of ["leftover", "glued", "restarted", "echoed", "unfinished", "adapter pulled", "units asleep"]) {
    assert.ok(fired.has(trouble), `${trouble} never happened\n${story}`);
  }
});

test.run();
