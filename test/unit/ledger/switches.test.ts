/**
 * The rules of a region one by one: each is changed alone, beside the paper's, and the ledger then does something else.
 * Where paper and default say the same, another value shows that the rule is read.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { BIAS_ALARM_MILLI } from "#core/comparison/slow-bias.ts";
import { chooseCommittee } from "#core/finality/committee.ts";
import { historyOf, isEligible } from "#core/ledger/reputation.ts";
import { HARDENED_RULES, PAPER_RULES, type LedgerRules } from "#core/ledger/rules.ts";
import { schedule } from "#core/ledger/schedule.ts";
import { NO_TALLY } from "#core/ledger/state.ts";
import { linkAt, voteOf } from "#test/builders/committee-votes.ts";
import { joinFact, makeActor, sha256, type Actor } from "#test/builders/ledger-actors.ts";
import { LedgerBuilder, OPERATOR, STARTED_AT, STATION, VEHICLE } from "#test/builders/ledger-builder.ts";
import { operatorOf } from "#test/builders/operator-ledger.ts";

const DAY = 86_400;
const NOW = STARTED_AT + 200 * DAY;
const SECOND = makeActor("charger-2", "station", "west");
const OTHERS = ["blue", "red", "green"].map((colour) => makeActor(`${colour} car`, "vehicle", colour));
const [BLUE = VEHICLE, RED = VEHICLE, GREEN = VEHICLE] = OTHERS;
const EVERYBODY = [STATION, VEHICLE, SECOND, ...OTHERS];

interface Case<Name extends keyof LedgerRules> {
  /** What the ledger does, and what that is under the paper's value. */
  readonly does: (rules: LedgerRules) => unknown;
  readonly paper: unknown;
  /** Another value of the rule, as a rule the default's, and what the ledger does then. */
  readonly other: readonly [value: LedgerRules[Name], does: unknown];
  /** Rules that are not the paper's, so that this one can be seen. */
  readonly beside?: Partial<LedgerRules>;
}

/** Everybody may seal, and who seals does not hang on histories. */
const ANYBODY = { historyMin: 0, counterpartiesMin: 0 };
const VOTING = { ...ANYBODY, finality: "votes" } as const;

const CASES: { readonly [Name in Exclude<keyof LedgerRules, "profile">]: Case<Name> } = {
  blockSeconds: { does: firstBlockAfter, paper: 30, other: [60, 60] },
  slotSeconds: { does: slotOfFirstBlock, paper: 5, other: [10, 3] },
  fallback: { does: (rules) => places(regionOf(rules, [OPERATOR, SECOND])), paper: 1, other: [true, 2] },
  emptyBlocks: {
    does: (rules) => blocksOfOneFact(rules),
    paper: 21,
    other: [false, 1],
    beside: { heartbeatBlocks: 100 },
  },
  heartbeatBlocks: { does: blocksOfOneFact, paper: 21, other: [20, 2], beside: { emptyBlocks: false } },
  historyMin: { does: (rules) => maySeal(rules, [{}]), paper: true, other: [20, false] },
  counterpartiesMin: { does: (rules) => maySeal(rules, [{}]), paper: true, other: [4, false] },
  pairCap: {
    does: (rules) =>
      history(
        rules,
        Array.from({ length: 6 }, () => ({})),
      ),
    paper: 6,
    other: [5, 5],
  },
  countedMilliWhMin: { does: (rules) => history(rules, [{ milliWh: 999_999 }]), paper: 1, other: [1_000_000, 0] },
  historyDays: { does: (rules) => history(rules, [{ daysAgo: 181 }]), paper: 1, other: [180, 0] },
  otherOrganisationOnly: { does: (rules) => history(rules, [{ vehicle: COUSIN }]), paper: 1, other: [true, 0] },
  cooldownBlocks: {
    does: twoMiners,
    paper: ["charger-1", "charger-1"],
    other: [3, ["charger-1", "another"]],
    beside: { fallback: true },
  },
  relatedScope: { does: minerOfTwoCharges, paper: "blue car", other: ["all", "red car"] },
  partyMaySeal: { does: placesWhileAllCharge, paper: 0, other: [true, 1] },
  biasPenalty: { does: maySealInAlarm, paper: true, other: [true, false] },
  finality: { does: finalAfterVotes, paper: 0, other: ["votes", 4] },
  checkpointBlocks: { does: finalAfterVotes, paper: 4, other: [2, 2], beside: VOTING },
  committeeMax: { does: seats, paper: 6, other: [4, 4], beside: VOTING },
  epochCheckpoints: { does: namesNextCommittee, paper: false, other: [1, true], beside: VOTING },
  seatsPerOrganisation: { does: seats, paper: 6, other: [true, 4], beside: VOTING },
};

const test = suite("switches");

for (const [name, { does, paper, other, beside = {} }] of Object.entries(CASES)) {
  const [value, otherwise] = other;
  test(`${name}: ${shown(PAPER_RULES, name)} as in the paper and ${String(value)} differ in what the ledger does`, async () => {
    const rules = { ...PAPER_RULES, ...beside };
    assert.equal(await does(rules), paper);
    assert.equal(await does({ ...rules, [name]: value }), otherwise);
    if (shown(PAPER_RULES, name) !== shown(HARDENED_RULES, name)) {
      assert.is(String(value), shown(HARDENED_RULES, name), "the other value is the default");
    }
  });
}

test.run();

function shown(rules: LedgerRules, name: string): string {
  return String(Object.entries(rules).find(([key]) => key === name)?.[1]);
}

/** All have joined; a region's first block stands. */
function regionOf(rules: LedgerRules, authorities: readonly Actor[] = [OPERATOR]): LedgerBuilder {
  const builder = new LedgerBuilder({ rules, authorities });
  builder.join(...EVERYBODY.filter((actor) => !authorities.includes(actor)), COUSIN);
  builder.seal();
  return builder;
}

function places({ state }: LedgerBuilder): number {
  return schedule(sha256, state).length;
}

function firstBlockAfter(rules: LedgerRules): number {
  return new LedgerBuilder({ rules }).seal().header.sealedAt - STARTED_AT;
}

function slotOfFirstBlock(rules: LedgerRules): number {
  return new LedgerBuilder({ rules }).seal().header.slot;
}

/** In twenty times T after the block with it. */
async function blocksOfOneFact(rules: LedgerRules): Promise<number> {
  const { region, chain, ledger, clock } = await operatorOf(rules);
  assert.ok((await ledger.receive(joinFact(region.genesis.network, STATION).bytes)).ok);
  await clock.runFor(21 * 30_000 + 5_000);
  ledger.stop();
  return chain.head.serial;
}

interface Session {
  readonly station?: Actor;
  readonly vehicle?: Actor;
  readonly milliWh?: number;
  readonly daysAgo?: number;
}

/** Of the station's own organisation. */
const COUSIN = makeActor("cousin", "vehicle", STATION.organisation);

function settle(builder: LedgerBuilder, sessions: readonly Session[]): void {
  for (const [index, session] of sessions.entries()) {
    const { station = STATION, vehicle = VEHICLE, milliWh = 10_000_000, daysAgo = 0 } = session;
    const startedAt = NOW - daysAgo * DAY;
    const charge = builder.charge({ station, vehicle }, { salt: new Uint8Array(16).fill(index), startedAt });
    builder.submit(...charge.whole({ milliWh }));
    builder.seal({ at: startedAt + 3600 * (index + 1) });
    assert.is(builder.chain.head.results[0]?.state, "SETTLED");
  }
}

function history(rules: LedgerRules, sessions: readonly Session[]): number {
  const builder = regionOf(rules);
  settle(builder, sessions);
  builder.seal({ at: NOW + DAY / 2 });
  return historyOf(builder.state, toHex(STATION.did), builder.state.sealedAt);
}

function maySeal(rules: LedgerRules, sessions: readonly Session[]): boolean {
  const builder = regionOf(rules);
  settle(builder, sessions);
  return isAble(builder.state);
}

function isAble(state: LedgerBuilder["state"]): boolean {
  const member = state.members.get(toHex(STATION.did));
  return member !== undefined && isEligible(state, member, state.sealedAt);
}

/** The station has twice the history of its cars, and nobody charges. */
function twoMiners(rules: LedgerRules): readonly string[] {
  const builder = regionOf(rules);
  settle(builder, [{ vehicle: VEHICLE }, { vehicle: BLUE }]);
  const miners = [builder.seal(), builder.seal()].map(({ header }) => builder.actorOf(toHex(header.miner)).name);
  return miners.map((name) => (name === STATION.name ? name : "another"));
}

/** Blue has a history with the station of the older charge, red a longer one with that of the other. */
function minerOfTwoCharges(rules: LedgerRules): string {
  const builder = regionOf(rules);
  settle(builder, [{ vehicle: BLUE }, { station: SECOND, vehicle: RED }, { station: SECOND, vehicle: RED }]);
  for (const parties of [
    { station: STATION, vehicle: VEHICLE },
    { station: SECOND, vehicle: GREEN },
  ]) {
    builder.submit(builder.charge(parties, { startedAt: NOW + 5 * 3600 }).open);
    builder.seal();
  }
  return builder.actorOf(schedule(sha256, builder.state)[0]?.did ?? "").name;
}

function placesWhileAllCharge(rules: LedgerRules): number {
  const builder = new LedgerBuilder({ rules });
  builder.join(VEHICLE);
  builder.submit(builder.charge({ station: OPERATOR, vehicle: VEHICLE }).open);
  builder.seal();
  return places(builder);
}

function maySealInAlarm(rules: LedgerRules): boolean {
  const builder = regionOf(rules);
  settle(builder, [{}]);
  const { state } = builder;
  const did = toHex(STATION.did);
  const bias = { sumMilli: BIAS_ALARM_MILLI + 1, votes: 9, recent: [] };
  state.tallies.set(did, { ...(state.tallies.get(did) ?? NO_TALLY), bias });
  return isAble(state);
}

/** Serial of the final block when every checkpoint up to block 8 has its vote, where votes are heard at all. */
function finalAfterVotes(rules: LedgerRules): number {
  const builder = new LedgerBuilder({ rules });
  for (let serial = 1; serial <= 4 + rules.checkpointBlocks; serial += 1) builder.seal();
  if (rules.finality === "off") return builder.chain.final.serial;
  for (const serial of [0, rules.checkpointBlocks]) {
    const pair = [linkAt(builder, serial), linkAt(builder, serial + rules.checkpointBlocks)] as const;
    assert.ok(builder.chain.addVote(voteOf(builder, pair, OPERATOR)).ok);
  }
  return builder.chain.final.serial;
}

/** Three of the six are of one organisation. */
function seats(rules: LedgerRules): number {
  const voters = ["big", "big", "big", "north", "south", "west"].map((organisation, place) =>
    makeActor(`voter ${place}`, "station", organisation),
  );
  return chooseCommittee(sha256, new LedgerBuilder({ rules, authorities: voters }).state).length;
}

function namesNextCommittee(rules: LedgerRules): boolean {
  const builder = new LedgerBuilder({ rules });
  return [1, 2, 3, 4].map(() => builder.seal()).some(({ header }) => header.nextCommittee !== undefined);
}
