/**
 * B14: a side errs by 0.9 of the tolerance in its own favour in each charge, which no single charge shows. The alarm is
 * on the chain within 40 sessions, for a station among honest cars and for a car among honest stations.
 *
 * Read differently (decision 0030): what counts is the difference from what the terms let expect, in which the losses of a
 * charger are no bias; and the alarm is told and kept, and costs the right to seal only where the rules say so.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { defaultTolerancePpm } from "#core/contract/default-tolerance.ts";
import type { Terms } from "#core/contract/terms.ts";
import { biasOf, isEligible } from "#core/ledger/reputation.ts";
import { SeededRandom } from "#hal/mock/seeded-random.ts";
import { batteryTerms, inletTerms } from "#test/builders/charge-facts.ts";
import type { Actor } from "#test/builders/ledger-actors.ts";
import { HandChain } from "./hand-chain.ts";
import { Scenario } from "./scenario.ts";

const SESSIONS_MAX = 40;
const OTHERS = 12;
const SEEDS = ["one", "two"];
const METERS = { "at both ends of the cable": inletTerms(), "at the battery": batteryTerms() } as const;

const test = suite("B14 slow bias");

for (const [where, terms] of Object.entries(METERS)) {
  for (const side of ["station", "vehicle"] as const) {
    test(`B14 a ${side} that errs by 0.9 of the tolerance, with meters ${where}, is found within 40 sessions`, () => {
      for (const seed of SEEDS) {
        const found = play(side, { ...terms, tolerancePpm: defaultTolerancePpm(terms), graceSeconds: 600 }, seed);
        assert.ok(found.alarmAfter <= SESSIONS_MAX, `after ${found.alarmAfter} sessions`);
        assert.ok(found.alarmAfter >= 5, "not by one charge");
        assert.is(found.disputed, 0, "and no single charge was disputed");
        assert.not.ok(found.maySeal, "with the penalty in the rules it does not seal any more");
      }
    });
  }
}

test.run();

interface Found {
  readonly alarmAfter: number;
  readonly disputed: number;
  readonly maySeal: boolean;
}

/** What a member's meter shows of what is there, and what its charger loses more than the middle of the band. */
interface Metered {
  readonly actor: Actor;
  readonly error: number;
  readonly loss: number;
}

/** The liar meets honest others in turn, whose errors and losses are drawn from what is certified, until the alarm. */
function play(side: "station" | "vehicle", terms: Terms, seed: string): Found {
  const random = new SeededRandom(`bias ${side} ${seed}`);
  const scenario = new Scenario({ stations: 1, rules: { finality: "off", biasPenalty: true, historyMin: 1 } });
  const hand = new HandChain(scenario);
  const [least, most] = terms.lossPpm;
  const metered = (name: string, role: "station" | "vehicle"): Metered => {
    const mpePpm = terms.mpePpm[role === "station" ? 0 : 1];
    const [error, loss] = [(random.between(-1, 1) * mpePpm) / 1e6, random.between(least, most) / 1e6];
    return { actor: hand.join(name, role), error, loss };
  };
  const others = Array.from({ length: OTHERS }, (_, index) =>
    metered(`other ${index}`, side === "station" ? "vehicle" : "station"),
  );
  const bias = (0.9 * terms.tolerancePpm) / 1e6;
  const liar: Metered = {
    ...{ actor: hand.join("the liar", side), loss: (least + most) / 2e6 },
    error: side === "station" ? bias : -bias,
  };
  hand.seal([]);
  const did = toHex(liar.actor.did);
  let [sessions, disputed] = [0, 0];
  while (!biasOf(hand.state, did).isAlarm && sessions <= SESSIONS_MAX) {
    const other = random.pick(others);
    const [station, vehicle] = side === "station" ? [liar, other] : [other, liar];
    const energy = random.between(8_000_000, 40_000_000);
    const stationMilliWh = Math.round(energy * (1 + station.error));
    const vehicleShare = (energy * (1 - vehicle.loss) * (1 + vehicle.error)) / stationMilliWh;
    const charge = hand.charge(station.actor, vehicle.actor, { terms });
    hand.seal(charge.whole({ milliWh: stationMilliWh, vehicleShare }));
    sessions += 1;
    if (hand.state.transactions.get(toHex(charge.address))?.result?.state !== "SETTLED") disputed += 1;
  }
  const member = hand.state.members.get(did);
  assert.ok(member);
  return { alarmAfter: sessions, disputed, maySeal: isEligible(hand.state, member, hand.state.sealedAt) };
}
