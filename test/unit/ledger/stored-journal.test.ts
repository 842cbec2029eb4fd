/**
 * Reading one's own journal back with an archive: the same chain as with everything in memory, and little kept of it.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { chainTime } from "#core/ledger/chain-time.ts";
import type { Chain } from "#core/ledger/chain.ts";
import { blockRecordOf, certificateRecord, factRecord, genesisRecord, readJournal } from "#core/ledger/journal.ts";
import { contentOf, decodeBlockRecord } from "#core/ledger/journal-record.ts";
import type { Link } from "#core/ledger/link.ts";
import { StoredJournal, type JournalDepths } from "#core/ledger/stored-journal.ts";
import { answerSync } from "#services/answer-sync.ts";
import { certify, hear } from "#test/builders/committee-votes.ts";
import { LedgerBuilder, STATION, VEHICLE, VOTING_RULES } from "#test/builders/ledger-builder.ts";
import { crypto } from "#test/builders/ledger-actors.ts";
import { MemoryArchive, readStored } from "#test/builders/memory-archive.ts";

/** More than are kept whole. */
const BLOCKS = 320;

const test = suite("stored journal");

test("what is read back with an archive is the chain that is read back whole", () => {
  const { records } = longStory();
  const { chain } = readStored(records);
  const whole = readJournal(crypto, records, "stored by ourselves");
  assert.ok(whole.ok);
  const expected = whole.value.chain;
  assert.equal(chain.head.id, expected.head.id);
  assert.equal(chain.head.state.transactions.entries(), expected.head.state.transactions.entries());
  assert.equal(chain.head.state.pairs.entries(), expected.head.state.pairs.entries());
  assert.is(chain.mempool.size, expected.mempool.size);
  assert.equal([...chain.pending.unsettled], [...expected.pending.unsettled]);
  assert.is(chain.believesSignatures, false);
  assert.is(chainTime(chain.head), chainTime(expected.head));
});

test("an old block is not in memory, and says the same when it is asked for", () => {
  const { records, builder } = longStory();
  const { chain, archive } = readStored(records);
  const link = chain.at(20);
  const expected = builder.chain.at(20);
  assert.is((link as Link).hasState, false);
  const before = archive.reads;
  assert.equal(link?.block?.headerBytes, expected?.block?.headerBytes);
  assert.equal(link?.block?.results, expected?.block?.results);
  assert.equal(
    link?.block?.facts.map(({ key }) => key),
    expected?.block?.facts.map(({ key }) => key),
  );
  assert.ok(archive.reads > before);
  assert.equal(link?.results, expected?.results);
  assert.equal(link?.state.id, expected?.state.id);
  assert.equal(link?.state.transactions.entries(), expected?.state.transactions.entries());
});

test("whoever asks for the chain from its start is sent the same blocks", () => {
  const { records, builder } = longStory();
  const { chain } = readStored(records);
  const request = { token: "0".repeat(32), kind: "blocks", locator: [], known: new Uint8Array() } as const;
  assert.equal(answerSync(chain, request), answerSync(builder.chain, request));
});

test("a branch that begins at an old block is followed when it becomes the better one", () => {
  const { records, builder } = longStory();
  const { chain } = readStored(records, { blocksInMemory: 16 });
  assert.is(chain.base.serial, 0, "where nobody votes a branch may begin there");
  // Its blocks are ten minutes apart: it is as good as ours when it is as long, and better one block later.
  const fork = builder.chain.at(100);
  assert.ok(fork !== undefined);
  let parent = fork;
  for (let count = 0; count <= BLOCKS - 100; count += 1) {
    const block = builder.make({ parent, facts: [], at: parent.sealedAt + 600 });
    const theirs = builder.chain.addBlock(block, undefined);
    const ours = chain.addBlock(block, undefined);
    assert.ok(theirs.ok && ours.ok);
    assert.equal(chain.head.id, builder.chain.head.id);
    parent = builder.linkOf(block);
  }
  assert.ok(chain.isOfHead(chain.link(toHex(parent.id)) ?? chain.head));
  const keys = (of: Chain): readonly string[] =>
    of.mempool
      .facts()
      .map(({ key }) => key)
      .sort();
  assert.ok(keys(chain).length > 0);
  assert.equal(keys(chain), keys(builder.chain));
});

test("what votes have made final is so after a start, and an old block has its certificates again", () => {
  const { builder, records } = votedStory();
  const { chain, archive } = readStored(records);
  assert.equal([chain.final.serial, chain.justified.serial], [BLOCKS - 4, BLOCKS]);
  assert.equal(chain.head.state.finality, builder.state.finality);
  for (const serial of [5, 37, 61]) {
    const [link, expected] = [chain.at(serial), builder.chain.at(serial)];
    const before = archive.reads;
    assert.equal(link?.block?.certificates, expected?.block?.certificates);
    assert.ok(archive.reads > before);
    assert.equal(link?.state.finality, expected?.state.finality);
  }
  const [unheard] = [records.filter((record) => record[0] !== 0x51)].map((given) => readStored(given).chain);
  assert.is(unheard?.final.serial, BLOCKS - 8, "without the stored certificates only what stands in blocks");
});

test("of a long chain that is final only the newest blocks are in memory, and it goes on as if all were", () => {
  const { builder, records } = votedStory();
  const { chain, archive } = readStored(records, { blocksInMemory: 16 });
  assert.ok(chain.base.serial > chain.final.serial - 32 && chain.base.serial <= chain.final.serial - 16);
  assert.is(readStored(records).chain.base.serial, 0, "as a rule there are more");
  const places = (of: Chain): readonly Uint8Array[] => [of.head, of.final, of.justified].map(({ id }) => id);
  assert.equal(places(chain), places(builder.chain));
  for (const serial of [1, 61, BLOCKS - 1]) {
    const [link, expected] = [chain.at(serial), builder.chain.at(serial)];
    assert.equal(link?.block?.headerBytes, expected?.block?.headerBytes);
    assert.ok(link !== undefined && chain.has(toHex(link.id)) && chain.isOfHead(link));
  }
  assert.ok(archive.reads > 0);
  for (let count = 1; count <= 8; count += 1) {
    const added = chain.addBlock(builder.seal(), undefined);
    assert.ok(added.ok);
    if (count % 4 !== 0) continue;
    const certificate = certify(builder, [builder.chain.justified, builder.chain.head]);
    hear(builder, certificate);
    assert.ok(chain.addCertificate(certificate).ok);
  }
  assert.equal(places(chain), places(builder.chain));
  assert.is(chain.final.serial, BLOCKS + 4);
  assert.is(faultOf([...records, records[41] ?? new Uint8Array()], { blocksInMemory: 16 }), "JOURNAL_BLOCK_TWICE");
});

test("where nobody votes what no branch can begin at is not in memory, and a branch at the deepest place is followed", () => {
  const { records, builder } = longStory(2000);
  const { chain } = readStored(records, { blocksInMemory: 600, branchDepthMax: 300 });
  const deepest = chain.head.serial - 300;
  assert.ok(chain.base.serial > 0 && chain.base.serial <= deepest && chain.base.serial > deepest - 600 - 512);
  const fork = builder.chain.at(deepest + 1);
  assert.ok(fork !== undefined);
  const block = builder.make({ parent: fork, facts: [], at: fork.sealedAt + 600 });
  assert.ok(chain.addBlock(block, undefined).ok);
  assert.equal(chain.at(7)?.block?.headerBytes, builder.chain.at(7)?.block?.headerBytes);
});

test("a record that was changed, left out or repeated is found at the start", () => {
  const { records } = longStory(30);
  const fact = records.findLastIndex((record) => record[0] === 0x46);
  const block = records.findIndex((record, index) => index > fact && record[0] === 0x42);
  const changed = Uint8Array.from(records[block] ?? []);
  const read = decodeBlockRecord(contentOf(changed));
  const id = read.ok ? read.value[1].at(-1) : undefined;
  assert.ok(id);
  const place = Buffer.from(changed).indexOf(id);
  changed[place] = (changed[place] ?? 0) ^ 1;
  for (const [given, code] of [
    [records.with(block, changed), "JOURNAL_FACT_MISSING"],
    [records.toSpliced(fact, 1), "JOURNAL_FACT_MISSING"],
    [records.toSpliced(fact, 0, records[fact] ?? changed), "JOURNAL_FACT_TWICE"],
    [[...records, records[block] ?? changed], "JOURNAL_BLOCK_TWICE"],
    [records.slice(1), "JOURNAL_NO_GENESIS"],
    [[], "JOURNAL_EMPTY"],
  ] as const) {
    assert.is(faultOf(given), code);
  }
});

test.run();

/** Each fourth block is made final by the next, but for a while nobody votes. */
function votedStory(): { readonly builder: LedgerBuilder; readonly records: readonly Uint8Array[] } {
  const builder = new LedgerBuilder({ rules: VOTING_RULES });
  const records = [genesisRecord(builder.genesis)];
  for (let serial = 1; serial <= BLOCKS; serial += 1) {
    records.push(blockRecordOf(builder.seal()));
    const isAway = serial > 40 && serial < 60;
    if (serial % 4 !== 0 || isAway) continue;
    const certificate = certify(builder, [builder.chain.justified, builder.chain.head]);
    hear(builder, certificate);
    records.push(certificateRecord(certificate));
  }
  return { builder, records };
}

function longStory(blocks = BLOCKS): { readonly builder: LedgerBuilder; readonly records: readonly Uint8Array[] } {
  const builder = new LedgerBuilder();
  builder.join(STATION, VEHICLE);
  builder.seal();
  const records = [genesisRecord(builder.genesis)];
  for (let count = 1; count < blocks; count += 1) {
    // A charge now and then; the last one is left without its last word.
    if (count % 37 === 10) {
      const salt = new Uint8Array(16).fill(count % 251);
      const charge = builder.charge(undefined, { salt, startedAt: builder.state.sealedAt });
      builder.submit(...charge.whole({ milliWh: 5_000_000 }).slice(0, count > blocks - 40 ? -1 : undefined));
    }
    builder.seal();
  }
  for (let serial = 1; serial <= blocks; serial += 1) {
    const block = builder.chain.at(serial)?.block;
    if (block !== undefined) records.push(...block.facts.map(factRecord), blockRecordOf(block));
  }
  return { builder, records };
}

function faultOf(records: readonly Uint8Array[], depths?: JournalDepths): string | undefined {
  const archive = new MemoryArchive();
  archive.records.push(...records);
  const stored = new StoredJournal(crypto, archive, depths);
  for (const [place, record] of records.entries()) {
    const taken = stored.take(record, place);
    if (!taken.ok) return taken.fault.code;
  }
  const chain = stored.finish();
  return chain.ok ? undefined : chain.fault.code;
}
