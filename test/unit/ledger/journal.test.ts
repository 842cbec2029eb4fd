/** What is stored reads back as the same chain; a record that is dropped, moved, doubled or changed is named. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { concatBytes, toHex } from "#base/bytes.ts";
import type { Block } from "#core/ledger/block.ts";
import {
  blockRecordOf,
  factRecord,
  genesisRecord,
  readJournal,
  type JournalFault,
  type JournalOrigin,
} from "#core/ledger/journal.ts";
import { decodeChainExport, encodeChainExport, exportChain, RECORDS_PER_CHUNK } from "#records/chain-export.ts";
import { crypto, joinFact, makeActor, withSignatures } from "#test/builders/ledger-actors.ts";
import { LedgerBuilder, OPERATOR, STATION, VEHICLE } from "#test/builders/ledger-builder.ts";
import { tellStory } from "#test/builders/ledger-story.ts";

const { builder, blocks, records, charges } = tellStory();
const { network } = builder.genesis;
const GENESIS = 0x47;
const FACT = 0x46;
const BLOCK = 0x42;

const DOUBLED: ReadonlyMap<number, JournalFault["code"]> = new Map([
  [GENESIS, "JOURNAL_UNKNOWN_RECORD"],
  [FACT, "JOURNAL_FACT_TWICE"],
  [BLOCK, "JOURNAL_BLOCK_TWICE"],
]);

/** More blocks than a reader keeps whole. */
const LONG_BRANCH = 300;

const test = suite("journal");

test("the story has a branch, waiting facts and every ending", () => {
  const states = Object.values(charges).map(
    ({ address }) => builder.chain.pending.transactions.get(toHex(address))?.state,
  );
  assert.equal(states, ["SETTLED", "DISPUTED", "ABANDONED", "CANCELLED", "SETTLED", "OPEN"]);
  assert.is(builder.chain.mempool.size, 2);
  assert.ok(blocks.length > builder.state.serial);
});

for (const origin of ["from anybody", "stored by ourselves"] as const) {
  test(`records ${origin} read back as the same chain, pool and results`, () => {
    const read = readJournal(crypto, records, origin);
    assert.ok(read.ok, JSON.stringify(read));
    const { chain, facts } = read.value;
    assert.equal(chain.head.state.id, builder.state.id);
    assert.equal(chain.head.results, builder.chain.head.results);
    assert.equal([...chain.pending.transactions.entries()], [...builder.chain.pending.transactions.entries()]);
    assert.equal(keysOf(chain.mempool.facts()), keysOf(builder.chain.mempool.facts()));
    for (const { key } of blocks) assert.ok(chain.has(key));
    assert.is(facts, records.filter((record) => record[0] === FACT).length);
    assert.not.ok(chain.believesSignatures);
  });
}

test("a dropped record is named where it is missed, unless nothing else leans on it", () => {
  for (const [index, record] of records.entries()) {
    const fault = faultOf(records.toSpliced(index, 1));
    if (record[0] === GENESIS) assert.is(fault?.code, "JOURNAL_NO_GENESIS");
    else if (record[0] === FACT && index < lastBlock())
      assert.ok(fault?.code === "JOURNAL_FACT_MISSING", `record ${index}`);
    else if (record[0] === BLOCK && isOnMain(index) && index < lastBlock()) {
      assert.ok(fault?.code === "JOURNAL_BAD_BLOCK" && fault.fault.code === "CHAIN_UNKNOWN_PARENT", `record ${index}`);
      assert.ok(fault.record >= index);
    }
  }
});

test("a doubled record is named with its number", () => {
  for (const [index, record] of records.entries()) {
    const fault = faultOf(records.toSpliced(index, 0, record));
    assert.is(fault?.code, DOUBLED.get(record[0] ?? 0));
    assert.is(fault !== undefined && "record" in fault ? fault.record : undefined, index + 1);
  }
});

test("a block before its parent or before its facts is named; facts may stand in any order", () => {
  for (let index = 1; index < records.length; index += 1) {
    const [before, record] = [records[index - 1], records[index]];
    assert.ok(before !== undefined && record !== undefined);
    const swapped = records.with(index - 1, record).with(index, before);
    const fault = faultOf(swapped);
    if (before[0] === GENESIS) assert.is(fault?.code, "JOURNAL_NO_GENESIS");
    else if (record[0] === BLOCK && before[0] === FACT) {
      assert.ok(fault?.code === "JOURNAL_FACT_MISSING" && fault.record === index - 1, `record ${index}`);
    } else if (record[0] === BLOCK && before[0] === BLOCK && fault !== undefined) {
      assert.ok(fault.code === "JOURNAL_BAD_BLOCK" && fault.record === index - 1, `record ${index}`);
      assert.is(fault.fault.code, "CHAIN_UNKNOWN_PARENT");
    } else assert.is(fault, undefined, `record ${index}: ${JSON.stringify(fault)}`);
  }
});

test("two blocks in the wrong order: the second has no parent yet", () => {
  const places = records.flatMap((record, index) => (record[0] === BLOCK && isOnMain(index) ? [index] : []));
  const facts = records.filter((record) => record[0] === FACT);
  const inOrder = places.map((place) => records[place]).filter((record) => record !== undefined);
  const [first, second, ...others] = inOrder;
  assert.ok(first !== undefined && second !== undefined);
  const head = [genesisRecord(builder.genesis), ...facts];
  assert.is(faultOf([...head, first, second, ...others]), undefined);
  const fault = faultOf([...head, second, first, ...others]);
  assert.ok(fault?.code === "JOURNAL_BAD_BLOCK" && fault.record === head.length);
  assert.is(fault.fault.code, "CHAIN_UNKNOWN_PARENT");
});

test("no changed bit of a stranger's journal goes unnoticed", () => {
  let seen = 0;
  for (const [index, record] of records.entries()) {
    for (const place of placesIn(record, 4)) {
      const changed = record.with(place, (record[place] ?? 0) ^ (1 << (place % 8)));
      const read = readJournal(crypto, records.with(index, changed), "from anybody");
      assert.not.ok(
        read.ok && toHex(read.value.chain.head.state.id) === toHex(builder.state.id) && isWhole(read.value),
        `record ${index}, byte ${place}`,
      );
      seen += 1;
    }
  }
  assert.ok(seen > 100);
});

test("what a long branch held that was left is not called forged", () => {
  const story = new LedgerBuilder();
  story.join(STATION, VEHICLE);
  const told: Block[] = [story.seal()];
  let parent = story.chain.head;
  story.submit(...story.charge(undefined, { startedAt: story.state.sealedAt }).whole({ milliWh: 5_000_000 }));
  for (let count = 0; count < LONG_BRANCH; count += 1) told.push(story.seal());
  for (let count = 0; count <= LONG_BRANCH; count += 1) {
    // By then it was too late for the charge to be opened.
    const block = story.make({ parent, facts: [], at: parent.sealedAt + (count === 0 ? 40 * 86_400 : 600) });
    story.add(block);
    told.push(block);
    parent = story.linkOf(block);
  }
  assert.ok(story.chain.isOfHead(parent));
  const branches = told.flatMap((block) => [...block.facts.map(factRecord), blockRecordOf(block)]);
  for (const origin of ["from anybody", "stored by ourselves"] as const) {
    const read = readJournal(crypto, [genesisRecord(story.genesis), ...branches], origin);
    assert.ok(read.ok, JSON.stringify(read));
    assert.equal(read.value.chain.head.id, parent.id);
  }
});

test("a journal begins with its genesis, and with one that can be read", () => {
  assert.equal(faultOf([]), { code: "JOURNAL_EMPTY" });
  assert.equal(faultOf(records.slice(1)), { code: "JOURNAL_NO_GENESIS" });
  const bad = faultOf([concatBytes(Uint8Array.of(GENESIS), Uint8Array.of(0xa0))]);
  assert.ok(bad?.code === "JOURNAL_BAD_GENESIS" && bad.record === 0);
  assert.equal(faultOf([...records, Uint8Array.of(0x5a)]), {
    code: "JOURNAL_UNKNOWN_RECORD",
    record: records.length,
    kind: 0x5a,
  });
  assert.equal(faultOf([...records, new Uint8Array()]), {
    code: "JOURNAL_UNKNOWN_RECORD",
    record: records.length,
    kind: 0,
  });
});

test("a waiting fact that nobody signed is named, even among one's own", () => {
  const join = joinFact(network, makeActor("latecomer", "vehicle"));
  const forged = withSignatures(network, join, [STATION.signer]);
  const fault = faultOf([...records, factRecord(forged)]);
  assert.ok(fault?.code === "JOURNAL_BAD_FACT" && fault.record === records.length);
  const stray = new LedgerBuilder().charge({ station: OPERATOR, vehicle: makeActor("nobody", "vehicle") }).open;
  const unproven = faultOf([...records, factRecord(stray), factRecord(join)]);
  assert.is(unproven?.code, "JOURNAL_BAD_FACT", "a contract of another region");
});

test("a fact that never had a place must at least be signed; if not, it is named with its record", () => {
  const newcomer = makeActor("newcomer", "vehicle");
  const charge = builder.charge({ station: STATION, vehicle: newcomer });
  const report = charge.report("vehicle", [0]);
  const fault = faultOf([...records, factRecord(report), factRecord(charge.open)]);
  assert.equal(fault, { code: "JOURNAL_FACT_UNPROVEN", record: records.length, fact: report.key });
});

test("an exported chain has the head's branch only, and reads back as the same head", () => {
  const file = exportChain(builder.chain);
  const decoded = decodeChainExport(file);
  assert.ok(decoded.ok);
  const read = readJournal(crypto, decoded.value, "from anybody");
  assert.ok(read.ok);
  assert.equal(read.value.chain.head.state.id, builder.state.id);
  assert.is(read.value.chain.mempool.size, 0);
  assert.equal(encodeChainExport(decoded.value), file);
});

test("a chain of more records than a CBOR message may have items can be exported", () => {
  const many = Array.from({ length: 40_000 }, (_, index) => Uint8Array.of(FACT, index >> 8, index & 255));
  const decoded = decodeChainExport(encodeChainExport(many));
  assert.ok(decoded.ok);
  assert.equal(decoded.value, many);
});

test("an export has one form: full chunks, then one that is not empty", () => {
  const [record = new Uint8Array()] = records;
  const full = encodeChainExport(Array.from({ length: RECORDS_PER_CHUNK + 1 }, () => record));
  assert.ok(decodeChainExport(full).ok);
  assert.equal(decodeChainExport(Uint8Array.of(0x80)), { ok: false, fault: { code: "EXPORT_NOT_A_CHAIN" } });
  assert.ok(decodeChainExport(encodeChainExport([])).ok);
});

test("a fault inside a chunk is told by its place in the file", () => {
  const file = encodeChainExport([Uint8Array.of(1), Uint8Array.of(2)]);
  const at = file.length - 4;
  assert.is(file[at], 0x41);
  const decoded = decodeChainExport(file.with(at, 0x5f));
  assert.ok(!decoded.ok && decoded.fault.code === "CBOR_NOT_CANONICAL");
  assert.is(decoded.fault.offset, at);
});

test.run();

function faultOf(given: readonly Uint8Array[], origin: JournalOrigin = "from anybody"): JournalFault | undefined {
  const read = readJournal(crypto, given, origin);
  return read.ok ? undefined : read.fault;
}

function lastBlock(): number {
  return records.findLastIndex((record) => record[0] === BLOCK);
}

function isOnMain(index: number): boolean {
  const number = records.slice(0, index + 1).filter((record) => record[0] === BLOCK).length - 1;
  const block = blocks[number];
  return block !== undefined && builder.chain.at(block.header.serial)?.block?.key === block.key;
}

/** Everything that was in the records is still in what was read. */
function isWhole({ chain, facts }: { readonly chain: LedgerBuilder["chain"]; readonly facts: number }): boolean {
  const stored = records.filter((record) => record[0] === FACT).length;
  return facts === stored && keysOf(chain.mempool.facts()).join() === keysOf(builder.chain.mempool.facts()).join();
}

function keysOf(facts: readonly { readonly key: string }[]): readonly string[] {
  return facts.map(({ key }) => key).sort();
}

function placesIn(record: Uint8Array, count: number): readonly number[] {
  return Array.from({ length: Math.min(count, record.length) }, (_, step) =>
    Math.floor((step * record.length) / count),
  );
}
