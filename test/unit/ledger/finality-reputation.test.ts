/** Where there are votes, a charge counts for nobody before the block with its result is final (S13). */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import type { ChainLink } from "#core/ledger/chain.ts";
import { readJournal } from "#core/ledger/journal.ts";
import { biasOf, counterpartiesOf, historyOf } from "#core/ledger/reputation.ts";
import { schedule } from "#core/ledger/schedule.ts";
import type { LedgerState } from "#core/ledger/state.ts";
import { certify, hear, sealAndCertify } from "#test/builders/committee-votes.ts";
import { crypto, makeActor, sha256, type Actor } from "#test/builders/ledger-actors.ts";
import { EASY_RULES, LedgerBuilder, OPERATOR, VOTING_RULES } from "#test/builders/ledger-builder.ts";
import { recordsOf } from "#test/builders/ledger-story.ts";

const STATIONS = [0, 1].map((index) => makeActor(`station ${index}`, "station", `org ${index}`));
const VEHICLES = [0, 1, 2].map((index) => makeActor(`vehicle ${index}`, "vehicle", `org ${index}`));
const EVERYBODY = [...STATIONS, ...VEHICLES, OPERATOR];
const [SECOND = OPERATOR] = STATIONS;

const test = suite("reputation after finality");

test("P6 histories are at every block what a recount of the blocks up to the final one gives", () => {
  const builder = regionWith("votes");
  const seen = new Set<string>();
  for (let round = 0; round < 24; round += 1) {
    settle(builder, round);
    if (round % 5 === 4) certifyNewest(builder);
    for (const actor of EVERYBODY) assertCounted(builder, actor);
    const { uncounted, finality } = builder.state;
    assert.ok(uncounted.entries().every(({ serial }) => serial > finality.final.serial));
    seen.add(`${finality.final.serial} ${uncounted.entries().length}`);
  }
  assert.ok(builder.state.finality.final.serial > 12 && seen.size > 10, `${seen.size} states`);
});

test("when all is final, histories and biases are those of a region that counts at once", () => {
  const [waiting, atOnce] = [regionWith("votes"), regionWith("off")];
  for (let round = 0; round < 9; round += 1) for (const builder of [waiting, atOnce]) settle(builder, round);
  assert.is(historyOf(waiting.state, toHex(SECOND.did), waiting.state.sealedAt), 0);
  assert.is(waiting.state.pairs.entries().size, 0);
  assert.ok(atOnce.state.pairs.entries().size > 0);
  sealAndCertify(waiting, 12);
  assert.is(waiting.state.uncounted.entries().length, 0);
  for (const { did } of EVERYBODY) {
    const key = toHex(did);
    assert.equal(waiting.state.counterparties.get(key), atOnce.state.counterparties.get(key));
    assert.equal(biasOf(waiting.state, key), biasOf(atOnce.state, key));
    const [own, other] = [waiting, atOnce].map(({ state }) => historyOf(state, key, state.sealedAt));
    assert.is(own, other);
  }
  assert.equal([...waiting.state.pairs.entries().values()], [...atOnce.state.pairs.entries().values()]);
});

test("tallies of settled charges, which nobody's rank hangs on, do not wait", () => {
  const builder = regionWith("votes");
  settle(builder, 0);
  assert.is(builder.state.tallies.get(toHex(SECOND.did))?.settled, 1);
});

test("a branch that nobody votes for makes no miner: ranks do not change before it is final", () => {
  const builder = regionWith("votes");
  for (let round = 0; round < 6; round += 1) settle(builder, round);
  const places = (): readonly string[] => schedule(sha256, builder.state).map(({ did }) => did);
  assert.equal(places(), [toHex(OPERATOR.did)], "only the authority");
  sealAndCertify(builder, 12);
  assert.ok(places().length > 1);
});

test("a chain that is read back counts the same", () => {
  const builder = regionWith("votes");
  for (let round = 0; round < 12; round += 1) {
    settle(builder, round);
    if (round % 3 === 2) certifyNewest(builder);
  }
  for (const origin of ["stored by ourselves", "from anybody"] as const) {
    const read = readJournal(crypto, recordsOf(builder), origin);
    assert.ok(read.ok);
    const { state } = read.value.chain.head;
    assert.equal(state.finality, builder.state.finality);
    assert.equal(state.uncounted.entries(), builder.state.uncounted.entries());
    assert.equal(state.pairs.entries(), builder.state.pairs.entries());
  }
});

test.run();

function regionWith(finality: "off" | "votes"): LedgerBuilder {
  const rules = { ...(finality === "off" ? EASY_RULES : VOTING_RULES), pairCap: null, historyDays: null };
  const builder = new LedgerBuilder({ rules });
  builder.join(...STATIONS, ...VEHICLES);
  builder.seal();
  return builder;
}

/** A whole charge in one block; now and then inside one organisation, or with too little energy. */
function settle(builder: LedgerBuilder, round: number): void {
  const [station, vehicle] = [STATIONS[round % 2], VEHICLES[round % 3]];
  assert.ok(station !== undefined && vehicle !== undefined);
  const changes = { salt: new Uint8Array(16).fill(round + 1), startedAt: builder.state.sealedAt };
  const charge = builder.charge({ station, vehicle }, changes);
  builder.submit(...charge.whole({ milliWh: round % 7 === 6 ? 999_999 : 10_000_000 }));
  // By the same miner in both kinds of region: the tie of who seals must not matter here.
  builder.seal({ rank: 0 });
  assert.is(builder.chain.head.results[0]?.state, "SETTLED");
}

/** The newest two checkpoints of the chain, so that the first of them is final. */
function certifyNewest(builder: LedgerBuilder): void {
  const { chain } = builder;
  const newest = chain.head.serial - (chain.head.serial % 4);
  for (const serial of [newest - 4, newest]) {
    const [source, target] = [chain.justified, chain.at(serial)];
    if (target !== undefined && target.serial > source.serial) hear(builder, certify(builder, [source, target]));
  }
}

function assertCounted(builder: LedgerBuilder, { did }: Actor): void {
  const key = toHex(did);
  const { state } = builder;
  const counted = recount(builder, key);
  assert.is(
    historyOf(state, key, state.sealedAt),
    counted.reduce((sum, [, each]) => sum + each, 0),
  );
  assert.is(counterpartiesOf(state, key, state.sealedAt), counted.length);
}

/** With whom, and how often, by the words of the rules. */
function recount(builder: LedgerBuilder, did: string): readonly (readonly [string, number])[] {
  const { final } = builder.state.finality;
  const sessions = new Map<string, number>();
  for (let serial = 1; serial <= final.serial; serial += 1) {
    const link = builder.chain.at(serial);
    assert.ok(link);
    for (const other of othersIn(builder.state, link, did)) sessions.set(other, (sessions.get(other) ?? 0) + 1);
  }
  return [...sessions];
}

function othersIn(state: LedgerState, link: ChainLink, did: string): readonly string[] {
  return link.results.flatMap(({ address, billedMilliWh }) => {
    const open = state.transactions.get(toHex(address))?.open;
    assert.ok(open);
    const parties = [toHex(open.station), toHex(open.vehicle)];
    const [one, other] = parties.map((party) => state.members.get(party)?.organisation);
    const counts = billedMilliWh >= 1_000_000 && one !== other && parties.includes(did);
    return counts ? parties.filter((party) => party !== did) : [];
  });
}
