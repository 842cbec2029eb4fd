/**
 * Merge-stability (S5): what is valid on one branch is valid on every other, and the order in which facts come, in a
 * block or over blocks, changes neither the transactions nor how they end.
 */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { applyFact } from "#core/ledger/apply-fact.ts";
import { chargeFactsOf, closeTransactions } from "#core/ledger/close-transactions.ts";
import type { ResultBody } from "#core/ledger/block.ts";
import { isSessionFact, type Fact } from "#core/ledger/fact.ts";
import { nextLayer, type LedgerState } from "#core/ledger/state.ts";
import type { ChargeFacts } from "#core/session/charge-facts.ts";
import type { AdjudicateBody, CompleteBody, ReportBody, ResolveBody, Role } from "#core/session/facts.ts";
import { settle } from "#core/session/settle.ts";
import type { ChargeBuilder } from "#test/builders/charge-builder.ts";
import { crypto, makeActor, named } from "#test/builders/ledger-actors.ts";
import { ARBITER, LedgerBuilder, OPERATOR, STARTED_AT, STATION, VEHICLE } from "#test/builders/ledger-builder.ts";

const SECOND = makeActor("second operator", "station");
const NOW = STARTED_AT + 500;
const base = new LedgerBuilder({ authorities: [OPERATOR, SECOND] });
base.join(STATION, VEHICLE, ARBITER);
base.seal();
const terms = { ...base.charge().open.body.terms, arbiter: ARBITER.did };
const { network } = base.genesis;
const verified = new WeakMap<Fact, string>();

/** Charges at every stage: whole, in dispute, half completed, silent, taken back, agreed on, judged. */
const charges: readonly ChargeBuilder[] = Array.from({ length: 8 }, (_, index) =>
  base.charge(undefined, { terms, salt: new Uint8Array(16).fill(index + 1) }),
);
const disputed = (charge: ChargeBuilder): readonly Fact[] => charge.whole({ milliWh: 20_000_000, vehicleShare: 0.5 });
const stories: readonly ((charge: ChargeBuilder) => readonly Fact[])[] = [
  (charge) => charge.whole({ milliWh: 20_000_000, count: 3 }),
  (charge) => charge.whole({ milliWh: 20_000_000, count: 2, vehicleShare: 0.5 }),
  (charge) => charge.whole({ milliWh: 9_000_000 }).slice(0, -1),
  (charge) => [charge.open, charge.report("station", [0, 5, 9]), charge.report("station", [4])],
  (charge) => [charge.open, charge.cancel("station"), charge.cancel("vehicle")],
  (charge) => [charge.open, charge.report("vehicle", [0]), charge.complete("vehicle"), charge.cancel("station")],
  (charge) => [
    ...disputed(charge),
    ...[charge.propose("station", 16_000_000, 700), charge.propose("vehicle", 16_000_000, 700)],
    ...[charge.propose("vehicle", 11_000_000, 500, { number: 1 }), charge.judge(ARBITER, 20_000_000)],
  ],
  (charge) => [...disputed(charge), charge.judge(ARBITER, 15_000_000, { fault: "both" })],
];
const facts = charges.flatMap((charge, index) => stories[index]?.(charge) ?? []);
const order = fc.shuffledSubarray([...facts.keys()], { minLength: facts.length });

const test = suite("merge stability");

test("P2 facts applied in any order, each as soon as it may stand, give equal transactions and equal results", () => {
  const expected = outcomeOf(applyAll(facts));
  assert.is(expected.results.length, 5);
  fc.assert(
    fc.property(order, (indexes) => {
      const state = applyAll(indexes.map((index) => facts[index]).filter((fact) => fact !== undefined));
      assert.equal(outcomeOf(state), expected);
    }),
    { numRuns: 60, seed: 20_261_122 },
  );
});

test("P2 facts spread over any blocks of any branch give equal results, and they are what settle makes of the facts", () => {
  const expected = charges.map((charge) => settle(factSetOf(charge), false).state);
  fc.assert(
    fc.property(
      fc.array(fc.nat(3), { minLength: facts.length, maxLength: facts.length }),
      fc.nat(1),
      (blocks, rank) => {
        const builder = new LedgerBuilder({ authorities: [OPERATOR, SECOND] });
        builder.join(STATION, VEHICLE, ARBITER);
        builder.seal();
        for (let round = 0; round <= 4; round += 1) {
          const candidates = facts.filter((_, index) => (blocks[index] ?? 0) <= round);
          builder.add(builder.make({ facts: candidates, rank: round % 2 === 0 ? rank : 0 }));
        }
        const states = charges.map(({ address }) => builder.state.transactions.get(toHex(address))?.state);
        assert.equal(states, expected);
        const results = charges.map(({ address }) => builder.state.transactions.get(toHex(address))?.result);
        assert.equal(results.map(unnumbered), RESULTS.map(unnumbered));
      },
    ),
    { numRuns: 15, seed: 20_261_122 },
  );
});

test("settle over what a chain holds is settle over the facts themselves", () => {
  const state = applyAll(facts);
  for (const charge of charges) {
    const transaction = state.transactions.get(toHex(charge.address));
    assert.ok(transaction);
    for (const graceOver of [false, true]) {
      assert.equal(settle(chargeFactsOf(transaction), graceOver), settle(factSetOf(charge), graceOver));
    }
  }
});

test("P2 of any two facts that may each stand, either both may in both orders, or in neither", () => {
  let pairs = 0;
  let contradictions = 0;
  for (const prefix of prefixes()) {
    const state = applyAll(prefix.facts);
    const candidates = prefix.next.filter((fact) => stands(nextLayer(state), fact));
    assert.ok(candidates.length > 1);
    for (const [place, left] of candidates.entries()) {
      for (const right of candidates.slice(place + 1)) {
        const [one, other] = [applyBoth(state, left, right), applyBoth(state, right, left)];
        assert.equal(one, other, `${left.kind} and ${right.kind} after ${prefix.facts.length} facts`);
        pairs += 1;
        contradictions += one === "one of them" ? 1 : 0;
      }
    }
  }
  assert.ok(pairs > 150 && contradictions > 30 && contradictions < pairs, `${contradictions} of ${pairs}`);
});

test("P2 a fact that stands stands again after any other facts, or is known", () => {
  const state = applyAll(facts);
  for (const fact of facts) {
    const again = applyFact(nextLayer(state), fact, { crypto, network, now: NOW, verified });
    assert.equal(again, { ok: false, fault: { code: "FACT_KNOWN" } });
  }
});

test.run();

/** Applies what can be applied until nothing moves; everything must have found its place. */
function applyAll(given: readonly Fact[]): LedgerState {
  const state = nextLayer(base.state);
  let waiting = given;
  for (let before = Infinity; waiting.length < before;) {
    before = waiting.length;
    waiting = waiting.filter((fact) => !stands(state, fact));
  }
  assert.equal(
    waiting.map(({ kind }) => kind),
    [],
  );
  return state;
}

function stands(state: LedgerState, fact: Fact): boolean {
  return applyFact(state, fact, { crypto, network, now: NOW, verified }).ok;
}

function applyBoth(state: LedgerState, first: Fact, second: Fact): unknown {
  const layer = nextLayer(state);
  assert.ok(stands(layer, first));
  return stands(layer, second) ? transactionsOf(layer) : "one of them";
}

function transactionsOf(state: LedgerState): readonly unknown[] {
  return [...state.transactions.entries()].sort(([left], [right]) => (left < right ? -1 : 1));
}

function outcomeOf(state: LedgerState): {
  readonly transactions: readonly unknown[];
  readonly results: readonly unknown[];
} {
  const transactions = transactionsOf(state);
  const closing = nextLayer(state);
  return { transactions, results: closeTransactions(closing, NOW) };
}

/** As somebody who knows no ledger would gather them. */
function factSetOf({ address, open }: ChargeBuilder): ChargeFacts {
  const reports: Record<Role, ReportBody[]> = { station: [], vehicle: [] };
  const completes: Partial<Record<Role, CompleteBody>> = {};
  const cancelled: Partial<Record<Role, true>> = {};
  const proposals: Record<Role, ResolveBody[]> = { station: [], vehicle: [] };
  let ruling: AdjudicateBody | undefined;
  for (const fact of facts) {
    if (!isSessionFact(fact)) continue;
    if (toHex(fact.body.address) !== toHex(address)) continue;
    if (fact.kind === "REPORT") reports[fact.body.role].push(fact.body);
    if (fact.kind === "COMPLETE") completes[fact.body.role] = fact.body;
    if (fact.kind === "CANCEL") cancelled[fact.body.role] = true;
    if (fact.kind === "RESOLVE") proposals[fact.body.role].push(fact.body);
    if (fact.kind === "ADJUDICATE") ruling = fact.body;
  }
  return { open: open.body, reports, completes, cancelled, proposals, ruling };
}

const RESULTS = charges.map(({ address }) => {
  const closing = applyAll(facts);
  closeTransactions(closing, NOW);
  return closing.transactions.get(toHex(address))?.result;
});

/** How often a result was revised says when facts came, not how the charge ended. */
function unnumbered(result: ResultBody | undefined): unknown {
  return { ...result, revision: undefined };
}

interface Prefix {
  readonly facts: readonly Fact[];
  /** All that either side could sign next, also against its own word. */
  readonly next: readonly Fact[];
}

function* prefixes(): Generator<Prefix> {
  for (const lengths of [
    [0, 0],
    [1, 0],
    [1, 1],
    [2, 1],
  ] as const) {
    const reportsOf = (charge: ChargeBuilder): readonly Fact[] => [
      ...Array.from({ length: lengths[0] }, () => charge.report("station", [10])),
      ...Array.from({ length: lengths[1] }, () => charge.report("vehicle", [9])),
    ];
    /** The same charge, continued by one thing. */
    const continued = (say: (charge: ChargeBuilder) => Fact): Fact => {
      const charge = base.charge(undefined, { terms });
      reportsOf(charge);
      return say(charge);
    };
    const roles: readonly Role[] = ["station", "vehicle"];
    const rulings = [1, 2].map((energy) => continued((charge) => charge.judge(ARBITER, energy)));
    const sides = roles.flatMap((role) => [
      continued((charge) => charge.report(role, [10])),
      continued((charge) => charge.report(role, [20])),
      continued((charge) => charge.complete(role)),
      continued((charge) => charge.complete(role, { reason: "fault" })),
      continued((charge) => charge.cancel(role)),
      continued((charge) => charge.propose(role, 10, 1)),
      continued((charge) => charge.propose(role, 10, 2)),
      continued((charge) => charge.propose(role, 10, 2, { number: 1 })),
      continued((charge) => endAfter(charge, role, {})),
      continued((charge) => endAfter(charge, role, { head: named("elsewhere") })),
      continued((charge) => endAfter(charge, role, { finalMilliWh: charge.open.body.startMilliWh[0] + 25 })),
    ]);
    const charge = base.charge(undefined, { terms });
    yield { facts: [charge.open, ...reportsOf(charge)], next: [...sides, ...rulings] };
  }
}

/** A completion that counts one report more than there is yet. */
function endAfter(charge: ChargeBuilder, role: Role, changes: Partial<CompleteBody>): Fact {
  charge.report(role, [10]);
  return charge.complete(role, changes);
}
