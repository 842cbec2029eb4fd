/**
 * Old blocks are dropped from flash: what a gateway has traded itself outlives them, a start finds its way without them,
 * and the power may be cut at any write.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { Chain } from "#core/ledger/chain.ts";
import { hasBeginning, horizonOf } from "#core/ledger/stored-blocks.ts";
import { FlashCard, type FlashSnapshot } from "#hal/mock/flash.ts";
import { evidenceIn, makeEvidenceFile, verifyEvidenceFile } from "#records/evidence-file.ts";
import { makeReceipt } from "#records/receipt.ts";
import { readAnnouncement } from "#services/read-announcement.ts";
import { answerSync } from "#services/answer-sync.ts";
import { linkAt } from "#test/builders/committee-votes.ts";
import { crypto } from "#test/builders/ledger-actors.ts";
import { fetchFor, fetchFrom } from "#test/builders/offered-state.ts";
import {
  BLOCKS,
  builder,
  holdsReceipt,
  KEEP,
  KEEP_DAYS,
  region,
  sameChain,
  shown,
  startOn,
  storedUpTo,
  takeFrom,
  verifyCard,
} from "#test/builders/aged-store.ts";
import { runStore } from "#test/builders/stored-region.ts";
import { blockAnnouncement } from "#core/mesh/sync-messages.ts";
import { encodeShape } from "#core/wire/schema.ts";
import { SnapshotServer } from "#core/ledger/snapshot-server.ts";

const DAY_SECONDS = 86_400;

const stored = await storedUpTo(BLOCKS, KEEP);

const test = suite("retention of the ledger");

test("what is older is gone from flash, and nothing that is younger", async () => {
  const { chain } = (await startOn(stored, KEEP)).store;
  const horizon = horizonOf(chain);
  assert.ok(horizon > 60, `kept from block ${horizon}`);
  assert.not(hasBeginning(chain));
  const oldest = chain.at(horizon)?.sealedAt ?? 0;
  assert.ok(oldest <= chain.head.sealedAt - KEEP_DAYS * DAY_SECONDS, "as many days as wanted");
  for (let serial = horizon; serial <= BLOCKS; serial += 1) {
    assert.equal(chain.at(serial)?.block?.facts.length, builder.chain.at(serial)?.block?.facts.length);
  }
  const all = await storedUpTo(BLOCKS, {});
  assert.ok(logBytes(stored) < logBytes(all) / 2, `${logBytes(stored)} of ${logBytes(all)} bytes`);
  const [old] = region.others;
  assert.ok(old !== undefined && !holdsBytes(stored, old.open.bytes), "no contract of others");
  assert.ok(holdsBytes(all, old.open.bytes));
});

test("the log stays as long as what is wanted, however much comes", async () => {
  const earlier = logBytes(await storedUpTo(110, KEEP), /^(segment|index)-/);
  const later = logBytes(stored, /^(segment|index)-/);
  // A snapshot each 24 blocks is when it looks.
  assert.ok(later < 1.4 * earlier, `${later} after ${earlier} bytes`);
});

test("a block that somebody announces on a dropped one is refused before anything is computed", async () => {
  const { chain } = (await startOn(stored, KEEP)).store;
  const [own] = region.own;
  const parent = linkAt(builder, chain.sealingOf(toHex(own?.address ?? new Uint8Array()))?.serial ?? 0);
  assert.ok(chain.has(toHex(parent.id)) && parent.serial < horizonOf(chain), "of that one some is kept");
  const block = builder.make({ parent, facts: [], certificates: [], at: parent.sealedAt + 1234 });
  const shape = { header: block.headerBytes, shortIds: new Uint8Array(), certificates: [] };
  const read = readAnnouncement(chain, encodeShape(blockAnnouncement, shape));
  assert.equal(read.ok ? undefined : read.fault.code, "CHAIN_CONTRADICTS_FINAL");
});

test("the chain is the one that has all blocks", async () => {
  sameChain((await startOn(stored, KEEP)).store.chain, builder.chain);
});

test("receipts of own charges hold for ever, and say that they are final", async () => {
  for (const { chain } of [(await startOn(stored, KEEP)).store, builderStore()]) {
    for (const charge of region.own.slice(0, -1)) holdsReceipt(chain, charge);
  }
  const { chain } = (await startOn(stored, KEEP)).store;
  const [old] = region.others;
  assert.is(old && makeReceipt(chain, old.address), undefined, "none of others' old charges");
});

test("evidence outlives the charge that it is about, and its file still proves itself", async () => {
  const { chain } = (await startOn(stored, KEEP)).store;
  const [piece] = evidenceIn(chain);
  assert.ok(piece, "it stands in a block that is kept for it");
  const read = verifyEvidenceFile(crypto, makeEvidenceFile(chain, piece));
  assert.ok(read.ok, JSON.stringify(read));
  assert.is(toHex(read.value.offender), toHex(shown.parties.vehicle.did));
  assert.not(makeReceipt(chain, shown.address), "of the charge itself there is no more than its contract");
});

test("with everything kept nothing is dropped, and where nobody votes neither", async () => {
  const { chain } = (await startOn(await storedUpTo(BLOCKS, {}), {})).store;
  assert.ok(hasBeginning(chain));
  assert.is(horizonOf(chain), 1);
});

test("a start finds its way with either snapshot, and without both says what is missing", async () => {
  const states = [...stored.keys()].filter((name) => name.startsWith("state-"));
  assert.is(states.length, 2);
  for (const name of states) {
    const { chain } = (await startOn(without(stored, name), KEEP)).store;
    sameChain(chain, builder.chain);
    for (const charge of region.own.slice(0, -1)) holdsReceipt(chain, charge);
  }
  await refused(without(stored, ...states), "STORE_DAMAGED");
});

test("whatever is damaged of what is kept is told by a start and by verify, and nothing else is lost by it", async () => {
  const [own] = region.own;
  assert.ok(own !== undefined);
  const [name = "", bytes = new Uint8Array()] =
    [...stored].find(([each, content]) => each.startsWith("kept-segment-") && placeOf(content, own) >= 0) ?? [];
  const card = new FlashCard();
  card.restore(stored);
  card.rot(name, placeOf(bytes, own) + 20, 0x10);
  const found = await verifyCard(card.snapshot());
  assert.not(found.ok);
  assert.match(JSON.stringify("problems" in found ? found.problems : []), /RECORD_DAMAGED.*kept-segment-/);
  const sound = await startOn(stored, KEEP);
  const running = await startOn(card.snapshot(), KEEP);
  sameChain(running.store.chain, builder.chain);
  const lost = region.own.filter(({ address }) => makeReceipt(running.store.chain, address) === undefined);
  const lostBefore = region.own.filter(({ address }) => makeReceipt(sound.store.chain, address) === undefined);
  assert.equal(lost, [own, ...lostBefore]);
  await sound.close();
  await running.close();
  const all = [...stored.keys()].filter((each) => each.startsWith("kept-"));
  assert.not((await verifyCard(without(stored, ...all))).ok, "nothing says that segments may be missing");
  const [first = ""] = [...stored.keys()].filter((each) => each.startsWith("segment-")).sort();
  assert.not((await verifyCard(without(stored, first))).ok, "a segment that was not dropped");
  const marked = all.filter((each) => each.startsWith("kept-segment-")).at(-2) ?? "";
  const lacking = await startOn(without(stored, marked, marked.replace("segment", "index")), KEEP);
  sameChain(lacking.store.chain, builder.chain);
  await lacking.close();
});

test("verify says of a store with dropped blocks that it holds, and from where on", async () => {
  const found = await verifyCard(stored);
  assert.ok(found.ok, JSON.stringify(found));
  const notes = "notes" in found ? found.notes.join("\n") : "";
  assert.match(notes, /has dropped old blocks/);
  assert.match(notes, /kept from block \d+, 2026-\d\d-\d\d/);
  if ("chain" in found) for (const charge of region.own.slice(0, -1)) holdsReceipt(found.chain, charge);
});

test("a segment in which something has rotted is dropped as any other, and what is whole in it is kept", async () => {
  const card = new FlashCard();
  card.restore(await storedUpTo(100, {}));
  card.rot("segment-00000001", 3000, 0x20);
  const running = await runStore(card, builder, KEEP);
  await takeFrom(running, 101, BLOCKS);
  await running.settled();
  assert.not(card.snapshot().has("segment-00000001"));
  sameChain(running.store.chain, builder.chain);
  const shown = region.own.filter(({ address }) => makeReceipt(running.store.chain, address) !== undefined);
  assert.ok(shown.length >= region.own.length - 1, `${shown.length} of ${region.own.length} receipts`);
  await running.close();
});

test("whoever asks for dropped blocks is told from where on there are some, and takes the state instead", async () => {
  const running = await startOn(stored, KEEP);
  const { chain, writer } = running.store;
  const asked = { token: "0".repeat(32), kind: "blocks", locator: [], known: new Uint8Array() } as const;
  const reply = answerSync(chain, asked);
  assert.equal([reply.blocks, reply.facts], [[], []]);
  assert.is(reply.pruned, horizonOf(chain));
  const newcomer = new Chain(crypto, builder.genesis);
  const server = new SnapshotServer({ chain, points: writer.points, factBytes: (key) => chain.factBytes(key) });
  const fetch = fetchFor(newcomer);
  assert.is(fetchFrom(fetch, server), undefined);
  const fetched = fetch.finish();
  assert.ok(fetched.ok);
  const { block, after, ids, handoffs } = fetched.value;
  newcomer.restart({ block, state: after, score: 0, ids }, []);
  newcomer.handoffs.begin(handoffs);
  for (let { serial } = newcomer.head; serial < BLOCKS; serial += 1) {
    const next = chain.at(serial + 1)?.block;
    assert.ok(next && newcomer.addBlock(next, undefined).ok);
  }
  sameChain(newcomer, builder.chain);
});

test.run();

function builderStore(): { readonly chain: Chain } {
  return { chain: builder.chain };
}

async function refused(snapshot: FlashSnapshot, code: string): Promise<void> {
  try {
    await startOn(snapshot, KEEP);
  } catch (failure) {
    assert.is(failure instanceof Error && "code" in failure ? failure.code : failure, code);
    return;
  }
  assert.unreachable("it starts");
}

function without(snapshot: FlashSnapshot, ...names: readonly string[]): FlashSnapshot {
  return new Map([...snapshot].filter(([name]) => !names.includes(name)));
}

function logBytes(snapshot: FlashSnapshot, form = /^(?!state-)/): number {
  return [...snapshot].filter(([name]) => form.test(name)).reduce((sum, [, { length }]) => sum + length, 0);
}

/** Of the contract of a charge among other bytes; -1 where it is not. */
function placeOf(bytes: Uint8Array, { open }: (typeof region.own)[number]): number {
  return Buffer.from(bytes).indexOf(open.bytes);
}

function holdsBytes(snapshot: FlashSnapshot, bytes: Uint8Array): boolean {
  return [...snapshot.values()].some((file) => Buffer.from(file).includes(Buffer.from(bytes)));
}
