/**
 * Regions of the paper's rules with many nodes, honest sides and liars, in histories drawn by chance: each exported chain
 * is what a recount by the paper alone makes it. A chain of other rules is not, and neither is one that says otherwise
 * than its facts: the recount can fail.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { fromHex } from "#base/bytes.ts";
import { PAPER_V1_HASH_HEX } from "#core/contract/paper-v1-program.ts";
import { SHIPPED_CONTRACTS } from "#core/contract/shipped-contracts.ts";
import { EXPOSURE_UNLIMITED_MILLI_WH } from "#core/contract/terms.ts";
import { resultBody, type ResultBody } from "#core/ledger/block.ts";
import type { Fact } from "#core/ledger/fact.ts";
import { PAPER_RULES, type LedgerRules } from "#core/ledger/rules.ts";
import { decodeShape, encodeShape } from "#core/wire/schema.ts";
import { SeededRandom } from "#hal/mock/seeded-random.ts";
import { exportChain } from "#records/chain-export.ts";
import { batteryTerms } from "#test/builders/charge-facts.ts";
import type { ChargeBuilder } from "#test/builders/charge-builder.ts";
import { readExportedChain, type ExportedBlock } from "#test/builders/exported-chain.ts";
import { codeFact, type Actor } from "#test/builders/ledger-actors.ts";
import { LedgerBuilder, OPERATOR } from "#test/builders/ledger-builder.ts";
import { recountPaper, type PaperRecount } from "#test/builders/paper-recount.ts";
import { quickActor } from "#test/builders/quick-actor.ts";

const AUTHORITIES = ["one", "two"].map((name) => quickActor(`operator ${name}`, "station", name));
const STATIONS = ["north", "south", "west"].map((name) => quickActor(`${name} post`, "station", name));
const VEHICLES = ["red", "blue", "green", "white"].map((name) => quickActor(`${name} car`, "vehicle", name));
const TERMS = batteryTerms({
  ...{ codeHash: fromHex(PAPER_V1_HASH_HEX) ?? new Uint8Array(), exposureMilliWh: EXPOSURE_UNLIMITED_MILLI_WH },
  ...{ readingsPerReport: 1, graceSeconds: 300, durationMaxSeconds: 7200 },
});
/** In each history, and of them so many in which nothing more begins. */
const [BLOCKS, LAST_BLOCKS] = [60, 12];
const SEEDS = ["one", "two", "three", "four"];

const test = suite("recount by the paper");

test("every miner, amount and price of drawn histories is what the paper's rules make of the exported chain", () => {
  const recounts = SEEDS.map((seed) => recountOf(historyOf(seed, PAPER_RULES)));
  assert.equal(
    recounts.flatMap(({ complaints }) => complaints),
    [],
  );
  const miners = recounts.flatMap((recount) => recount.miners);
  for (const among of ["relatives", "all", "others", "authorities"]) {
    assert.ok(miners.filter((each) => each.among === among).length > 5, among);
  }
  const chosen = miners.filter(({ among, histories }) => among === "relatives" && histories.length > 1);
  assert.ok(chosen.length > 10, `${chosen.length} blocks during trades, by the longest of different histories`);
  const states = new Set(recounts.flatMap(({ outcomes }) => outcomes.map(({ state }) => state)));
  assert.equal([...states].sort(), ["ABANDONED", "CANCELLED", "DISPUTED", "SETTLED"]);
});

// Each alone, so that a miner of the paper's rules would no more be the one that stands in the blocks.
for (const rules of [
  { relatedScope: "all" },
  { pairCap: 1 },
  { cooldownBlocks: 3, fallback: true },
  { countedMilliWhMin: 9_000_000 },
  { counterpartiesMin: 2 },
] satisfies readonly Partial<LedgerRules>[]) {
  test(`the recount does not take a chain with ${JSON.stringify(rules)} for one of the paper's`, () => {
    const found = SEEDS.slice(0, 2).flatMap(
      (seed) => recountOf(historyOf(seed, { ...PAPER_RULES, ...rules })).complaints,
    );
    assert.ok(
      found.some((complaint) => complaint.includes("the paper names")),
      found[0] ?? "no complaint",
    );
  });
}

test("it does not take another history, amount, price or result either", () => {
  const chain = readExportedChain(exportChain(historyOf("one", PAPER_RULES).chain));
  for (const [name, change] of Object.entries({
    billed: { billedMilliWh: 1 },
    amount: { amount: 1 },
    state: { state: "DISPUTED" },
    vehicle: { vehicleMilliWh: 1 },
    verdict: { verdict: "DISAGREE" },
    difference: { differencePpm: 500_000 },
  } as const)) {
    const blocks = chain.blocks.map((block) => ({
      ...block,
      results: block.results.map((each) => other(each, change)),
    }));
    const { complaints } = recountPaper({ ...chain, blocks });
    assert.ok(
      complaints.some((complaint) => / is \d+, the paper's rules make it /.test(complaint)),
      name,
    );
  }
  const without = (drop: (block: ExportedBlock) => ExportedBlock): readonly string[] =>
    recountPaper({ ...chain, blocks: chain.blocks.map(drop) }).complaints;
  assert.match(without((block) => ({ ...block, facts: block.facts.slice(1) })).join(), /another list/);
  assert.match(without((block) => ({ ...block, results: [] })).join(), /too early, too late or twice/);
  assert.match(recountPaper({ ...chain, blocks: chain.blocks.slice(1) }).complaints.join(), /another block before it/);
  const [first, second = first] = chain.blocks;
  assert.ok(first && second);
  const forged = { ...first, signed: { ...first.signed, signatures: second.signed.signatures } };
  assert.match(recountPaper({ ...chain, blocks: [forged] }).complaints.join(), /not signed by its miner/);
});

test.run();

function recountOf(builder: LedgerBuilder): PaperRecount {
  return recountPaper(readExportedChain(exportChain(builder.chain)));
}

function other(encoded: Uint8Array, change: Partial<ResultBody>): Uint8Array {
  const body = decodeShape(resultBody, encoded);
  if (!body.ok) throw new Error("bug of the test: no result");
  return encodeShape(resultBody, { ...body.value, ...change });
}

/** Charges that overlap, of sides that mostly are honest; each block has the next words of some of them. */
function historyOf(seed: string, rules: LedgerRules): LedgerBuilder {
  const random = new SeededRandom(seed);
  const builder = new LedgerBuilder({ rules, authorities: AUTHORITIES });
  builder.join(...STATIONS, ...VEHICLES);
  const [author = OPERATOR] = AUTHORITIES;
  builder.submit(codeFact(builder.genesis.network, author, SHIPPED_CONTRACTS.get("paper-v1") ?? new Uint8Array()));
  builder.seal();
  const running: Running[] = [];
  for (let number = 0; number < BLOCKS; number += 1) {
    const begun = number < BLOCKS - LAST_BLOCKS ? begin(builder, random, running) : undefined;
    if (begun !== undefined) running.push(begun);
    for (const charge of running.filter(() => random.chance(0.8))) builder.submit(...(charge.words.shift() ?? []));
    for (const over of running.filter(({ words }) => words.length === 0)) running.splice(running.indexOf(over), 1);
    builder.seal({ at: builder.state.sealedAt + random.integer(30, 40) });
  }
  return builder;
}

interface Running {
  readonly parties: readonly Actor[];
  /** What is still to be said, block by block. */
  readonly words: (readonly Fact[])[];
}

/** By two who are free, or nobody. */
function begin(builder: LedgerBuilder, random: SeededRandom, running: readonly Running[]): Running | undefined {
  const busy = new Set(running.flatMap(({ parties }) => parties));
  const [stations, vehicles] = [STATIONS, VEHICLES].map((all) => all.filter((actor) => !busy.has(actor)));
  if (!stations?.length || !vehicles?.length || random.chance(0.4)) return undefined;
  const parties = { station: random.pick(stations), vehicle: random.pick(vehicles) };
  const salt = Uint8Array.from({ length: 16 }, () => random.integer(0, 255));
  const charge = builder.charge(parties, { terms: TERMS, salt, startedAt: builder.state.sealedAt });
  return { parties: [parties.station, parties.vehicle], words: wordsOf(charge, random) };
}

/** Honest, lying by a quarter, too little for a verdict, silent at the end, or taken back. */
function wordsOf(charge: ChargeBuilder, random: SeededRandom): (readonly Fact[])[] {
  if (random.chance(0.1)) return [[charge.open], [charge.cancel("station"), charge.cancel("vehicle")]];
  const milliWh = random.pick([300_000, 8_000_000, 11_123_457]);
  const share = random.pick([0.915, 0.93, 0.9, 0.88, 0.7]);
  const first = [charge.report("station", [0]), charge.report("vehicle", [0])];
  const reports = Array.from({ length: random.integer(1, 3) }, () => [
    charge.report("station", [milliWh]),
    charge.report("vehicle", [Math.floor(milliWh * share)]),
  ]);
  const ends = [charge.complete("vehicle"), charge.complete("station")];
  const said = random.chance(0.15) ? ends.slice(0, 1) : ends;
  return [[charge.open], first, ...reports, ...(random.chance(0.5) ? said.map((end) => [end]) : [said])];
}
