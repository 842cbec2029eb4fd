/** Records that have rotted on flash: they count as not here, and are had from others, at a start and while it runs. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { partsOf, segmentName } from "#adapters/flash-store/index.ts";
import { toHex } from "#base/bytes.ts";
import { ok } from "#base/result.ts";
import { decodeBlock, encodeBlock, type Block } from "#core/ledger/block.ts";
import type { Fact } from "#core/ledger/fact.ts";
import { isHeld } from "#core/ledger/stored-blocks.ts";
import { syncRequest } from "#core/mesh/sync-messages.ts";
import { decodeShape } from "#core/wire/schema.ts";
import { FlashCard } from "#hal/mock/flash.ts";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import { makeReceipt } from "#records/receipt.ts";
import { answerSync } from "#services/answer-sync.ts";
import type { LedgerListener, LedgerService } from "#services/ledger-service.ts";
import { followWithLeft } from "#services/left-records.ts";
import { StoreScrub } from "#services/store-scrub.ts";
import {
  BLOCKS,
  builder,
  holdsReceipt,
  region,
  sameChain,
  startOn,
  storedUpTo,
  takeFrom,
  verifyCard,
} from "#test/builders/aged-store.ts";
import { runStore, type RunningStore } from "#test/builders/stored-region.ts";

const stored = await storedUpTo(BLOCKS, {});
const [charge] = region.own;

const test = suite("rotten records");

/** Without snapshots a start reads the whole log. */
const NO_SNAPSHOT = new Map([...stored].filter(([name]) => !name.startsWith("state-")));

/** Turns a bit over in the record with the id. */
async function rot(id: string, files = stored): Promise<FlashCard> {
  const running = await startOn(files, {});
  const place = running.store.archive.find(id);
  await running.close();
  assert.ok(place !== undefined, "it is stored");
  const { segment, offset } = partsOf(place);
  const card = new FlashCard();
  card.restore(files);
  card.rot(segmentName(segment), offset + 40, 0x04);
  return card;
}

/** An old block with facts, and one of them. */
function oldBlock(): Block {
  const serial = Array.from({ length: 60 }, (_, place) => place + 5).find((each) => blockAt(each).facts.length > 2);
  return blockAt(serial ?? 0);
}

function blockAt(serial: number): Block {
  const block = builder.chain.at(serial)?.block;
  assert.ok(block !== undefined, `block ${serial}`);
  return block;
}

/** As it comes from a peer. */
function sentAgain(block: Block): Block {
  const read = decodeBlock(builder.chain.context, encodeBlock(block));
  assert.ok(read.ok);
  return read.value;
}

async function takeAgain(running: RunningStore, block: Block): Promise<void> {
  running.store.chain.believesSignatures = false;
  await running.take(sentAgain(block));
}

test("a block of which a fact has rotted counts as not here: nobody is sent a part of it", async () => {
  const block = oldBlock();
  const running = await runStore(await rot(block.facts[0]?.key ?? ""), builder);
  const { chain, archive } = running.store;
  const { serial, previous } = block.header;
  assert.ok(isHeld(chain, serial), "nobody has read it yet");
  assert.is(chain.at(serial)?.block, undefined);
  assert.not(isHeld(chain, serial));
  assert.ok(archive.hasRotten(block.facts[0]?.key ?? ""));
  const request = { token: "0".repeat(32), kind: "blocks", locator: [previous], known: new Uint8Array() } as const;
  assert.equal(answerSync(chain, request).blocks, []);
  assert.is(chain.at(serial + 1)?.block?.key, blockAt(serial + 1).key, "the next one is");
  await running.close();
});

test("what others send again is stored again, and stands at the next start", async () => {
  const block = oldBlock();
  for (const id of [block.key, ...block.facts.map(({ key }) => key)]) {
    const card = await rot(id);
    const running = await runStore(card, builder);
    const { chain, archive } = running.store;
    assert.is(chain.at(block.header.serial)?.block, undefined);
    await takeAgain(running, block);
    assert.equal(chain.at(block.header.serial)?.block?.facts.length, block.facts.length);
    assert.not(archive.hasRotten(id));
    await running.close();
    const again = await runStore(card, builder);
    assert.is(again.store.chain.at(block.header.serial)?.block?.key, block.key);
    sameChain(again.store.chain, builder.chain);
    await again.close();
    const found = await verifyCard(card.snapshot());
    const problems = found.ok ? [] : found.problems.map(({ rule }) => rule);
    assert.equal(problems, ["RECORD_DAMAGED"], "the chain itself holds");
  }
});

test("what is sent in its place is stored only if everybody has signed it who has to", async () => {
  const block = oldBlock();
  const [fact] = block.facts;
  assert.ok(fact !== undefined);
  const running = await runStore(await rot(fact.key), builder);
  const { chain } = running.store;
  assert.is(chain.at(block.header.serial)?.block, undefined);
  const [signature = new Uint8Array(), ...others] = fact.signatures;
  const changed = signature.map((byte, place) => (place === 20 ? byte ^ 1 : byte));
  const forged = { ...fact, signatures: [changed, ...others] };
  chain.believesSignatures = false;
  for (const facts of [[forged, ...block.facts.slice(1)], block.facts.slice(1), [...block.facts, fact]]) {
    await running.take({ ...sentAgain(block), facts });
    assert.is(chain.at(block.header.serial)?.block, undefined, `${facts.length} facts`);
  }
  await running.take({
    ...sentAgain(block),
    signature: block.signature.map((byte, place) => byte ^ Number(place === 9)),
  });
  assert.is(chain.at(block.header.serial)?.block, undefined, "the miner's signature");
  const certified = Array.from({ length: 60 }, (_, place) => blockAt(place + 5)).find(
    (each) => each.certificates.length > 0,
  );
  assert.ok(certified !== undefined);
  await running.close();
  const other = await runStore(await rot(certified.key), builder);
  assert.is(other.store.chain.at(certified.header.serial), undefined);
  other.store.chain.believesSignatures = false;
  const [certificate, ...rest] = certified.certificates;
  assert.ok(certificate !== undefined);
  const votes = certificate.body.signatures.map((each) => each.map((byte, place) => byte ^ Number(place === 3)));
  const unvoted = { ...certificate, body: { ...certificate.body, signatures: votes } };
  await other.take({ ...sentAgain(certified), certificates: [unvoted, ...rest] });
  assert.is(other.store.chain.at(certified.header.serial), undefined, "votes that nobody has cast");
  await takeAgain(other, certified);
  assert.is(other.store.chain.at(certified.header.serial)?.block?.key, certified.key);
  await other.close();
});

test("a receipt of a charge of which something has rotted is not shown, and is again when it has been sent", async () => {
  assert.ok(charge !== undefined);
  const { id } = charge.open;
  const said = Array.from({ length: BLOCKS }, (_, place) => blockAt(place + 1)).flatMap((block) => {
    const own = block.facts.filter((fact) => toHex(fact.id) === toHex(id) || isWordOf(fact, charge.address));
    return own.map((fact) => ({ block, fact }));
  });
  assert.ok(said.length > 3);
  for (const { block, fact } of [said[0], said[2], said.at(-1)].filter((each) => each !== undefined)) {
    const running = await runStore(await rot(fact.key), builder);
    assert.is(makeReceipt(running.store.chain, charge.address), undefined, fact.kind);
    await takeAgain(running, block);
    holdsReceipt(running.store.chain, charge);
    await running.close();
  }
});

function isWordOf({ body }: Fact, address: Uint8Array): boolean {
  return "address" in body && toHex(body.address) === toHex(address);
}

test("old blocks are looked through by and by, and what has rotted is asked for, of another peer each time", async () => {
  const block = oldBlock();
  const running = await runStore(await rot(block.facts[0]?.key ?? ""), builder);
  const { chain, archive } = running.store;
  const asked: { readonly node: string; readonly locator: readonly Uint8Array[] }[] = [];
  const clock = new SimulatedClock();
  const refused: object[] = [];
  const scrub = new StoreScrub({
    ...{
      chain,
      archive,
      clock,
      peers: () =>
        new Map([
          ["aa".repeat(32), {}],
          ["bb".repeat(32), {}],
        ]),
    },
    emit: (_, event) => void refused.push(event),
    mesh: {
      token: "0".repeat(32),
      publish: (topic, object) => {
        const request = decodeShape(syncRequest, object);
        assert.ok(request.ok && topic.kind === "query");
        asked.push({ node: topic.node, locator: request.value.locator });
      },
    },
  });
  scrub.start();
  await clock.runFor(168 * 3_600_000);
  assert.equal(refused, [{ what: "ledger store", code: "RECORD_DAMAGED", count: 1 }]);
  assert.ok(
    asked.every(
      ({ locator }) => locator.length === 1 && toHex(locator[0] ?? new Uint8Array()) === toHex(block.header.previous),
    ),
  );
  assert.equal(
    asked
      .slice(0, 2)
      .map(({ node }) => node)
      .sort(),
    ["aa".repeat(8), "bb".repeat(8)],
  );
  await takeAgain(running, block);
  const before = asked.length;
  await clock.runFor(200 * 3_600_000);
  assert.is(asked.length, before, "it is here again");
  scrub.stop();
  await running.close();
});

test("blocks that nobody else has follow when what rotted before them comes", async () => {
  const lost = blockAt(BLOCKS - 12);
  const running = await runStore(await rot(lost.key, NO_SNAPSHOT), builder);
  const { chain, archive, left } = running.store;
  assert.is(chain.head.serial, lost.header.serial - 1);
  assert.equal(left.blocks.length, 12);
  const listeners: LedgerListener[] = [];
  const receiveBlock: LedgerService["receiveBlock"] = async (block) => {
    await running.take(block);
    for (const listener of listeners) listener.onBlock(block, false);
    return ok({ added: [], abandoned: [], certificates: [], known: false });
  };
  const receiveCertificate: LedgerService["receiveCertificate"] = (certificate) => {
    chain.addCertificate(certificate);
    return Promise.resolve(ok({ added: [], abandoned: [], certificates: [], known: false }));
  };
  const listen = (listener: LedgerListener): void => void listeners.push(listener);
  followWithLeft({ ledger: { chain, listen, receiveBlock, receiveCertificate }, archive, left });
  await receiveBlock(sentAgain(lost));
  for (let turn = 0; turn < 1000 && chain.head.serial < BLOCKS; turn += 1) await new Promise(setImmediate);
  sameChain(chain, builder.chain);
  await running.close();
  const sound = await startOn(NO_SNAPSHOT, {});
  assert.is(chain.final.serial, sound.store.chain.final.serial);
  await sound.close();
});

test("wherever a bit of the log has turned over, it starts, and the others bring it back to where it was", async () => {
  const segments = [...stored.keys()].filter((name) => name.startsWith("segment-"));
  for (const name of segments) {
    const size = stored.get(name)?.findLastIndex((byte) => byte !== 0) ?? 0;
    for (let at = 7; at < size; at += 4801) {
      const card = new FlashCard();
      card.restore(NO_SNAPSHOT);
      card.rot(name, at, 0x10);
      for (let start = 0; start < 2; start += 1) {
        const running = await runStore(card, builder);
        const { chain } = running.store;
        assert.is(toHex(chain.head.id), builder.chain.idAt(chain.head.serial), `${name} ${at}`);
        await takeFrom(running, 1, BLOCKS);
        sameChain(chain, builder.chain);
        await running.settled();
        await running.close();
      }
    }
  }
});

test.run();
