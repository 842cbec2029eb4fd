/** Who may seal next: the paper's rule as the first place, everybody else behind it, nobody dropped. */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { concatBytes, fromHex, toHex } from "#base/bytes.ts";
import { historyOf, isEligible } from "#core/ledger/reputation.ts";
import { HARDENED_RULES, PAPER_RULES, type LedgerRules } from "#core/ledger/rules.ts";
import { dueAt, schedule, slotOf, type Place } from "#core/ledger/schedule.ts";
import type { LedgerState, Transaction } from "#core/ledger/state.ts";
import { LedgerBuilder, OPERATOR, STARTED_AT, STATION, VEHICLE } from "#test/builders/ledger-builder.ts";
import { makeActor, sha256 } from "#test/builders/ledger-actors.ts";
import { drawnStates, type DrawnState } from "#test/builders/ledger-states.ts";

const RUNS = { numRuns: 150, seed: 20_261_122 };
const RULES: LedgerRules = { ...HARDENED_RULES, historyMin: 2, counterpartiesMin: 2 };

const test = suite("schedule");

test("P5 equal states have equal schedules, and nobody has two places", () => {
  check(RULES, ({ state }) => {
    const places = schedule(sha256, state);
    assert.equal(schedule(sha256, { ...state, unsettled: new Set([...state.unsettled].reverse()) }), places);
    assert.is(new Set(places.map(({ did }) => did)).size, places.length);
  });
});

test("P5 everybody who is eligible and every authority has a place, and nobody else", () => {
  check(RULES, ({ state }) => {
    const expected = [...state.members.entries()]
      .filter(([did, member]) => state.authorities.has(did) || isEligible(state, member, state.sealedAt))
      .map(([did]) => did);
    assert.equal(names(schedule(sha256, state)), expected.sort());
  });
});

test("the cooldown moves places and drops none", () => {
  check(RULES, ({ state }) => {
    const cooled = schedule(sha256, state);
    const uncooled = schedule(sha256, { ...state, rules: { ...RULES, cooldownBlocks: 0 } });
    assert.equal(names(cooled), names(uncooled));
    const eligible = uncooled.filter(({ tier }) => tier < 2).length;
    const recent = state.lastMiners.slice(-Math.min(3, Math.max(0, eligible - 1)) || state.lastMiners.length);
    const moved = eligible < 2 ? [] : recent;
    const front = cooled.filter(({ did }) => !moved.includes(did));
    assert.equal(cooled.slice(0, front.length), front, "who has not sealed lately comes first");
    assert.equal(
      front,
      uncooled.filter(({ did }) => !moved.includes(did)),
      "in the order they had",
    );
    const tail = cooled.slice(front.length).map(({ did }) => moved.lastIndexOf(did));
    assert.equal(
      tail,
      [...tail].sort((left, right) => left - right),
      "the rest by how long they have waited",
    );
  });
});

test("tiers come in their order, and inside a tier the longer history", () => {
  check({ ...RULES, cooldownBlocks: 0 }, ({ state }) => {
    const places = schedule(sha256, state);
    for (const [rank, place] of places.entries()) {
      const before = places[rank - 1];
      if (before === undefined) continue;
      assert.ok(before.tier <= place.tier);
      if (before.tier !== place.tier) continue;
      const [longer, shorter] = [before, place].map(({ did }) => historyOf(state, did, state.sealedAt));
      assert.ok((longer ?? 0) >= (shorter ?? 0));
    }
  });
});

test("whoever is charging has a place in the last tier only, and none when parties may not seal", () => {
  check(RULES, ({ state }) => {
    const busy = partiesOf(chargesOf(state).filter(({ state: progress }) => progress !== "COMPLETING"));
    for (const { did, tier } of schedule(sha256, state)) assert.is(tier === 3, busy.has(did));
    const without = schedule(sha256, { ...state, rules: { ...RULES, partyMaySeal: false } });
    assert.equal(
      names(without),
      names(schedule(sha256, state)).filter((did) => !busy.has(did)),
    );
  });
});

test("equal histories are told apart by a draw that changes with the block", () => {
  const orders = new Set<string>();
  check({ ...RULES, historyMin: 0, counterpartiesMin: 0 }, ({ state }) => {
    const places = schedule(sha256, { ...state, unsettled: new Set(), lastMiners: [] });
    const drawOf = ({ did }: Place): string => toHex(sha256(concatBytes(state.id, fromHex(did) ?? new Uint8Array())));
    for (const [rank, place] of places.entries()) {
      const before = places[rank - 1];
      if (before === undefined || history(state, before) !== history(state, place)) continue;
      assert.ok(drawOf(before) < drawOf(place));
    }
    orders.add(places.map(({ did }) => did).join());
  });
  assert.ok(orders.size > 50);
});

test("P5 on the paper's profile the miner is the node with the most sessions among the relatives of the oldest charge", () => {
  let found = 0;
  check(PAPER_RULES, (drawn) => {
    const places = schedule(sha256, { ...drawn.state, authorities: new Set() });
    const expected = papersMiner(drawn);
    assert.ok(places.length <= 1, "the paper knows no second");
    assert.is(places[0]?.tier ?? 0, expected.isRelative ? 0 : 1);
    if (expected.candidates.length === 0) assert.equal(places, []);
    else assert.ok(expected.candidates.includes(places[0]?.did ?? ""));
    found += expected.isRelative && expected.candidates.length === 1 ? 1 : 0;
  });
  assert.ok(found > 20, "the rule itself was seen often enough");
});

test("before anybody has a history the authorities seal", () => {
  const second = makeActor("second", "station");
  const builder = new LedgerBuilder({ authorities: [OPERATOR, second] });
  builder.join(STATION, VEHICLE);
  builder.seal();
  const places = schedule(sha256, builder.state);
  assert.equal(names(places), [toHex(OPERATOR.did), toHex(second.did)].sort());
  assert.ok(places.every(({ tier }) => tier === 2));
});

test("rank r is due at T and r more slots after the parent; slots count from the genesis", () => {
  const { state } = new LedgerBuilder();
  assert.is(dueAt(state, 0), STARTED_AT + 30);
  assert.is(dueAt(state, 3), STARTED_AT + 48);
  assert.is(slotOf(state, STARTED_AT), 0);
  assert.is(slotOf(state, STARTED_AT + 5), 0);
  assert.is(slotOf(state, STARTED_AT + 6), 1);
});

test.run();

function check(rules: LedgerRules, holds: (drawn: DrawnState) => void): void {
  fc.assert(fc.property(drawnStates(rules), holds), RUNS);
}

function names(places: readonly Place[]): readonly string[] {
  return places.map(({ did }) => did).sort();
}

function history(state: LedgerState, { did }: Place): number {
  return historyOf(state, did, state.sealedAt);
}

function chargesOf(state: LedgerState): readonly Transaction[] {
  return [...state.transactions.entries().values()];
}

function partiesOf(charges: readonly Transaction[]): ReadonlySet<string> {
  return new Set(charges.flatMap(({ open }) => [toHex(open.station), toHex(open.vehicle)]));
}

/** II.C of the paper, counted from the list of sessions: the number of sessions is the length of a history. */
function papersMiner({ state, sessions }: DrawnState): {
  readonly candidates: readonly string[];
  readonly isRelative: boolean;
} {
  const lengthOf = (did: string): number => sessions.filter(([one, other]) => one === did || other === did).length;
  const charges = chargesOf(state);
  const busy = partiesOf(charges.filter(({ state: progress }) => progress !== "COMPLETING"));
  const nodes = [...new Set(sessions.flatMap(([one, other]) => [one, other]))].filter((did) => !busy.has(did));
  const [oldest] = [...charges].sort(
    (left, right) =>
      left.openedInSerial - right.openedInSerial || (toHex(left.address) < toHex(right.address) ? -1 : 1),
  );
  const traders = oldest === undefined ? undefined : partiesOf([oldest]);
  const isRelated = (did: string): boolean =>
    traders === undefined ||
    sessions.some(([one, other]) => (one === did && traders.has(other)) || (other === did && traders.has(one)));
  const related = nodes.filter(isRelated);
  const among = related.length > 0 ? related : nodes;
  const longest = Math.max(0, ...among.map(lengthOf));
  return {
    candidates: among.filter((did) => lengthOf(did) === longest),
    isRelative: related.length > 0 || among.length === 0,
  };
}
