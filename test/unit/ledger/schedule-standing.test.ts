/** Who has no place on the schedule whatever its history, and when authorities have one again. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { STRIKE_SECONDS } from "#core/ledger/membership.ts";
import type { LedgerRules } from "#core/ledger/rules.ts";
import { relativesOf, schedule, tradingCharges } from "#core/ledger/schedule.ts";
import { nextLayer, NO_MISCONDUCT, type LedgerState } from "#core/ledger/state.ts";
import { makeActor, sha256, type Actor } from "#test/builders/ledger-actors.ts";
import { ARBITER, EASY_RULES, LedgerBuilder, OPERATOR, STATION, VEHICLE } from "#test/builders/ledger-builder.ts";

const SECOND = makeActor("second operator", "station");
/** With `historyMin` 0 everybody is eligible, with 9 nobody. */
const ALL: LedgerRules = { ...EASY_RULES, historyMin: 0, counterpartiesMin: 0 };
const NOBODY: LedgerRules = { ...EASY_RULES, historyMin: 9, counterpartiesMin: 9 };

const test = suite("standing on the schedule");

test("an arbiter has no place, as an authority of the genesis neither", () => {
  for (const rules of [ALL, NOBODY]) {
    const { state } = regionOf(rules, [ARBITER, OPERATOR]);
    const everybody = rules === ALL ? [OPERATOR, STATION, VEHICLE] : [OPERATOR];
    assert.equal(placesIn(state), didsOf(everybody));
  }
});

test("who is revoked has no place, whether by history or as an authority; others keep theirs", () => {
  const byHistory = regionOf(ALL, [OPERATOR, SECOND]);
  assert.equal(placesIn(revoked(byHistory.state, STATION)), didsOf([OPERATOR, SECOND, VEHICLE]));
  const bootstrap = regionOf(NOBODY, [OPERATOR, SECOND]);
  assert.equal(placesIn(revoked(bootstrap.state, OPERATOR)), didsOf([SECOND]));
  assert.equal(placesIn(revoked(bootstrap.state, OPERATOR, 1)), didsOf([OPERATOR, SECOND]), "from the next second on");
});

test("an authority that evidence has struck stands back as long as another one is there, and then seals again", () => {
  const { state } = regionOf(NOBODY, [OPERATOR, SECOND]);
  assert.equal(placesIn(struck(state, [OPERATOR])), didsOf([SECOND]));
  assert.equal(placesIn(struck(state, [OPERATOR], STRIKE_SECONDS)), didsOf([OPERATOR, SECOND]));
  assert.equal(placesIn(struck(state, [OPERATOR], STRIKE_SECONDS - 1)), didsOf([SECOND]));
});

test("where all authorities are struck and nobody is eligible they seal: nobody else could end the strike", () => {
  const { state } = regionOf(NOBODY, [OPERATOR, SECOND]);
  assert.equal(placesIn(struck(state, [OPERATOR, SECOND])), didsOf([OPERATOR, SECOND]));
});

test("where one other is eligible, authorities that are struck have no place", () => {
  const { state } = regionOf(NOBODY, [OPERATOR, SECOND]);
  const withOne = { ...state, rules: { ...state.rules, historyMin: 1, counterpartiesMin: 1 } };
  const [did, other] = [toHex(STATION.did), toHex(VEHICLE.did)];
  withOne.pairs.set(`${did}:${other}`, { settled: 1, recent: [state.sealedAt] });
  withOne.counterparties.set(did, [other]);
  assert.equal(placesIn(withOne), didsOf([OPERATOR, SECOND, STATION]));
  assert.equal(placesIn(struck(withOne, [OPERATOR, SECOND])), didsOf([STATION]));
});

test("an authority that is charging has a place in the last tier, until its charge is over", () => {
  const builder = regionOf(NOBODY, [OPERATOR, STATION]);
  const charge = builder.charge();
  const facts = charge.whole({ milliWh: 20_000_000, vehicleShare: 0.5 });
  builder.submit(...facts.slice(0, -2));
  builder.seal();
  assert.equal(tiersIn(builder.state), new Map([didOf(OPERATOR, 2), didOf(STATION, 3)]));
  builder.submit(...facts.slice(-2));
  builder.seal();
  const over = builder.state.transactions.get(toHex(charge.address));
  assert.is(over?.state, "DISPUTED");
  assert.equal(tiersIn(builder.state), new Map([didOf(OPERATOR, 2), didOf(STATION, 2)]));
});

test("a charge that is over is nobody's to be related to, although it may still be settled", () => {
  const builder = regionOf({ ...EASY_RULES, historyMin: 0, counterpartiesMin: 0 }, [OPERATOR]);
  builder.submit(...builder.charge().whole({ milliWh: 20_000_000, vehicleShare: 0.5 }));
  builder.seal();
  const { state } = builder;
  assert.equal(
    [...state.transactions.entries().values()].map((each) => each.state),
    ["DISPUTED"],
  );
  assert.equal([...tiersIn({ ...state, unsettled: new Set(state.transactions.entries().keys()) }).values()], [0, 0, 0]);
});

test("related are who has settled with a party: of the oldest charge, or of any where the rules say so", () => {
  const [first, second] = [0, 1].map((index) => makeActor(`late vehicle ${index}`, "vehicle"));
  const friends = [0, 1].map((index) => makeActor(`friend ${index}`, "station"));
  assert.ok(first !== undefined && second !== undefined);
  const tiersBy = (relatedScope: LedgerRules["relatedScope"]): unknown => {
    const builder = regionOf({ ...ALL, relatedScope }, [OPERATOR]);
    builder.join(first, second, ...friends);
    builder.seal();
    for (const [index, vehicle] of [first, second].entries()) {
      const salt = new Uint8Array(16).fill(index);
      builder.submit(builder.charge({ station: STATION, vehicle }, { salt }).open);
      builder.seal();
    }
    const { state } = builder;
    for (const [index, { did }] of [first, second].entries()) {
      state.counterparties.set(toHex(did), [toHex(friends[index]?.did ?? did)]);
    }
    const tiers = tiersIn(state);
    return [...friends, OPERATOR].map(({ did }) => tiers.get(toHex(did)));
  };
  assert.equal(tiersBy("oldest"), [0, 1, 1]);
  assert.equal(tiersBy("all"), [0, 0, 1]);
});

test("to parties that have settled with nobody nobody is related", () => {
  const builder = regionOf(ALL, [OPERATOR]);
  builder.submit(builder.charge().open);
  builder.seal();
  assert.equal(relativesOf(builder.state, tradingCharges(builder.state)).related, new Set());
});

test("of those that sealed lately the one whose last block lies longest ago comes first", () => {
  const { state } = regionOf({ ...ALL, cooldownBlocks: 3 }, [OPERATOR, SECOND]);
  const [one, two] = [toHex(OPERATOR.did), toHex(SECOND.did)];
  const tail = (lastMiners: readonly string[]): unknown =>
    schedule(sha256, { ...state, lastMiners })
      .map(({ did }) => did)
      .slice(-2);
  assert.equal(tail([one, two, one]), [two, one]);
  assert.equal(tail([two, one, two]), [one, two]);
});

test("where nobody is eligible authorities seal in the order of their draw, whoever sealed last", () => {
  const { state } = regionOf({ ...NOBODY, cooldownBlocks: 3 }, [OPERATOR, SECOND]);
  const [one, two] = [toHex(OPERATOR.did), toHex(SECOND.did)];
  const expected = schedule(sha256, { ...state, lastMiners: [] });
  for (const lastMiners of [[one], [one, two], [two, one], [one, one, two], [two, one, one, one]]) {
    assert.equal(schedule(sha256, { ...state, lastMiners }), expected);
  }
});

test("without members that may seal there is no place at all", () => {
  const { state } = regionOf(NOBODY, [OPERATOR]);
  assert.equal(placesIn(revoked(state, OPERATOR)), []);
});

test.run();

function regionOf(rules: LedgerRules, authorities: readonly Actor[]): LedgerBuilder {
  const builder = new LedgerBuilder({ rules, authorities });
  builder.join(...[STATION, VEHICLE].filter((actor) => !authorities.includes(actor)));
  builder.seal();
  return builder;
}

function revoked(state: LedgerState, { did }: Actor, later = 0): LedgerState {
  const next = nextLayer(state);
  next.revokedFrom.set(toHex(did), state.sealedAt + later);
  return next;
}

function struck(state: LedgerState, actors: readonly Actor[], ago = 0): LedgerState {
  const next = nextLayer(state);
  for (const { did } of actors) {
    next.misconduct.set(toHex(did), { ...NO_MISCONDUCT, struckAt: state.sealedAt - ago });
  }
  return next;
}

function placesIn(state: LedgerState): readonly string[] {
  return schedule(sha256, state)
    .map(({ did }) => did)
    .sort();
}

function tiersIn(state: LedgerState): ReadonlyMap<string, number> {
  const places = schedule(sha256, state).map(({ did, tier }) => [did, tier] as const);
  return new Map(places.sort(([left], [right]) => (left < right ? -1 : 1)));
}

function didOf({ did }: Actor, tier: number): readonly [string, number] {
  return [toHex(did), tier];
}

function didsOf(actors: readonly Actor[]): readonly string[] {
  return actors.map(({ did }) => toHex(did)).sort();
}
