/**
 * A start from a snapshot on flash: the same chain as from the whole journal, whatever has happened to the snapshot.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { fromHex, toHex } from "#base/bytes.ts";
import type { Chain } from "#core/ledger/chain.ts";
import { stateRoot } from "#core/ledger/state-root.ts";
import { FlashCard, type FlashSnapshot } from "#hal/mock/flash.ts";
import { sha256 } from "#test/builders/ledger-actors.ts";
import type { LedgerBuilder } from "#test/builders/ledger-builder.ts";
import {
  BLOCKS_TO_SNAPSHOT,
  extendRegion,
  longRegion,
  runStore,
  SNAPSHOT_BLOCKS,
} from "#test/builders/stored-region.ts";

const BLOCKS = BLOCKS_TO_SNAPSHOT + 40;
const builder = longRegion(BLOCKS);
const stored = await storedChain(builder, BLOCKS);

const test = suite("snapshot of the state");

test("a start from a snapshot has the chain that a start from the whole journal has", async () => {
  const [started, whole] = [await startOn(stored), await startOn(withoutSnapshots(stored))];
  assert.is(whole.startedFrom, 0);
  assert.ok(started.startedFrom >= 3 * SNAPSHOT_BLOCKS, `started from block ${started.startedFrom}`);
  sameChain(started.chain, whole.chain);
  sameChain(started.chain, builder.chain);
});

test("old blocks say the same as ever, by serial and by id", async () => {
  const { chain } = await startOn(stored);
  for (const serial of [1, 2, 7, 41, 90]) {
    const expected = builder.chain.at(serial);
    const found = chain.at(serial);
    assert.is(toHex(found?.id ?? new Uint8Array()), toHex(expected?.id ?? new Uint8Array(1)));
    assert.equal(found?.results, expected?.results);
    assert.equal(found?.block?.headerBytes, expected?.block?.headerBytes);
    assert.equal(
      found?.block?.facts.map(({ key }) => key),
      expected?.block?.facts.map(({ key }) => key),
    );
    assert.is(found?.score, expected?.score);
    assert.ok(found !== undefined && chain.isOfHead(found));
    assert.is(chain.link(toHex(found.id))?.serial, serial);
  }
  assert.is(toHex(stateRoot(sha256, stateAt(chain, 6))), toHex(stateRoot(sha256, stateAt(builder.chain, 6))));
});

test("the chain goes on behind the snapshot as behind the whole journal", async () => {
  const card = new FlashCard();
  card.restore(stored);
  const running = await runStore(card, builder);
  const longer = longRegion(BLOCKS);
  extendRegion(longer, 70);
  for (let serial = BLOCKS + 1; serial <= BLOCKS + 70; serial += 1) {
    const block = longer.chain.at(serial)?.block;
    if (block !== undefined) await running.take(block);
  }
  sameChain(running.store.chain, longer.chain);
  await running.close();
  const again = await startOn(card.snapshot());
  assert.ok(again.startedFrom > BLOCKS - 40, `started from block ${again.startedFrom}`);
  sameChain(again.chain, longer.chain);
});

test("a branch that begins before the snapshot is followed when it becomes the better one", async () => {
  const card = new FlashCard();
  card.restore(stored);
  const running = await runStore(card, builder);
  const other = longRegion(40);
  for (let serial = 1; serial <= 40; serial += 1) {
    assert.is(other.chain.idAt(serial), builder.chain.idAt(serial), "the two have begun alike");
  }
  for (let count = 0; count < BLOCKS; count += 1) other.seal();
  for (let serial = 41; serial <= 40 + BLOCKS; serial += 1) {
    const block = other.chain.at(serial)?.block;
    if (block !== undefined) await running.take(block);
  }
  assert.is(toHex(running.store.chain.head.id), toHex(other.chain.head.id));
  for (const serial of [3, 39, 40, 41, 90]) {
    assert.is(running.store.chain.idAt(serial), other.chain.idAt(serial));
  }
  await running.close();
});

test("a block beside the head's chain that was stored before the snapshot is there for those that build on it later", async () => {
  const card = new FlashCard();
  // The next block of the one has facts, that of the other none: there they part.
  const fork = BLOCKS - ((BLOCKS - 1) % 5);
  const other = longRegion(fork);
  const main = longRegion(fork + 2 + SNAPSHOT_BLOCKS);
  while (other.chain.head.serial < main.chain.head.serial + 2) other.seal();
  const running = await runStore(card, main);
  const take = async (from: LedgerBuilder, first: number, last: number): Promise<void> => {
    for (let serial = first; serial <= last; serial += 1) {
      const block = from.chain.at(serial)?.block;
      if (block !== undefined) await running.take(block);
    }
  };
  await take(main, 1, fork + 2);
  await running.settled();
  await take(other, fork + 1, fork + 1);
  assert.is(running.store.chain.idAt(fork + 1), main.chain.idAt(fork + 1), "as yet it is beside it");
  await take(main, fork + 3, main.chain.head.serial);
  await running.settled();
  await take(other, fork + 2, other.chain.head.serial);
  await running.settled();
  assert.equal(running.store.chain.head.id, other.chain.head.id);
  await running.close();
  const [started, whole] = [await startOn(card.snapshot()), await startOn(withoutSnapshots(card.snapshot()))];
  assert.ok(started.startedFrom > 0 && started.startedFrom <= fork, `started from block ${started.startedFrom}`);
  assert.equal(started.chain.head.id, other.chain.head.id);
  sameChain(started.chain, whole.chain);
});

test("facts that waited, and those that came after the snapshot, wait after the start", async () => {
  const card = new FlashCard();
  card.restore(stored);
  const running = await runStore(card, builder);
  const charge = builder.charge(undefined, { salt: new Uint8Array(16).fill(0xee), startedAt: builder.state.sealedAt });
  for (const fact of charge.whole({ milliWh: 5_000_000 }).slice(0, 3)) await running.hear(fact);
  const waiting = running.store.chain.mempool.facts().map(({ key }) => key);
  await running.close();
  const again = await startOn(card.snapshot());
  assert.equal(
    again.chain.mempool
      .facts()
      .map(({ key }) => key)
      .sort(),
    [...waiting].sort(),
  );
});

for (const [name, step] of [
  ["state-0", 997],
  ["state-1", 997],
  ["index-00000000", 211],
] as const) {
  test(`whatever byte of ${name} has rotted, the chain is the same`, async () => {
    const size = stored.get(name)?.length ?? 0;
    const used = stored.get(name)?.findLastIndex((byte) => byte !== 0) ?? 0;
    if (size === 0) return;
    for (let offset = 3; offset < used; offset += Math.max(step, Math.floor(used / 12))) {
      const card = new FlashCard();
      card.restore(stored);
      card.rot(name, offset, 0x10);
      const { chain } = await startOn(card.snapshot());
      assert.is(toHex(chain.head.id), toHex(builder.chain.head.id), `byte ${offset}`);
      for (const serial of [1, 30, 60]) assert.equal(chain.at(serial)?.results, builder.chain.at(serial)?.results);
    }
  });
}

test("a snapshot of another state is not taken, although each of its checks is right", async () => {
  // The same region, in which the charges went otherwise from some block on.
  const other = longRegion(BLOCKS - 50);
  for (let count = 0; count < 50; count += 1) other.seal();
  const foreign = await storedChain(other, BLOCKS);
  const state = foreign.get("state-0");
  assert.ok(state);
  const { chain, startedFrom } = await startOn(new Map([...withoutSnapshots(stored), ["state-0", state]]));
  assert.is(startedFrom, 0);
  sameChain(chain, builder.chain);
});

test("the power may be cut at any write: what was acknowledged is there, and the next start goes on", async () => {
  const end = BLOCKS_TO_SNAPSHOT + 6;
  const base = await storedChain(builder, BLOCKS_TO_SNAPSHOT - 4);
  for (let cut = 1; cut <= 40; cut += 3) {
    const card = new FlashCard({ seed: cut });
    card.restore(base);
    const running = await runStore(card, builder);
    let acknowledged = BLOCKS_TO_SNAPSHOT - 4;
    const happened = card.cutPowerAt(cut);
    const working = (async (): Promise<void> => {
      for (let serial = acknowledged + 1; serial <= end; serial += 1) {
        const block = builder.chain.at(serial)?.block;
        if (block !== undefined) await running.take(block);
        acknowledged = serial;
      }
    })();
    await Promise.race([happened, working.then(() => settle())]);
    card.cutPower();
    const again = await runStore(card, builder);
    const { head } = again.store.chain;
    assert.ok(head.serial >= acknowledged, `cut ${cut}: ${head.serial} of ${acknowledged}`);
    assert.is(toHex(head.id), builder.chain.idAt(head.serial));
    for (let serial = head.serial + 1; serial <= BLOCKS; serial += 1) {
      const block = builder.chain.at(serial)?.block;
      if (block !== undefined) await again.take(block);
    }
    await again.close();
    const { chain } = await startOn(card.snapshot());
    sameChain(chain, builder.chain);
  }
});

test.run();

async function settle(): Promise<void> {
  for (let turn = 0; turn < 200; turn += 1) await Promise.resolve();
}

async function storedChain(of: LedgerBuilder, blocks: number): Promise<FlashSnapshot> {
  const card = new FlashCard();
  const running = await runStore(card, of);
  for (let serial = 1; serial <= blocks; serial += 1) {
    const block = of.chain.at(serial)?.block;
    if (block !== undefined) await running.take(block);
  }
  await running.close();
  return card.snapshot();
}

async function startOn(snapshot: FlashSnapshot): Promise<{ readonly chain: Chain; readonly startedFrom: number }> {
  const card = new FlashCard();
  card.restore(snapshot);
  const { store } = await runStore(card, builder);
  return { chain: store.chain, startedFrom: store.startedFrom };
}

function withoutSnapshots(snapshot: FlashSnapshot): FlashSnapshot {
  return new Map([...snapshot].filter(([name]) => !name.startsWith("state-")));
}

function sameChain(found: Chain, expected: Chain): void {
  assert.is(toHex(found.head.id), toHex(expected.head.id));
  assert.is(found.head.score, expected.head.score);
  const [state, wanted] = [found.head.state, expected.head.state];
  assert.is(toHex(stateRoot(sha256, state)), toHex(stateRoot(sha256, wanted)));
  assert.equal(state.transactions.entries(), wanted.transactions.entries());
  assert.equal(state.counterparties.entries(), wanted.counterparties.entries());
  assert.equal([...state.unsettled].sort(), [...wanted.unsettled].sort());
  assert.equal(found.mempool.facts(), expected.mempool.facts());
  for (let serial = 0; serial <= expected.head.serial; serial += 1) {
    assert.is(found.idAt(serial), expected.idAt(serial));
  }
  assert.ok(fromHex(found.idAt(1) ?? "") !== undefined);
}

function stateAt(chain: Chain, serial: number): Chain["head"]["state"] {
  const link = chain.at(serial);
  if (link === undefined) throw new Error("bug of the test: no such block");
  return link.state;
}
