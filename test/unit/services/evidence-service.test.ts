/**
 * A gateway that hears two things of one signer shows both, once; and as a party brings back the word that it holds by.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { encodeShown } from "#core/evidence/shown-object.ts";
import { signVote } from "#core/finality/vote.ts";
import type { Block } from "#core/ledger/block.ts";
import type { EvidenceFact, Fact } from "#core/ledger/fact.ts";
import { EvidenceService } from "#services/evidence-service.ts";
import {
  Forge,
  ledgerBench,
  regionOf,
  STATION,
  STARTED_AT,
  VEHICLE,
  type LedgerBench,
} from "#test/builders/hostile-ledger.ts";
import { crypto, makeIdentity, type Identity } from "#test/simulation/simulated-gateway.ts";

const SECOND = makeIdentity("charger-2", "station");
const THIRD = makeIdentity("charger-3", "station");

const test = suite("evidence service");

test("two blocks of one miner for one slot are shown, whichever came first and wherever they stand", async () => {
  const { bench, forge, evidence } = await watching(THIRD);
  const one = forge.block(bench.chain, [], STATION);
  const other = forge.block(bench.chain, [forge.join(VEHICLE)], STATION);
  assert.is(one.header.slot, other.header.slot);
  for (const block of [one, other, one]) await bench.ledger.receiveBlock(block);
  await evidence.settled;
  assert.equal(
    pieces(bench).map(({ body }) => body.kind),
    ["headers"],
  );
  seal(bench, forge, SECOND);
  assert.ok(bench.chain.head.state.misconduct.get(toHex(STATION.did))?.struckAt !== null);
});

test("a block that was refused is proof all the same, one that its miner has not signed is none", async () => {
  const { bench, forge, evidence } = await watching(THIRD);
  const good = forge.block(bench.chain, [], STATION);
  const [twin, forged] = [
    forge.block(bench.chain, [forge.join(VEHICLE)], STATION),
    forge.block(bench.chain, [forge.join(VEHICLE)], STATION),
  ];
  assert.ok((await bench.ledger.receiveBlock(good)).ok);
  const broken = (block: Block): Block => ({ ...block, results: [new Uint8Array(1)] });
  const stranger = { ...broken(forged), headerBytes: forge.block(bench.chain, [], SECOND).headerBytes };
  assert.not((await bench.ledger.receiveBlock({ ...stranger, signature: new Uint8Array(64) })).ok);
  await evidence.settled;
  assert.equal(pieces(bench), []);
  assert.not((await bench.ledger.receiveBlock(broken(twin))).ok);
  await evidence.settled;
  assert.is(pieces(bench).length, 1);
});

test("the same block or report again, with whatever signature, is no evidence", async () => {
  const { bench, forge, evidence } = await watching(STATION);
  const { address } = await open(bench, forge);
  const report = forge.report(VEHICLE, { address, role: "vehicle", previous: openId(bench, address) });
  for (const fact of [report, forge.report(VEHICLE, { address, role: "vehicle", previous: openId(bench, address) })]) {
    await bench.ledger.receive(fact.bytes);
  }
  await evidence.settled;
  assert.equal(pieces(bench), []);
});

test("the station shows the report that contradicts the one it holds, and the one it holds still stands", async () => {
  const { bench, forge, evidence } = await watching(STATION);
  const { address, reports } = await twoReports(bench, forge);
  const [held, lie] = reports;
  assert.ok((await bench.ledger.receive(held.bytes)).ok);
  assert.not((await bench.ledger.receive(lie.bytes)).ok);
  await evidence.settled;
  const [piece] = pieces(bench);
  assert.is(piece?.body.kind, "reports");
  const { contradicted, logs } = transaction(bench, address);
  assert.equal([contradicted.vehicle?.upheld, contradicted.vehicle?.voided], [[held.id], [lie.id]]);
  assert.equal(logs.vehicle.head, held.id);
  await bench.ledger.receive(lie.bytes);
  await evidence.settled;
  assert.is(pieces(bench).length, 1, "once");
});

test("a block with the lie pushes out what the station holds; it takes the lie away and brings back its own", async () => {
  const { bench, forge, evidence } = await watching(STATION);
  const { address, reports } = await twoReports(bench, forge);
  const [held, lie] = reports;
  assert.ok((await bench.ledger.receive(held.bytes)).ok);
  const waiting = bench.chain.mempool.facts().filter(({ key }) => key !== held.key);
  const sealed = forge.block(bench.chain, [...waiting, lie], SECOND, { laterSeconds: 60 });
  assert.ok((await bench.ledger.receiveBlock(sealed)).ok);
  await evidence.settled;
  const { contradicted, logs } = transaction(bench, address);
  assert.equal([logs.vehicle.head, contradicted.vehicle?.voided], [held.id, [lie.id]]);
  assert.ok(bench.chain.mempool.get(held.key) !== undefined, "it waits for a block again");
  seal(bench, forge, SECOND);
  assert.equal(bench.chain.head.state.transactions.get(toHex(address))?.logs.vehicle.head, held.id);
});

test("a charge that has ended on a branch is left with it: what the station heard before holds against what comes then", async () => {
  const { bench, forge, evidence } = await watching(STATION);
  const { address } = await open(bench, forge);
  const told = bench.chain.mempool.facts();
  const previous = openId(bench, address);
  const [own, theirs] = ([STATION, VEHICLE] as const).map((by) =>
    forge.report(by, { address, role: by === STATION ? "station" : "vehicle", previous }),
  );
  assert.ok(own && theirs);
  const last = (by: Identity, milliWh: number): Fact => {
    const [role, start, head] =
      by === STATION ? (["station", 5000, own.id] as const) : (["vehicle", 7000, theirs.id] as const);
    return forge.complete(by, { address, role, head, reports: 1, finalMilliWh: start + milliWh });
  };
  const [done, held, lie] = [last(STATION, 10_000_000), last(VEHICLE, 9_850_000), last(VEHICLE, 2_000_000)];
  for (const fact of [own, theirs, done, held]) assert.ok((await bench.ledger.receive(fact.bytes)).ok);
  const ended = forge.block(bench.chain, bench.chain.mempool.facts(), STATION);
  assert.ok((await bench.ledger.receiveBlock(ended)).ok);
  assert.is(transaction(bench, address).state, "SETTLED");
  // The other branch has another last word of the vehicle, and becomes the better one.
  const other = forge.block(bench.chain, [...told, theirs, lie], SECOND, { on: toHex(bench.chain.genesis.id) });
  assert.ok((await bench.ledger.receiveBlock(other)).ok);
  const further = forge.block(bench.chain, [], THIRD, { on: other.key });
  assert.ok((await bench.ledger.receiveBlock(further)).ok);
  assert.is(bench.chain.head.serial, 2);
  await evidence.settled;
  const { contradicted } = transaction(bench, address);
  assert.equal([contradicted.vehicle?.upheld, contradicted.vehicle?.voided], [[held.id], [lie.id]]);
  seal(bench, forge, SECOND);
  const { state, result } = bench.chain.head.state.transactions.get(toHex(address)) ?? {};
  assert.equal([state, result?.billedMilliWh], ["SETTLED", 10_000_000], "as if the other word had never been said");
});

test("whoever is no party of the charge shows it too, and decides nothing", async () => {
  const { bench, forge, evidence } = await watching(THIRD);
  const { address, reports } = await twoReports(bench, forge);
  for (const report of reports) await bench.ledger.receive(report.bytes);
  await evidence.settled;
  assert.is(pieces(bench).length, 1);
  assert.equal(transaction(bench, address).contradicted.vehicle, { upheld: [], voided: [] });
});

test("a forged contradiction is not shown", async () => {
  const { bench, forge, evidence } = await watching(STATION);
  const { address, reports } = await twoReports(bench, forge);
  await bench.ledger.receive(reports[0].bytes);
  const forged = forge.report(SECOND, { address, role: "vehicle", previous: openId(bench, address), atMs: 5 });
  await bench.ledger.receive(forged.bytes);
  await evidence.settled;
  assert.equal(pieces(bench), []);
});

test("two votes are shown as they were found, and energy into one car at two stations is", async () => {
  const { bench, forge, evidence } = await watching(THIRD);
  const { network } = bench.chain.context;
  const vote = (id: number) => {
    const at = (serial: number) => ({ serial, id: new Uint8Array(32).fill(id) });
    return signVote(
      { crypto, network },
      { epoch: 0, source: at(0), target: at(4), member: STATION.did },
      STATION.signer,
    );
  };
  evidence.showVotes(vote(1), vote(2));
  await bench.ledger.receive(forge.join(VEHICLE).bytes);
  const first = forge.open({ startedAt: STARTED_AT + 500 });
  const second = forge.open({ startedAt: STARTED_AT + 530 }, [VEHICLE, SECOND]);
  for (const { fact, address } of [first, second]) {
    assert.ok((await bench.ledger.receive(fact.bytes)).ok);
    const report = { address, role: "vehicle", previous: fact.id, registerMilliWh: [7000, 100, 100] } as const;
    assert.ok((await bench.ledger.receive(forge.report(VEHICLE, report).bytes)).ok);
  }
  await evidence.settled;
  assert.equal(
    pieces(bench)
      .map(({ body }) => body.kind)
      .sort(),
    ["places", "votes"],
  );
  assert.ok(bench.told.some((line) => line.startsWith('misconductShown {"kind":5')));
});

test("nobody shows what he has done himself", async () => {
  const { bench, evidence } = await watching(STATION);
  const { network } = bench.chain.context;
  const body = { epoch: 0, source: { serial: 0, id: new Uint8Array(32) }, member: STATION.did };
  const votes = [4, 8].map((fill) =>
    signVote(
      { crypto, network },
      { ...body, target: { serial: 4, id: new Uint8Array(32).fill(fill) } },
      STATION.signer,
    ),
  );
  const [one, other] = votes;
  assert.ok(one && other && encodeShown("VOTE", one.bytes).length > 0);
  evidence.showVotes(one, other);
  await evidence.stop();
  assert.equal(pieces(bench), []);
});

test.run();

async function watching(who: Identity): Promise<{ bench: LedgerBench; forge: Forge; evidence: EvidenceService }> {
  const genesis = regionOf([STATION, SECOND, THIRD]);
  const bench = await ledgerBench(genesis, who);
  const { ledger, clock } = bench;
  const emit = (name: string, event: unknown): void => void bench.told.push(`${name} ${JSON.stringify(event)}`);
  const evidence = new EvidenceService({ ledger, clock, signer: who.signer, did: who.did, emit });
  evidence.start();
  return { bench, forge: new Forge(genesis), evidence };
}

async function open(bench: LedgerBench, forge: Forge): Promise<{ readonly address: Uint8Array }> {
  const { fact, address } = forge.open({ startedAt: STARTED_AT + 600 });
  for (const each of [forge.join(VEHICLE), fact]) assert.ok((await bench.ledger.receive(each.bytes)).ok);
  return { address };
}

async function twoReports(
  bench: LedgerBench,
  forge: Forge,
): Promise<{ address: Uint8Array; reports: readonly [Fact, Fact] }> {
  const { address } = await open(bench, forge);
  const said = { address, role: "vehicle", previous: openId(bench, address), registerMilliWh: [7000] } as const;
  return { address, reports: [forge.report(VEHICLE, said), forge.report(VEHICLE, { ...said, atMs: 9 })] };
}

function openId(bench: LedgerBench, address: Uint8Array): Uint8Array {
  return transaction(bench, address).openId;
}

function transaction(bench: LedgerBench, address: Uint8Array) {
  const found = bench.chain.pending.transactions.get(toHex(address));
  if (found === undefined) throw new Error("bug of the test: no such charge");
  return found;
}

function pieces({ chain }: LedgerBench): readonly EvidenceFact[] {
  return chain.mempool.facts().filter((fact): fact is EvidenceFact => fact.kind === "EVIDENCE");
}

function seal(bench: LedgerBench, forge: Forge, by: Identity): void {
  const block = forge.block(bench.chain, bench.chain.mempool.facts(), by, { laterSeconds: 120 });
  const added = bench.chain.addBlock(block, undefined);
  assert.ok(added.ok, JSON.stringify(added));
}
