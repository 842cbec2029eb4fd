/** Which fact may stand after which: a table of refusals, and that a refused fact changes nothing. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { applyFact } from "#core/ledger/apply-fact.ts";
import type { Fact } from "#core/ledger/fact.ts";
import { nextLayer, type LedgerState, type Transaction } from "#core/ledger/state.ts";
import type { ChargeBuilder } from "#test/builders/charge-builder.ts";
import { crypto, fresh } from "#test/builders/ledger-actors.ts";
import { STARTED_AT } from "#test/builders/ledger-builder.ts";
import { region } from "./refusal.ts";
import { REFUSED_CONTRACTS } from "./refused-contracts.ts";
import { REFUSED_SESSION_FACTS } from "./refused-session-facts.ts";

const { network } = region.genesis;
const REFUSED = [...REFUSED_CONTRACTS, ...REFUSED_SESSION_FACTS];

const test = suite("apply fact");

for (const { claim, code, story } of REFUSED) {
  test(`${claim}: ${code}, and nothing changes`, () => {
    const facts = story(region.charge());
    const last = facts.at(-1);
    assert.ok(last);
    const state = stateWith(facts.slice(0, -1));
    const before = shown(state);
    const applied = apply(state, last);
    assert.is(applied.ok ? "accepted" : applied.fault.code, code, JSON.stringify(applied));
    assert.equal(shown(state), before);
  });
}

test("the table has every code that a fact can be refused with", () => {
  const codes = new Set(REFUSED.map(({ code }) => code));
  // A fact of a charge that is over needs blocks: see closing.test.ts and disputes.test.ts, where it comes too late.
  // Room is the pool's: see mempool.test.ts.
  assert.is(codes.size, 12);
});

test("both logs begin: the charge is active; one completes: it is completing", () => {
  const charge = region.charge();
  const state = stateWith([charge.open]);
  const steps: readonly (readonly [Fact, Transaction["state"]])[] = [
    [charge.report("vehicle", [0]), "OPEN"],
    [charge.report("station", [0]), "ACTIVE"],
    [charge.report("station", [100]), "ACTIVE"],
    [charge.complete("vehicle"), "COMPLETING"],
    [charge.report("station", [100]), "COMPLETING"],
    [charge.complete("station"), "COMPLETING"],
  ];
  for (const [fact, expected] of steps) {
    assert.ok(apply(state, fact).ok);
    assert.is(transactionIn(state, charge).state, expected);
  }
  const { logs, completingSince, openId } = transactionIn(state, charge);
  assert.is(logs.station.nextSequence, 3);
  assert.is(logs.station.lastRegisterMilliWh, 5_000_200);
  assert.is(logs.station.nextReading, 3);
  assert.is(completingSince, NOW);
  assert.equal(openId, charge.open.id);
});

test("readings may have a gap, for a gateway that was away", () => {
  const charge = region.charge();
  const state = stateWith([charge.open, charge.report("station", [0, 5])]);
  assert.ok(apply(state, charge.report("station", [7], { firstReading: 40 })).ok);
  assert.is(transactionIn(state, charge).logs.station.nextReading, 41);
});

test("a register may stand still, and the first may be the start", () => {
  const charge = region.charge();
  const state = stateWith([charge.open, charge.report("station", [0, 0]), charge.report("station", [0])]);
  assert.is(transactionIn(state, charge).logs.station.lastRegisterMilliWh, 5_000_000);
});

test("reports that a completion has counted may come after it, up to its head", () => {
  const charge = region.charge();
  const reports = [0, 10, 20].map((step) => charge.report("vehicle", [step]));
  const complete = charge.complete("vehicle");
  const state = stateWith([charge.open, complete, ...reports]);
  assert.is(transactionIn(state, charge).logs.vehicle.nextSequence, 3);
});

test("one side's completion does not keep the other from taking the charge back", () => {
  const charge = region.charge();
  const state = stateWith([charge.open, charge.complete("station"), charge.cancel("vehicle")]);
  assert.equal(transactionIn(state, charge).cancelled, { vehicle: true });
});

test("two charges of the same two parties do not touch each other", () => {
  const [one, other] = [region.charge(), region.charge(undefined, { salt: new Uint8Array(16).fill(1) })];
  const state = stateWith([one.open, other.open, one.report("station", [5])]);
  assert.is(transactionIn(state, one).logs.station.nextSequence, 1);
  assert.is(transactionIn(state, other).logs.station.nextSequence, 0);
});

test("a fact whose signature was found good is not verified again", () => {
  let verifications = 0;
  const counting = Object.assign(Object.create(crypto) as typeof crypto, {
    verify: (...given: Parameters<typeof crypto.verify>) => {
      verifications += 1;
      return crypto.verify(...given);
    },
  });
  const context = { crypto: counting, network, now: NOW, verified: new WeakMap<Fact, string>() };
  const { open } = region.charge();
  assert.ok(applyFact(nextLayer(region.chain.pending), open, context).ok);
  assert.is(verifications, 2);
  assert.ok(applyFact(nextLayer(region.chain.pending), open, context).ok);
  assert.is(verifications, 2);
  assert.ok(applyFact(nextLayer(region.chain.pending), fresh(network, open), context).ok);
  assert.is(verifications, 4);
});

test.run();

const NOW = STARTED_AT + 1000;

function apply(state: LedgerState, fact: Fact): ReturnType<typeof applyFact> {
  return applyFact(state, fact, { crypto, network, now: NOW, verified: new WeakMap() });
}

function stateWith(facts: readonly Fact[]): LedgerState {
  const state = nextLayer(region.chain.pending);
  for (const fact of facts) {
    const applied = apply(state, fact);
    assert.ok(applied.ok, `${fact.kind}: ${JSON.stringify(applied)}`);
  }
  return state;
}

function transactionIn(state: LedgerState, { address }: ChargeBuilder): Transaction {
  const transaction = state.transactions.get(toHex(address));
  assert.ok(transaction);
  return transaction;
}

function shown(state: LedgerState): unknown {
  return structuredClone({
    members: state.members.entries(),
    transactions: state.transactions.entries(),
    unsettled: state.unsettled,
  });
}
