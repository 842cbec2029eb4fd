/**
 * A peer that signs at the wrong moment must not hold a gateway in a charge, nor make it sign what no fact can hold.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import type { Fact } from "#core/ledger/fact.ts";
import { REPORTS_PER_SESSION_MAX } from "#core/limits.ts";
import type { Transaction } from "#core/ledger/state.ts";
import { completeBody, reportBody, type Role } from "#core/session/facts.ts";
import { PARTY_START, stepParty, type PartyView } from "#core/session/charge-party.ts";
import { encodeShape } from "#core/wire/schema.ts";
import { ChargeRunner } from "#services/charge-runner.ts";
import { Forge, ledgerBench, regionOf, STATION, VEHICLE, type LedgerBench } from "#test/builders/hostile-ledger.ts";

const test = suite("hostile party");

async function openCharge(who: typeof STATION): Promise<{
  readonly bench: LedgerBench;
  readonly forge: Forge;
  readonly open: Fact;
  readonly address: Uint8Array;
  readonly transaction: () => Transaction;
}> {
  const genesis = regionOf();
  const forge = new Forge(genesis);
  const bench = await ledgerBench(genesis, who);
  const { fact: open, address } = forge.open({ startedAt: Math.floor(bench.clock.wallMs() / 1000) });
  for (const fact of [forge.join(VEHICLE), open]) {
    const received = await bench.ledger.receive(fact.bytes);
    assert.ok(received.ok, JSON.stringify(received));
  }
  const transaction = (): Transaction => {
    const found = bench.chain.pending.transactions.get(toHex(address));
    if (found === undefined) throw new Error("the contract is gone");
    return found;
  };
  return { bench, forge, open, address, transaction };
}

for (const role of ["station", "vehicle"] as const) {
  test(`a peer that completes before anybody has reported does not hold the ${role}`, async () => {
    const [own, peer, other] =
      role === "station" ? [STATION, VEHICLE, "vehicle" as Role] : [VEHICLE, STATION, "station" as Role];
    const { bench, forge, open, address, transaction } = await openCharge(own);
    const { ledger, boot, clock } = bench;
    const complete = forge.complete(peer, { address, role: other, head: open.id });
    assert.ok((await ledger.receive(complete.bytes)).ok);
    const emit = (): void => undefined;
    const isSettled = (): boolean => true;
    const runner = new ChargeRunner({ ledger, boot, clock, signer: own.signer, role, isSettled, emit }, transaction());
    const registerMilliWh = role === "station" ? 5000 : 7000;
    for (let look = 0; look < 5 && !runner.isOver; look += 1) {
      const seen = { wish: undefined, isStill: true, takes: false, isPlugged: true, pluggedAgeMs: 0 };
      const advice = await runner.look({ registerMilliWh, registerAgeMs: 0, ...seen });
      assert.is.not(advice.kind, "go");
      await clock.runFor(1000);
    }
    assert.ok(runner.isOver, "the charge is over for this side");
    const block = forge.block(bench.chain, bench.chain.mempool.facts(), STATION, { laterSeconds: 60 });
    assert.ok((await ledger.receiveBlock(block)).ok);
    assert.is(bench.chain.head.state.transactions.get(toHex(address))?.state, "CANCELLED");
  });
}

test("a side whose numbers for reports are used up completes instead of signing what no fact can hold", async () => {
  const { transaction } = await openCharge(STATION);
  const before = transaction();
  const used = { ...before.logs.station, nextSequence: REPORTS_PER_SESSION_MAX + 1, nextReading: 2000 };
  const vehicle = { ...before.logs.vehicle, nextSequence: 5 };
  const full: Transaction = { ...before, state: "ACTIVE", logs: { station: used, vehicle } };
  const view: PartyView = {
    ...{ role: "station", transaction: full, elapsedMs: 2_000 * 60_000, registerMilliWh: 6000, registerAgeMs: 0 },
    ...{ wish: undefined, isStill: true, takes: false, isPlugged: true, pluggedAgeMs: 0, clockUnsure: false },
  };
  let state = PARTY_START;
  for (let look = 0; look < 5; look += 1) {
    const step = stepParty(state, view);
    state = step.state;
    if (step.report !== undefined) encodeShape(reportBody, step.report);
    if (step.complete === undefined) continue;
    encodeShape(completeBody, step.complete);
    assert.is(step.complete.reason, "limit-reached");
    return;
  }
  throw new Error("it never completes");
});

test.run();
