/**
 * B16: a station and a car of two owners lie together: they sign a thousand charges in which nothing flows, to be miners
 * and to vote. What two make of each other counts five times, however often it is done, and nobody is eligible by one
 * partner. By the paper's rule of the bare count they would be the first.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { chooseCommittee } from "#core/finality/committee.ts";
import { schedule } from "#core/ledger/schedule.ts";
import { historyOf, isEligible } from "#core/ledger/reputation.ts";
import type { LedgerRules } from "#core/ledger/rules.ts";
import { HandChain } from "./hand-chain.ts";
import { Scenario } from "./scenario.ts";

const SESSIONS = 1_000;
/** As many as a block holds. */
const SESSIONS_PER_BLOCK = 20;
const LEAST_COUNTED_MILLI_WH = 1_000_000;

const test = suite("B16 farmed history");

test("B16 a thousand charges between two who lie together give a history of five, no place, no seat", () => {
  const farm = play(SESSIONS, { historyMin: 20, counterpartiesMin: 4 });
  assert.equal(farm.settled, [SESSIONS, SESSIONS], "all of them were settled");
  assert.equal(farm.histories, [5, 5]);
  assert.equal(farm.eligible, [false, false]);
  assert.not.ok(farm.hasPlace, "neither has a place in the schedule");
  assert.not.ok(farm.hasSeat, "nor would it have a seat in the next committee");
});

test("B16 without the cap, as the paper counts, the same two are the first to seal", () => {
  const count = 40;
  const farm = play(count, { historyMin: 20, counterpartiesMin: 1, pairCap: null });
  assert.equal(farm.histories, [count, count]);
  assert.equal(farm.eligible, [true, true]);
  assert.ok(farm.hasPlace);
});

test.run();

interface Farm {
  readonly settled: readonly number[];
  readonly histories: readonly number[];
  readonly eligible: readonly boolean[];
  readonly hasPlace: boolean;
  readonly hasSeat: boolean;
}

function play(sessions: number, rules: Partial<LedgerRules>): Farm {
  const scenario = new Scenario({ stations: 1, rules: { ...rules, finality: "off" } });
  const hand = new HandChain(scenario);
  const [post, car] = [hand.join("farm post", "station"), hand.join("farm car", "vehicle")];
  hand.seal([]);
  for (let done = 0; done < sessions; done += SESSIONS_PER_BLOCK) {
    const count = Math.min(SESSIONS_PER_BLOCK, sessions - done);
    const charges = Array.from({ length: count }, () => hand.charge(post, car));
    hand.seal(charges.flatMap((charge) => charge.whole({ milliWh: LEAST_COUNTED_MILLI_WH })));
  }
  const { state } = hand;
  const { crypto } = scenario.world.cryptography;
  const hash = (message: Uint8Array): Uint8Array => crypto.sha256(message);
  const dids = [post, car].map(({ did }) => toHex(did));
  return {
    settled: dids.map((did) => state.tallies.get(did)?.settled ?? 0),
    histories: dids.map((did) => historyOf(state, did, state.sealedAt)),
    eligible: dids.map((did) => {
      const member = state.members.get(did);
      return member !== undefined && isEligible(state, member, state.sealedAt);
    }),
    hasPlace: schedule(hash, state).some(({ did }) => dids.includes(did)),
    hasSeat: chooseCommittee(hash, state).some((did) => dids.includes(did)),
  };
}
