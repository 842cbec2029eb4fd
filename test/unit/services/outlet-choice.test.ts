/** At which outlet the driver wants to charge, and until when that is meant. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { ProvenOffer } from "#core/handshake/offer.ts";
import { CHOICE_HOLDS_MS, OutletChoice } from "#services/outlet-choice.ts";

const test = suite("choice of an outlet");
const [HERE, THERE] = [1, 2].map((fill) => new Uint8Array(32).fill(fill));
let nowMs = 0;
const clock = { monotonicMs: () => nowMs };

function offerOf(station: Uint8Array | undefined, evse = 1): ProvenOffer {
  return { body: { station, evse } } as unknown as ProvenOffer;
}

function choiceOf(station: Uint8Array | undefined, evse = 1): { station: Uint8Array; evse: number } {
  return { station: station ?? new Uint8Array(), evse };
}

test("the outlet that was named, and no other one of the same post", () => {
  const choice = new OutletChoice(clock, choiceOf(HERE, 2));
  assert.is(choice.among([offerOf(THERE, 2), offerOf(HERE, 1)]), undefined);
  assert.equal(choice.among([offerOf(HERE, 1), offerOf(HERE, 2)]), offerOf(HERE, 2));
});

test("it holds for one charge", () => {
  const choice = new OutletChoice(clock, choiceOf(HERE));
  choice.use();
  assert.is(choice.among([offerOf(HERE)]), undefined);
});

test("who drives away without a charge does not pay for the next car there", () => {
  nowMs = 5_000;
  const choice = new OutletChoice(clock, undefined);
  choice.take(choiceOf(HERE));
  nowMs += CHOICE_HOLDS_MS - 1;
  assert.equal(choice.among([offerOf(HERE)]), offerOf(HERE));
  nowMs += 1;
  assert.is(choice.current, undefined);
  assert.is(choice.among([offerOf(HERE)]), undefined);
  choice.take(choiceOf(HERE));
  assert.equal(choice.among([offerOf(HERE)]), offerOf(HERE), "pointed at again");
});

test("any: the only one that offers, for every charge and without an end", () => {
  const choice = new OutletChoice(clock, "any");
  nowMs += 10 * CHOICE_HOLDS_MS;
  choice.use();
  assert.equal(choice.among([offerOf(THERE)]), offerOf(THERE));
  assert.is(choice.among([offerOf(HERE), offerOf(THERE)]), undefined);
});

test.run();
