/** The history that makes a miner: counted as blocks come, and the same when counted again from all blocks (S13). */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import type { ResultBody } from "#core/ledger/block.ts";
import type { ChainLink } from "#core/ledger/chain.ts";
import { counterpartiesOf, historyOf, isEligible } from "#core/ledger/reputation.ts";
import type { LedgerRules } from "#core/ledger/rules.ts";
import { NO_TALLY, type LedgerState } from "#core/ledger/state.ts";
import type { OpenBody } from "#core/session/facts.ts";
import { makeActor } from "#test/builders/ledger-actors.ts";
import { EASY_RULES, LedgerBuilder, OPERATOR, STARTED_AT } from "#test/builders/ledger-builder.ts";

const DAY = 86_400;
/** Before it half a year and more of charges has room. */
const NOW = STARTED_AT + 200 * DAY;
const RULES: LedgerRules = { ...EASY_RULES, historyMin: 3, counterpartiesMin: 2, pairCap: 2, historyDays: 180 };
const STATIONS = [0, 1].map((index) => makeActor(`station ${index}`, "station", `org ${index}`));
const VEHICLES = [0, 1, 2].map((index) => makeActor(`vehicle ${index}`, "vehicle", `org ${index}`));

interface Session {
  readonly station: number;
  readonly vehicle: number;
  readonly milliWh?: number;
  readonly vehicleShare?: number;
  /** Days before `NOW`; negative for a start in the future. */
  readonly daysAgo?: number;
}

const SESSIONS: readonly Session[] = [
  // Too long ago at the end, and just not.
  { station: 1, vehicle: 0, daysAgo: 181 },
  { station: 1, vehicle: 0, daysAgo: 179 },
  { station: 0, vehicle: 1 },
  { station: 0, vehicle: 1 },
  { station: 0, vehicle: 1 },
  { station: 0, vehicle: 2 },
  { station: 1, vehicle: 0 },
  // Inside one organisation; below the least energy; exactly the least energy; in dispute; in the future.
  { station: 0, vehicle: 0 },
  { station: 1, vehicle: 2, milliWh: 999_999 },
  { station: 1, vehicle: 2, milliWh: 1_000_000 },
  { station: 1, vehicle: 0, vehicleShare: 0.5 },
  { station: 1, vehicle: 1, daysAgo: -400 },
];

const test = suite("reputation");

for (const [what, rules] of Object.entries({
  "with every rule": RULES,
  "as the paper counts": {
    ...RULES,
    pairCap: null,
    historyDays: null,
    otherOrganisationOnly: false,
    countedMilliWhMin: 0,
  },
  "of all time, but so many a pair": { ...RULES, historyDays: null },
  "of half a year, without a cap": { ...RULES, pairCap: null },
})) {
  test(`P6 the history ${what} is the same when it is counted again from the blocks`, () => {
    const builder = regionWith(rules);
    const seen = new Set<number>();
    for (const [index, session] of SESSIONS.entries()) {
      settle(builder, session, index);
      for (const did of allDids()) {
        const now = builder.state.sealedAt;
        assert.is(historyOf(builder.state, did, now), recount(builder, did, now).history);
        assert.is(counterpartiesOf(builder.state, did, now), recount(builder, did, now).counterparties);
        seen.add(historyOf(builder.state, did, now));
      }
    }
    assert.ok(seen.size > 3);
  });
}

test("what does not count: one's own organisation, little energy, disputes", () => {
  for (const session of [SESSIONS[7], SESSIONS[8], SESSIONS[10]]) {
    assert.ok(session);
    const builder = regionWith(RULES);
    settle(builder, session, 0);
    for (const did of allDids()) assert.is(historyOf(builder.state, did, builder.state.sealedAt), 0);
  }
});

test("sessions with one counterparty count up to the cap only", () => {
  const builder = regionWith(RULES);
  for (const index of [0, 1, 2]) settle(builder, { station: 0, vehicle: 1 }, index);
  assert.is(historyOf(builder.state, didOf(STATIONS[0]), builder.state.sealedAt), 2);
});

test("a session counts to the last second of its days, and a start in the future no longer than others", () => {
  const builder = regionWith(RULES);
  settle(builder, { station: 0, vehicle: 1 }, 0);
  settle(builder, { station: 0, vehicle: 2, daysAgo: -4000 }, 1);
  const did = didOf(STATIONS[0]);
  assert.is(historyOf(builder.state, did, NOW + 180 * DAY), 2);
  assert.is(historyOf(builder.state, did, NOW + 180 * DAY + 1), 1);
  assert.is(historyOf(builder.state, did, builder.state.sealedAt + 180 * DAY + 1), 0);
});

test("enough sessions with too few counterparties do not make a miner", () => {
  const builder = regionWith({ ...RULES, pairCap: 5 });
  const member = (): Parameters<typeof isEligible>[1] => {
    const found = builder.state.members.get(didOf(STATIONS[0]));
    assert.ok(found);
    return found;
  };
  const eligible = (): boolean => isEligible(builder.state, member(), builder.state.sealedAt);
  for (const index of [0, 1, 2]) settle(builder, { station: 0, vehicle: 1 }, index);
  assert.not.ok(eligible());
  settle(builder, { station: 0, vehicle: 2 }, 3);
  assert.ok(eligible());
});

test("tallies follow a charge from dispute to settlement", () => {
  const builder = regionWith(RULES);
  const charge = builder.charge(partiesOf({ station: 0, vehicle: 1 }));
  const facts = charge.whole({ milliWh: 10_000_000 });
  builder.submit(...facts.filter(({ kind, body }) => kind !== "COMPLETE" || body.role !== "vehicle"));
  builder.seal();
  builder.seal({ at: builder.state.sealedAt + 601 });
  assert.equal(tallyOf(builder.state, STATIONS[0]), { settled: 0, disputed: 0, abandoned: 1 });
  builder.submit(...facts.filter(({ kind, body }) => kind === "COMPLETE" && body.role === "vehicle"));
  builder.seal();
  for (const actor of [STATIONS[0], VEHICLES[1]]) {
    assert.equal(tallyOf(builder.state, actor), { settled: 1, disputed: 0, abandoned: 0 });
  }
  settle(builder, { station: 0, vehicle: 1, vehicleShare: 0.5 }, 9);
  assert.equal(tallyOf(builder.state, STATIONS[0]), { settled: 1, disputed: 1, abandoned: 0 });
});

test.run();

function regionWith(rules: LedgerRules): LedgerBuilder {
  const builder = new LedgerBuilder({ rules, authorities: [OPERATOR] });
  builder.join(...STATIONS, ...VEHICLES);
  builder.seal();
  return builder;
}

function partiesOf({ station, vehicle }: Session): { station: typeof OPERATOR; vehicle: typeof OPERATOR } {
  const [one, other] = [STATIONS[station], VEHICLES[vehicle]];
  assert.ok(one !== undefined && other !== undefined);
  return { station: one, vehicle: other };
}

function settle(builder: LedgerBuilder, session: Session, salt: number): void {
  const { milliWh = 10_000_000, vehicleShare = 0.985, daysAgo = 0 } = session;
  const startedAt = NOW - daysAgo * DAY;
  const changes = { salt: new Uint8Array(16).fill(salt), startedAt };
  const charge = builder.charge(partiesOf(session), changes);
  builder.submit(...charge.whole({ milliWh, vehicleShare }));
  builder.seal({ at: Math.min(startedAt, NOW) + 3600 });
  const result = builder.chain.head.results[0];
  assert.is(result?.state, vehicleShare < 0.9 ? "DISPUTED" : "SETTLED");
}

function didOf(actor: { readonly did: Uint8Array } | undefined): string {
  return toHex(actor?.did ?? new Uint8Array());
}

function allDids(): readonly string[] {
  return [...STATIONS, ...VEHICLES, OPERATOR].map(didOf);
}

function tallyOf(state: LedgerState, actor: typeof OPERATOR | undefined): unknown {
  const { settled, disputed, abandoned } = state.tallies.get(didOf(actor)) ?? NO_TALLY;
  return { settled, disputed, abandoned };
}

/** From the results and the OPENs in the blocks, by the words of the rules. */
function recount(builder: LedgerBuilder, did: string, now: number): { history: number; counterparties: number } {
  const { rules } = builder.genesis.body;
  const opens = new Map<string, OpenBody>();
  const starts = new Map<string, number[]>();
  for (let serial = 1; serial <= builder.state.serial; serial += 1) {
    const link = builder.chain.at(serial);
    assert.ok(link?.block);
    for (const fact of link.block.facts) if (fact.kind === "OPEN") opens.set(addressIn(builder, fact.key), fact.body);
    for (const result of link.results) count(result, link);
  }
  const perOther = [...starts.values()].map((times) => {
    const young = times.filter((time) => rules.historyDays === null || time >= now - rules.historyDays * DAY);
    return Math.min(young.length, rules.pairCap ?? Infinity);
  });
  return {
    history: perOther.reduce((sum, each) => sum + each, 0),
    counterparties: perOther.filter((n) => n > 0).length,
  };

  function count(result: ResultBody, { state }: ChainLink): void {
    const open = opens.get(toHex(result.address));
    assert.ok(open);
    const [one, other] = [toHex(open.station), toHex(open.vehicle)];
    const isParty = one === did || other === did;
    if (!isParty || result.state !== "SETTLED" || result.billedMilliWh < rules.countedMilliWhMin) return;
    const [left, right] = [one, other].map((party) => builder.state.members.get(party)?.organisation);
    if (rules.otherOrganisationOnly && left === right) return;
    const counterparty = one === did ? other : one;
    starts.set(counterparty, [...(starts.get(counterparty) ?? []), Math.min(open.startedAt, state.sealedAt)]);
  }
}

function addressIn(builder: LedgerBuilder, openKey: string): string {
  const found = [...builder.state.transactions.entries()].find(([, { openId }]) => toHex(openId) === openKey);
  return found?.[0] ?? "";
}
