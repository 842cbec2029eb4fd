/** A state is fetched from others piece by piece: it is the one that everybody has who executed every block, or none. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { Chain } from "#core/ledger/chain.ts";
import { blockRecordOf, factRecord } from "#core/ledger/journal-record.ts";
import { recordKeys } from "#core/ledger/record-keys.ts";
import { SnapshotFetch, type FetchedSnapshot } from "#core/ledger/snapshot-fetch.ts";
import { SnapshotServer } from "#core/ledger/snapshot-server.ts";
import { stateRoot } from "#core/ledger/state-root.ts";
import { trustOfGenesis } from "#core/ledger/trusted-committee.ts";
import { makeReceipt, verifyReceipt } from "#records/receipt.ts";
import { crypto, sha256 } from "#test/builders/ledger-actors.ts";
import { EVERY, fetchFor, fetchFrom, offeredState } from "#test/builders/offered-state.ts";

const BLOCKS = 70;
const { builder, points, server } = offeredState(BLOCKS);
const offered = points.newest?.checkpoint.serial ?? 0;

const test = suite("fetching a state");

test("the state of a joining gateway is the one of who executed every block", () => {
  assert.ok(offered >= EVERY, `block ${offered} is offered`);
  assert.ok(builder.chain.handoffs.epoch >= 2, `${builder.chain.handoffs.epoch} handoffs`);
  const { before, after, block, ids } = fetched(fetchFor(newChain()));
  const [wantedBefore, wanted] = [builder.chain.at(offered - 1)?.state, builder.chain.at(offered)?.state];
  if (wantedBefore === undefined || wanted === undefined) throw new Error("bug of the test");
  assert.is(toHex(stateRoot(sha256, before)), toHex(stateRoot(sha256, wantedBefore)));
  assert.is(toHex(stateRoot(sha256, after)), toHex(stateRoot(sha256, wanted)));
  assert.is(block.key, builder.chain.idAt(offered));
  assert.equal(after.transactions.entries(), wanted.transactions.entries());
  assert.equal(after.counterparties.entries(), wanted.counterparties.entries());
  assert.equal(after.members.entries(), wanted.members.entries());
  assert.equal([...after.unsettled].sort(), [...wanted.unsettled].sort());
  assert.equal(after.finality, wanted.finality);
  for (let serial = 0; serial < offered; serial += 1) assert.is(ids.at(serial), builder.chain.idAt(serial));
});

test("a chain that goes on from it has the head of all others", () => {
  const chain = newChain();
  const { block, after, ids, handoffs, facts } = fetched(fetchFor(chain));
  chain.restart({ block, state: after, score: 0, ids }, []);
  chain.handoffs.begin(handoffs);
  assert.ok(facts.length > 0, "the reports of open charges came with it");
  for (let serial = offered + 1; serial <= BLOCKS; serial += 1) {
    const next = builder.chain.at(serial)?.block;
    if (next === undefined) throw new Error("bug of the test");
    const added = chain.addBlock(next, undefined);
    assert.ok(added.ok, JSON.stringify(added));
  }
  const { head } = chain;
  assert.is(toHex(head.id), toHex(builder.chain.head.id));
  assert.is(toHex(stateRoot(sha256, head.state)), toHex(stateRoot(sha256, builder.chain.head.state)));
  assert.equal(head.state.transactions.entries(), builder.state.transactions.entries());
  assert.ok(chain.final.serial > offered);
});

test("a receipt of a charge from after it holds, by the JOINs that came with it", () => {
  const archive = new Map<string, Uint8Array>();
  const { context } = builder.chain;
  const store = (record: Uint8Array): void => {
    for (const key of recordKeys(context, record)) archive.set(key, record);
  };
  const read = (key: string): Uint8Array | undefined => archive.get(key);
  const stored = { note: () => undefined, has: (key: string) => archive.has(key), read, hasRotten: () => false };
  const chain = new Chain(crypto, builder.genesis, undefined, { archive: stored });
  const { block, after, ids, handoffs, facts } = fetched(fetchFor(chain), everything());
  for (const fact of [...facts, ...block.facts]) store(factRecord(fact));
  store(blockRecordOf(block));
  chain.restart({ block, state: after, score: 0, ids }, []);
  chain.handoffs.begin(handoffs);
  for (let serial = offered + 1; serial <= BLOCKS; serial += 1) {
    const next = builder.chain.at(serial)?.block;
    if (next === undefined) throw new Error("bug of the test");
    for (const fact of next.facts) store(factRecord(fact));
    store(blockRecordOf(next));
    chain.addBlock(next, undefined);
  }
  const addresses = Array.from({ length: BLOCKS - offered }, (_, place) => chain.at(offered + 1 + place)).flatMap(
    (link) => (link?.block?.facts ?? []).flatMap((fact) => (fact.kind === "COMPLETE" ? [fact.body.address] : [])),
  );
  const receipts = addresses.flatMap((address) => makeReceipt(chain, address) ?? []);
  assert.ok(receipts.length > 0, "some have ended since");
  for (const receipt of receipts) {
    const verified = verifyReceipt(crypto, receipt);
    assert.ok(verified.ok, JSON.stringify(verified));
    assert.is.not(verified.value.finality.kind, "not shown");
  }
});

test("a chain on which one's own final block is not is refused for good", () => {
  const { genesis, context } = builder.chain;
  const final = { serial: 8, id: new Uint8Array(32).fill(7) };
  const fetch = new SnapshotFetch({ context, genesis, trust: trustOfGenesis({ crypto, genesis }), final });
  assert.is(fetchFrom(fetch, server), undefined);
  const finished = fetch.finish();
  assert.equal(!finished.ok && finished.fault, { code: "SNAPSHOT_CONTRADICTS_FINAL", serial: 8 });
});

test("votes of nobody, of another committee, and for another block prove nothing", () => {
  const word = server.answer({ ...ANY, kind: "way", from: 0 });
  const { last } = word;
  if (last === undefined) throw new Error("bug of the test");
  for (const lie of [
    { ...word, items: [] },
    { ...word, items: word.items.slice(1) },
    { ...word, items: [...word.items].reverse() },
    { ...word, checkpoint: [offered, new Uint8Array(32).fill(1)] as const },
    { ...word, checkpoint: [offered + 4, word.checkpoint?.[1] ?? last] as const },
    { ...word, last: last.slice(0, -1) },
  ]) {
    const fault = fetchFrom(fetchFor(newChain()), server, (reply) => ({ ...lie, nonce: reply.nonce }));
    assert.match(fault?.code ?? "taken", /^FINALITY_/);
  }
});

test("what is said to be huge is refused before it is gathered", () => {
  const fault = fetchFrom(fetchFor(newChain()), server, (reply, { kind }) => {
    return kind === "part" ? { ...reply, total: 1e12 } : reply;
  });
  assert.equal(fault, { code: "SNAPSHOT_WRONG_PIECE", part: "block", bytes: 1e12 });
});

test("a report whose signature was changed is not used, and its sender is named", () => {
  const fetch = fetchFor(newChain());
  const isSpoilt = { yet: false };
  const spoilt = fetchFrom(fetch, server, (reply, { kind }) => {
    const [first, ...rest] = reply.items;
    if (kind !== "records" || first === undefined || isSpoilt.yet) return reply;
    isSpoilt.yet = true;
    return {
      ...reply,
      items: [Uint8Array.from(first, (byte, at) => (at === first.length - 1 ? byte ^ 1 : byte)), ...rest],
    };
  });
  assert.is(spoilt, undefined, "its id is right");
  const finished = fetch.finish();
  assert.equal(!finished.ok && finished.fault, { code: "SNAPSHOT_UNSIGNED", liars: ["peer"] });
  fetched(fetch);
});

test("every other piece that was changed is refused when it comes", () => {
  for (const [kind, codes] of [
    ["part", /^SNAPSHOT_WRONG_HEAD$/],
    ["ids", /^SNAPSHOT_WRONG_IDS$/],
    ["entries", /^SNAPSHOT_WRONG_PART$/],
    ["records", /^SNAPSHOT_WRONG_RECORD$/],
  ] as const) {
    const fetch = fetchFor(newChain());
    const fault = fetchFrom(fetch, server, (reply, want) => {
      const [first, ...rest] = reply.items;
      if (want.kind !== kind || first === undefined) return reply;
      return { ...reply, items: [Uint8Array.from(first, (byte, at) => (at === 40 ? byte ^ 1 : byte)), ...rest] };
    });
    assert.match(fault?.code ?? "taken", codes, kind);
    fetched(fetch);
  }
});

test.run();

const ANY = { token: "", nonce: new Uint8Array(16), checkpoint: new Uint8Array(32), from: 0, wanted: [] } as const;

/** Answers with JOINs, too, as who has the facts of all blocks by did does. */
function everything(): SnapshotServer {
  const joins = new Map<string, Uint8Array>();
  for (let serial = 1; serial <= BLOCKS; serial += 1) {
    for (const fact of builder.chain.at(serial)?.block?.facts ?? []) {
      for (const key of recordKeys(builder.chain.context, factRecord(fact))) joins.set(key, fact.bytes);
    }
  }
  return new SnapshotServer({ chain: builder.chain, points, factBytes: (key) => joins.get(key) });
}

function newChain(): Chain {
  return new Chain(crypto, builder.genesis);
}

function fetched(fetch: SnapshotFetch, from: SnapshotServer = server): FetchedSnapshot {
  const fault = fetchFrom(fetch, from);
  assert.is(fault, undefined, JSON.stringify(fault));
  const finished = fetch.finish();
  if (!finished.ok) throw new Error(JSON.stringify(finished.fault));
  return finished.value;
}
