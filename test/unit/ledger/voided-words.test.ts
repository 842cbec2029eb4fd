/**
 * A side of a charge that says two things: of two words the one stands by which the other side holds. So the charge ends
 * as if nothing else had been signed, in whatever order and on whatever branch the words came (S5, S6, S11).
 */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { applyFact } from "#core/ledger/apply-fact.ts";
import { closeTransactions } from "#core/ledger/close-transactions.ts";
import type { ResultBody } from "#core/ledger/block.ts";
import type { Fact } from "#core/ledger/fact.ts";
import { nextLayer, type LedgerState } from "#core/ledger/state.ts";
import { standingFacts } from "#core/ledger/voided-words.ts";
import { GRACE_SECONDS, type ChargeBuilder } from "#test/builders/charge-builder.ts";
import { wordsPiece } from "#test/builders/evidence-pieces.ts";
import { forkedCharge, type ForkedCharge, type ForkStory } from "#test/builders/forked-charge.ts";
import { crypto, makeActor } from "#test/builders/ledger-actors.ts";
import { LedgerBuilder, OPERATOR, STARTED_AT, STATION, VEHICLE } from "#test/builders/ledger-builder.ts";

const SECOND = makeActor("second operator", "station");
const NOW = STARTED_AT + 900;
const GRACE_OVER = STARTED_AT + 60 + 7200 + GRACE_SECONDS + 1;
const RUNS = { numRuns: 40, seed: 20_261_123 };
const base = new LedgerBuilder({ authorities: [OPERATOR, SECOND] });
base.join(STATION, VEHICLE);
base.seal();
const { network } = base.genesis;
const verified = new WeakMap<Fact, string>();

const STORIES: readonly (readonly ForkStory[])[] = [
  [{ liar: "vehicle", at: 0, share: 0, reports: 1, ending: "complete" }],
  [{ liar: "vehicle", at: 2, share: 0.1, reports: 3, ending: "complete" }],
  [{ liar: "vehicle", at: 5, share: 0, reports: 0, ending: "complete" }],
  [{ liar: "vehicle", at: 1, share: 0, reports: 0, ending: "early" }],
  [{ liar: "vehicle", at: 0, share: 0, reports: 0, ending: "cancel" }],
  [{ liar: "station", at: 3, share: 3, reports: 2, ending: "complete" }],
  [
    { liar: "vehicle", at: 1, share: 0.2, reports: 4, ending: "none" },
    { liar: "vehicle", at: 3, share: 0.3, reports: 1, ending: "complete" },
    { liar: "vehicle", at: 1, share: 0.4, reports: 2, ending: "complete" },
  ],
  [
    { liar: "vehicle", at: 2, share: 0.5, reports: 2, ending: "complete" },
    { liar: "station", at: 2, share: 2, reports: 2, ending: "complete" },
  ],
];
const scenes = STORIES.map((stories, index) =>
  forkedCharge(base, { salt: new Uint8Array(16).fill(index + 1) }, stories),
);

const test = suite("contradicting words");

for (const [index, scene] of scenes.entries()) {
  const { liar, at, ending } = STORIES[index]?.[0] ?? {};
  test(`S5, S11: scene ${index + 1} (${String(liar)}, ${String(at)}, ${String(ending)}) ends as if nobody had lied, in any order`, () => {
    const honest = resultOf(scene, applyAll(scene.honest));
    assert.is(honest.state, "SETTLED");
    const all = [...scene.honest, ...scene.lies, ...scene.pieces];
    const expected = transactionIn(applyAll(all), scene.charge);
    const order = fc.shuffledSubarray([...all.keys()], { minLength: all.length });
    fc.assert(
      fc.property(order, (indexes) => {
        const state = applyAll(indexes.flatMap((place) => all[place] ?? []));
        assert.equal(transactionIn(state, scene.charge), expected);
        assert.equal(resultOf(scene, state), honest);
      }),
      RUNS,
    );
  });
}

test("without evidence the lie pays: this is what it is for", () => {
  const [scene] = scenes;
  assert.ok(scene);
  const { charge, lies, honest } = scene;
  const lied = resultOf(scene, applyAll(honest, applyAll([charge.open, ...lies])));
  assert.equal([lied.state, lied.billedMilliWh], ["DISPUTED", 0]);
  assert.is(resultOf(scene, applyAll(honest)).billedMilliWh, 20_000_000);
});

test("B15: a vehicle and a miner seal another log than the station saw: the evidence brings the seen one back", () => {
  const { builder, scene } = sealedLie();
  const { charge, honest, pieces } = scene;
  assert.equal(refusals(builder, honest), ["REPORT", "REPORT", "COMPLETE"]);
  builder.submit(...pieces);
  refusals(builder, honest);
  builder.seal();
  const { result, contradicted } = transactionIn(builder.state, charge);
  assert.equal([result?.state, result?.billedMilliWh, result?.revision], ["SETTLED", 20_000_000, 1]);
  assert.is(contradicted.vehicle?.voided.length, scene.lies.length);
  assert.is(
    builder.state.misconduct.get(toHex(VEHICLE.did))?.contradictions.length,
    1,
    "one charge, one contradiction",
  );
});

test("after the end, too, as long as it may be disputed: a further revision says what follows from the words that stand", () => {
  const { builder, scene } = sealedLie();
  builder.seal({ at: GRACE_OVER });
  const before = transactionIn(builder.state, scene.charge).result;
  assert.equal([before?.state, before?.billedMilliWh], ["DISPUTED", 0]);
  builder.submit(...scene.pieces);
  builder.submit(...scene.honest.filter(({ body }) => "role" in body && body.role === "vehicle"));
  builder.seal({ at: GRACE_OVER + 10 * 86_400 });
  const { result } = transactionIn(builder.state, scene.charge);
  assert.equal([result?.state, result?.billedMilliWh, result?.revision], ["SETTLED", 20_000_000, 2]);
});

test("after the end a log that only grew again is read again as far as it goes; the vehicle that then stays away is silent", () => {
  const { builder, scene } = sealedLie();
  builder.seal({ at: GRACE_OVER });
  builder.submit(...scene.pieces);
  const words = scene.honest.filter(({ body }) => "role" in body && body.role === "vehicle");
  builder.submit(...words.slice(0, 4));
  builder.seal({ at: GRACE_OVER + 86_400 });
  const { result } = transactionIn(builder.state, scene.charge);
  assert.equal([result?.state, result?.silent], ["ABANDONED", 2]);
  assert.ok((result?.billedMilliWh ?? 0) > 14_000_000, `${String(result?.billedMilliWh)} of what both had signed`);
  assert.ok((result?.billedMilliWh ?? 0) <= 20_000_000, "no more than the station has signed");
});

test("when nobody may dispute it any more, evidence costs a contradiction and no money", () => {
  const { builder, scene } = sealedLie();
  builder.seal({ at: GRACE_OVER });
  builder.seal({ at: GRACE_OVER + 31 * 86_400 });
  const before = transactionIn(builder.state, scene.charge);
  assert.is(before.result?.ending, "lapse");
  const [piece] = scene.pieces;
  assert.ok(piece);
  builder.submit(piece);
  builder.seal();
  const after = transactionIn(builder.state, scene.charge);
  assert.equal(after.result, before.result);
  assert.equal(after.contradicted, { vehicle: { upheld: [], voided: [] } });
  assert.is(builder.state.misconduct.get(toHex(VEHICLE.did))?.contradictions.length, 1);
  assert.equal(refusals(builder, scene.pieces), ["EVIDENCE", "EVIDENCE"]);
});

test("a stranger's evidence counts and takes no word away: which one stands is for the other side to say", () => {
  const { builder, scene } = sealedLie();
  const before = transactionIn(builder.state, scene.charge);
  const [first, second] = [scene.honest[2], scene.lies[0]];
  assert.ok(first?.kind === "REPORT" && second);
  for (const by of [SECOND, VEHICLE]) {
    const state = nextLayer(builder.state);
    assert.ok(stands(state, wordsPiece(network, first, second, by)));
    assert.equal(transactionIn(state, scene.charge).logs, before.logs);
    assert.ok(stands(state, wordsPiece(network, first, second, STATION)), "the station may still choose");
    assert.is(transactionIn(state, scene.charge).logs.vehicle.nextSequence, 0);
    assert.is(state.misconduct.get(toHex(VEHICLE.did))?.contradictions.length, 1);
  }
});

test("who holds by one word cannot hold by the other as well", () => {
  const { builder, scene } = sealedLie();
  const [first, second] = [scene.honest[2], scene.lies[0]];
  assert.ok(first && second);
  const state = nextLayer(builder.state);
  assert.ok(stands(state, wordsPiece(network, first, second, STATION)));
  assert.equal(codeOf(state, wordsPiece(network, second, first, STATION)), "FACT_CONFLICTS");
  assert.equal(codeOf(state, wordsPiece(network, first, second, STATION)), "FACT_KNOWN");
  assert.equal(codeOf(state, second), "FACT_CONFLICTS", "what was taken away does not come back");
});

test("one side can take sixteen words away, and no more: a charge has room for so many lies", () => {
  const charge = base.charge(undefined, { salt: new Uint8Array(16).fill(99) });
  const state = nextLayer(base.state);
  assert.ok(stands(state, charge.open));
  const held = charge.report("vehicle", [0]);
  const lie = (number: number): Fact =>
    base.charge(undefined, { salt: new Uint8Array(16).fill(99) }).report("vehicle", [0], { atMs: number + 1 });
  const codes = Array.from({ length: 17 }, (_, number) =>
    codeOf(state, wordsPiece(network, held, lie(number), STATION)),
  );
  assert.equal(
    codes.slice(0, 16),
    Array.from({ length: 16 }, () => "stands"),
  );
  assert.is(codes[16], "FACT_CONFLICTS");
});

test("a receipt shows the words that stand", () => {
  const { builder, scene } = sealedLie();
  builder.submit(...scene.pieces, ...scene.honest.filter(({ body }) => "role" in body && body.role === "vehicle"));
  builder.seal();
  const sealed = Array.from(
    { length: builder.state.serial },
    (_, serial) => builder.chain.at(serial + 1)?.block?.facts ?? [],
  );
  const standing = standingFacts(sealed.flat(), transactionIn(builder.state, scene.charge));
  const words = standing.filter(({ kind }) => kind === "REPORT" || kind === "COMPLETE").map(({ key }) => key);
  const honest = scene.honest.filter(({ kind }) => kind !== "OPEN").map(({ key }) => key);
  assert.equal([...words].sort(), [...honest].sort());
});

test.run();

/**
 * The vehicle and a miner have sealed that nothing flowed, and that the vehicle has completed; the station's log
 * stands.
 */
function sealedLie(): { readonly builder: LedgerBuilder; readonly scene: ForkedCharge } {
  const builder = new LedgerBuilder({ authorities: [OPERATOR, SECOND] });
  builder.join(STATION, VEHICLE);
  builder.seal();
  const [story] = STORIES;
  const scene = forkedCharge(builder, {}, story ?? []);
  const station = scene.honest.filter(({ body }) => "role" in body && body.role === "station");
  builder.submit(scene.charge.open, ...scene.lies, ...station.slice(0, -1));
  builder.seal();
  builder.submit(...station.slice(-1));
  return { builder, scene };
}

/** Kinds of those that contradict what stands, or are not to be heard again. */
function refusals(builder: LedgerBuilder, facts: readonly Fact[]): readonly string[] {
  return facts.flatMap((fact) => {
    const added = builder.chain.addFact(fact, builder.state.sealedAt);
    const isRefused = !added.ok && (added.fault.code === "FACT_CONFLICTS" || fact.kind === "EVIDENCE");
    return isRefused ? [fact.kind] : [];
  });
}

/** Applies what can be applied until nothing moves; what contradicts what stands is left over. */
function applyAll(facts: readonly Fact[], from: LedgerState = base.state): LedgerState {
  const state = nextLayer(from);
  let waiting = facts;
  for (let before = Infinity; waiting.length < before;) {
    before = waiting.length;
    waiting = waiting.filter((fact) => !stands(state, fact));
  }
  return state;
}

function codeOf(state: LedgerState, fact: Fact): string {
  const applied = applyFact(state, fact, { crypto, network, now: NOW, verified });
  return applied.ok ? "stands" : applied.fault.code;
}

function stands(state: LedgerState, fact: Fact): boolean {
  return codeOf(state, fact) === "stands";
}

function transactionIn(state: LedgerState, { address }: ChargeBuilder) {
  const transaction = state.transactions.get(toHex(address));
  if (transaction === undefined) throw new Error("bug of the test: no such charge");
  return transaction;
}

function resultOf({ charge }: ForkedCharge, state: LedgerState): ResultBody {
  const closing = nextLayer(state);
  const found = closeTransactions(closing, NOW).find(({ address }) => toHex(address) === toHex(charge.address));
  if (found === undefined) throw new Error("bug of the test: still open");
  return found;
}
