/** How a dispute ends on a chain: agreed on, judged or lapsed; in whatever order what is said comes into blocks. */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { Chain } from "#core/ledger/chain.ts";
import { hasDueTransactions } from "#core/ledger/close-transactions.ts";
import type { Fact } from "#core/ledger/fact.ts";
import { historyOf } from "#core/ledger/reputation.ts";
import { schedule } from "#core/ledger/schedule.ts";
import type { Role } from "#core/session/facts.ts";
import { GRACE_SECONDS } from "#test/builders/charge-builder.ts";
import {
  DURATION,
  MILLI_WH,
  abandoned,
  agreement,
  blocksOf,
  disputed,
  onlyResult,
  refusalOf,
  region,
  resultOf,
  signedBy,
  tallyOf,
} from "#test/builders/dispute-scene.ts";
import { crypto, fresh, makeActor, sha256 } from "#test/builders/ledger-actors.ts";
import {
  ARBITER,
  EASY_RULES,
  LedgerBuilder,
  OPERATOR,
  STARTED_AT,
  STATION,
  VEHICLE,
} from "#test/builders/ledger-builder.ts";

const DAY = 86_400;
/** Of a charge that began at `STARTED_AT` + 60. */
const LAST_AT = STARTED_AT + 60 + DURATION + GRACE_SECONDS + 30 * DAY;
const SECOND = makeActor("second operator", "station");

const test = suite("disputes on a chain");

test("both propose the same: settled by the block that has the second proposal, as a revision of the dispute", () => {
  const { builder, charge } = disputed();
  builder.submit(charge.propose("station", 16_000_000, 700));
  builder.seal();
  assert.equal(builder.chain.head.results, [], "one side alone settles nothing");
  builder.submit(charge.propose("vehicle", 16_000_000, 700));
  builder.seal({ at: builder.state.sealedAt + 20 * DAY });
  const result = onlyResult(builder);
  assert.equal([result.state, result.ending, result.revision], ["SETTLED", "mutual", 2]);
  assert.equal([result.billedMilliWh, result.contestedMilliWh, result.amount], [16_000_000, 0, 700]);
  assert.equal([result.verdict, result.stationMilliWh], ["DISAGREE", MILLI_WH], "what was measured stays on record");
});

test("the arbiter rules: the energy is priced by the tariff, and the fault stands in the result", () => {
  const { builder, charge } = disputed();
  builder.submit(charge.judge(ARBITER, 18_000_000, { fault: "vehicle" }));
  builder.seal();
  const result = onlyResult(builder);
  assert.equal([result.state, result.ending, result.fault, result.revision], ["SETTLED", "arbiter", "vehicle", 2]);
  assert.equal([result.billedMilliWh, result.contestedMilliWh, result.amount], [18_000_000, 0, 810]);
});

test("after a ruling both may still agree otherwise, and what they agree on stands", () => {
  const { builder, charge } = disputed();
  builder.submit(charge.judge(ARBITER, 18_000_000));
  builder.seal();
  builder.submit(...agreement(charge, 16_000_000, 700));
  builder.seal();
  const { ending, revision, amount } = onlyResult(builder);
  assert.equal([ending, revision, amount], ["mutual", 3, 700]);
  assert.equal(tallyOf(builder), [1, 0, 0], "it was settled once");
});

test("thirty days after end and grace the rest lapses: the last revision, and nothing is contested any more", () => {
  for (const { builder, charge } of [disputed(), abandoned("vehicle"), abandoned("station")]) {
    const before = resultOf(builder, charge);
    assert.not.ok(hasDueTransactions(builder.state, LAST_AT));
    assert.ok(hasDueTransactions(builder.state, LAST_AT + 1));
    builder.seal({ at: LAST_AT });
    assert.equal(builder.chain.head.results, []);
    builder.seal({ at: LAST_AT + 1 });
    assert.equal(onlyResult(builder), { ...before, contestedMilliWh: 0, ending: "lapse", revision: 2 });
    assert.not.ok(builder.state.unsettled.has(toHex(charge.address)));
    const { logs } = builder.state.transactions.get(toHex(charge.address)) ?? {};
    assert.equal([logs?.station.reports, logs?.vehicle.reports], [[], []]);
    builder.seal();
    assert.equal(builder.chain.head.results, [], "it lapses once");
  }
});

test("a lapse takes nothing from what was billed, and gives nobody a history", () => {
  const { builder } = disputed();
  builder.seal({ at: LAST_AT + 1 });
  assert.is(onlyResult(builder).billedMilliWh, MILLI_WH / 2);
  assert.equal(tallyOf(builder), [0, 1, 0]);
});

test("in the last second of the window it can still be settled, in the next one nothing can be said any more", () => {
  const inTime = disputed();
  inTime.builder.submit(...agreement(inTime.charge, 16_000_000, 700));
  inTime.builder.seal({ at: LAST_AT });
  assert.is(onlyResult(inTime.builder).ending, "mutual");

  const late = disputed();
  const said = [...agreement(late.charge, 16_000_000, 700), late.charge.judge(ARBITER, 18_000_000)];
  late.builder.submit(...said);
  late.builder.seal({ at: LAST_AT + 1 });
  assert.equal([onlyResult(late.builder).ending, late.builder.chain.head.block?.facts.length], ["lapse", 0]);
  for (const fact of said) assert.equal(refusalOf(late, fact), { code: "FACT_TOO_LATE", lastAt: LAST_AT });
  assert.is(late.builder.chain.mempool.size, 0, "what came too late does not wait for ever");
});

test("a late completion that would match comes too late as well, whatever the clock of the gateway says", () => {
  const { builder, late } = abandoned("vehicle");
  builder.seal({ at: LAST_AT + 1 });
  const added = builder.chain.addFact(late, STARTED_AT);
  assert.equal(added.ok ? undefined : added.fault, { code: "FACT_TOO_LATE", lastAt: LAST_AT });
});

test("nothing can be said about a charge that was taken back: FACT_WRONG_STATE", () => {
  const { builder, charge } = region();
  builder.submit(charge.open, charge.cancel("station"), charge.cancel("vehicle"));
  builder.seal();
  for (const fact of [charge.propose("station", 0, 0), charge.judge(ARBITER, 0)]) {
    assert.equal(refusalOf({ builder }, fact), { code: "FACT_WRONG_STATE", state: "CANCELLED" });
  }
});

test("a charge that was settled by its meters can be settled otherwise by both, never by the arbiter or one side", () => {
  const { builder, charge } = region();
  builder.submit(...charge.whole({ milliWh: MILLI_WH }));
  builder.seal();
  builder.submit(charge.judge(ARBITER, 1_000_000, { fault: "station" }), charge.propose("station", 5_000_000, 200));
  builder.seal();
  assert.equal(builder.chain.head.results, []);
  assert.not.ok(builder.state.unsettled.has(toHex(charge.address)), "it is looked at once");
  builder.submit(charge.propose("vehicle", 5_000_000, 200));
  builder.seal();
  const { ending, billedMilliWh, amount, revision } = onlyResult(builder);
  assert.equal([ending, billedMilliWh, amount, revision], ["mutual", 5_000_000, 200, 2]);
  assert.is(historyOf(builder.state, toHex(STATION.did), builder.state.sealedAt), 1, "a revision is no second session");
  builder.seal({ at: LAST_AT + 1 });
  assert.equal(builder.chain.head.results, []);
  assert.not.ok(builder.state.unsettled.has(toHex(charge.address)));
});

test("more proposals than a role may make have no number left, and one number has one content", () => {
  const { builder, charge } = disputed();
  const numbers = Array.from({ length: 16 }, (_, number) => number);
  builder.submit(...numbers.map((number) => charge.propose("station", number * 1_000_000, 45 * number, { number })));
  builder.seal();
  assert.equal(builder.chain.head.results, []);
  const again = charge.propose("station", 1, 1, { number: 15 });
  assert.equal(refusalOf({ builder }, again), { code: "FACT_CONFLICTS", with: "proposal of the station" });
  builder.submit(charge.propose("vehicle", 14_000_000, 630, { number: 3 }));
  builder.seal();
  assert.is(onlyResult(builder).billedMilliWh, 14_000_000);
});

test("a forged copy of a proposal does not keep the genuine one out", () => {
  const { builder, charge } = disputed();
  const forged = charge.propose("vehicle", 1_000_000, 45);
  const [station] = agreement(charge, 1_000_000, 45);
  assert.ok(station);
  builder.submit(station);
  assert.is(refusalOf({ builder }, signedBy(builder, charge, "vehicle"))?.code, "FACT_BAD_SIGNATURE");
  builder.submit(forged);
  builder.seal();
  assert.is(onlyResult(builder).ending, "mutual");
});

test("the arbiter never seals, not even as an authority, with any rules", () => {
  const builder = new LedgerBuilder({
    authorities: [ARBITER, OPERATOR],
    rules: { ...EASY_RULES, historyMin: 0, counterpartiesMin: 0 },
  });
  builder.join(STATION, VEHICLE);
  builder.seal();
  const places = schedule(sha256, builder.state).map(({ did }) => did);
  assert.equal(new Set(places), new Set([OPERATOR, STATION, VEHICLE].map(({ did }) => toHex(did))));
});

/** What may be said about one charge after its first end: a late completion, proposals of both, a ruling. */
interface Sayings {
  readonly isLateMatching: boolean;
  readonly picks: readonly boolean[];
  readonly rounds: readonly number[];
}

const sayings: fc.Arbitrary<Sayings> = fc.record({
  isLateMatching: fc.boolean(),
  picks: fc.array(fc.boolean(), { minLength: 7, maxLength: 7 }),
  rounds: fc.array(fc.nat(5), { minLength: 7, maxLength: 7 }),
});

test("whatever blocks bring in what is said, the same facts end the same, but for the number of revisions", () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(fc.constantFrom<Role>("vehicle", "station"), sayings, (silent, { isLateMatching, picks, rounds }) => {
      const scene = abandoned(silent, isLateMatching ? 0.985 : 0.5);
      const { charge } = scene;
      const all: readonly Fact[] = [
        scene.late,
        charge.propose("station", 12_000_000, 540),
        charge.propose("station", 9_000_000, 400, { number: 1 }),
        charge.propose("vehicle", 9_000_000, 400),
        charge.propose("vehicle", 12_000_000, 540, { number: 1 }),
        charge.propose("vehicle", 2_000_000, 90, { number: 2 }),
        charge.judge(ARBITER, 15_000_000, { fault: "both" }),
      ];
      const said = all.filter((_, place) => picks[place]);
      const together = abandoned(silent, isLateMatching ? 0.985 : 0.5);
      together.builder.submit(...said);
      together.builder.seal();
      const roundOf = new Map(said.map((fact, place) => [fact.key, rounds[place] ?? 0]));
      for (let round = 0; round <= 5; round += 1) {
        scene.builder.submit(...said.filter(({ key }) => roundOf.get(key) === round));
        scene.builder.seal({ at: scene.builder.state.sealedAt + DAY });
      }
      const expected = resultOf(together.builder, together.charge);
      assert.equal({ ...resultOf(scene.builder, charge), revision: 0 }, { ...expected, revision: 0 });
      assert.equal(tallyOf(scene.builder), tallyOf(together.builder));
      seen.add(expected.ending);
    }),
    { numRuns: 24, seed: 20_261_122 },
  );
  assert.equal([...seen].sort(), ["arbiter", "comparison", "mutual", "silence"], "every ending was among them");
});

test("revisions count up by one, from the first result to the last", () => {
  const { builder, charge, late } = abandoned("station");
  const revisions = [resultOf(builder, charge).revision];
  for (const fact of [charge.judge(ARBITER, 15_000_000), late, ...agreement(charge, 9_000_000, 400)]) {
    builder.submit(fact);
    builder.seal();
    revisions.push(...builder.chain.head.results.map(({ revision }) => revision));
  }
  assert.equal(revisions, [1, 2, 3, 4]);
  assert.is(resultOf(builder, charge).ending, "mutual");
});

test("a settlement on a branch that loses is settled again on the one that wins", () => {
  const { builder, charge } = disputed({ authorities: [OPERATOR, SECOND] });
  const parent = builder.chain.head;
  builder.submit(...agreement(charge, 16_000_000, 700));
  builder.seal({ rank: 1 });
  assert.is(resultOf(builder, charge).ending, "mutual");
  builder.seal({ parent, rank: 0, facts: [] });
  assert.equal([builder.chain.head.parent, resultOf(builder, charge).state], [parent, "DISPUTED"]);
  builder.seal();
  assert.is(resultOf(builder, charge).ending, "mutual");
});

test("three nodes that hear of proposals, ruling and completion in other orders come to one end", () => {
  const { builder, charge, late } = abandoned("vehicle");
  const said = [charge.judge(ARBITER, 15_000_000), late, ...agreement(charge, 9_000_000, 400)];
  const blocksBefore = blocksOf(builder.chain);
  for (const fact of said) {
    builder.submit(fact);
    builder.seal();
  }
  const ends = [
    [0, 1, 2, 3],
    [3, 2, 1, 0],
    [2, 0, 3, 1],
  ].map((order) => {
    const node = new Chain(crypto, builder.genesis);
    for (const block of blocksBefore) assert.ok(node.addBlock(block, undefined).ok);
    for (const place of order) {
      const fact = said[place];
      assert.ok(fact && node.addFact(fresh(builder.genesis.network, fact), node.head.state.sealedAt).ok);
    }
    assert.is(node.mempool.size, said.length);
    for (const block of blocksOf(builder.chain)) assert.ok(node.addBlock(block, undefined).ok);
    assert.is(node.mempool.size, 0);
    return { head: toHex(node.head.state.id), result: node.head.state.transactions.get(toHex(charge.address))?.result };
  });
  for (const end of ends) assert.equal(end, ends[0]);
  assert.is(ends[0]?.result?.ending, "mutual");
});

test.run();
