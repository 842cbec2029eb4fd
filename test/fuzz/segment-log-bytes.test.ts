/** The log over bytes that nobody wrote: whatever is on the card, it opens, invents nothing, and hides nothing. */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { isTear } from "#adapters/flash-store/index.ts";
import type { Finding } from "#adapters/flash-store/index.ts";
import { FlashCard } from "#hal/mock/flash.ts";
import type { FlashSnapshot } from "#hal/mock/flash.ts";
import { idOf, inspectSnapshot, numbered, openLog } from "#test/builders/flash-store.ts";

const test = suite("segment log, arbitrary bytes");
const SEGMENT_BYTES = 256;

/** Five records in three segments, some synced one by one and some together, and a spare segment. */
async function smallStore(): Promise<FlashSnapshot> {
  const card = new FlashCard();
  const { log, close } = await openLog(card, SEGMENT_BYTES);
  await log.append(numbered(0, 30));
  await Promise.all([1, 2].map((id) => log.append(numbered(id, 40))));
  await Promise.all([3, 4].map((id) => log.append(numbered(id, 60))));
  await close();
  return card.snapshot();
}

function changed(snapshot: FlashSnapshot, name: string, change: (bytes: Uint8Array) => void): FlashSnapshot {
  const copy = new Map([...snapshot].map(([each, bytes]) => [each, bytes.slice()]));
  const bytes = copy.get(name);
  if (bytes !== undefined) change(bytes);
  return copy;
}

test("the small store is sound before it is changed", async () => {
  const store = await smallStore();
  assert.ok(store.size >= 2);
  const { records, findings, marks } = await inspectSnapshot(store);
  assert.equal([records.map(idOf), findings, marks], [[0, 1, 2, 3, 4], [], []]);
});

test("each single bit that is turned over, and each byte that is exchanged, is found by the inspection", async () => {
  const store = await smallStore();
  const masks = [...Array.from({ length: 8 }, (_, bit) => 1 << bit), 0xff, 0x5a];
  for (const name of store.keys()) {
    for (let offset = 0; offset < SEGMENT_BYTES; offset += 1) {
      for (const mask of masks) {
        const bad = changed(store, name, (bytes) => (bytes[offset] = (bytes[offset] ?? 0) ^ mask));
        const { records, findings } = await inspectSnapshot(bad);
        const place = `${name}, offset ${offset}, mask ${mask}`;
        assert.ok(findings.length > 0, `found: ${place}`);
        assert.ok(records.length >= 4, `at most one record is lost: ${place}`);
      }
    }
  }
});

test("F6 with any byte exchanged the log opens, gives out all other records, says so, and takes new ones", async () => {
  const store = await smallStore();
  for (const name of store.keys()) {
    for (let offset = 0; offset < SEGMENT_BYTES; offset += 3) {
      const card = new FlashCard();
      card.restore(changed(store, name, (bytes) => (bytes[offset] = (bytes[offset] ?? 0) ^ 0x81)));
      const first = await openLog(card, SEGMENT_BYTES);
      const ids = first.records.map(idOf);
      assert.ok(ids.length >= 4 && first.damages.length + first.tears.length > 0, `${name}, offset ${offset}`);
      await first.log.append(numbered(9, 30));
      card.cutPower();
      const second = await openLog(card, SEGMENT_BYTES);
      assert.equal(second.records.map(idOf), [...ids, 9], `${name}, offset ${offset}`);
      assert.equal(second.tears, [], "what is torn is tidied up once");
    }
  }
});

const change = fc.oneof(
  fc.record({
    kind: fc.constant("bytes" as const),
    at: fc.nat(255),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 90 }),
  }),
  fc.record({ kind: fc.constant("move" as const), at: fc.nat(255), from: fc.nat(255), length: fc.nat(120) }),
  fc.record({ kind: fc.constant("zero" as const), at: fc.nat(255), length: fc.nat(255) }),
);
const changes = fc.array(fc.tuple(fc.nat(3), change), { minLength: 1, maxLength: 6 });

test("F6 after any changes of any bytes it opens, returns only records that were written, in order, and works", async () => {
  const store = await smallStore();
  const names = [...store.keys()];
  await fc.assert(
    fc.asyncProperty(changes, async (list) => {
      const bad = new Map([...store].map(([name, bytes]) => [name, bytes.slice()]));
      for (const [file, each] of list) {
        const bytes = bad.get(names[file % names.length] ?? "") ?? new Uint8Array(0);
        if (each.kind === "bytes") bytes.set(each.bytes.subarray(0, bytes.length - each.at), each.at);
        else if (each.kind === "zero") bytes.fill(0, each.at, each.at + each.length);
        else bytes.copyWithin(each.at, each.from, each.from + each.length);
      }
      await checkAnyFiles(bad);
    }),
    { numRuns: 1500 },
  );
});

test("F6 files of any bytes, sizes and numbers open, and hold no records", async () => {
  const file = fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 400 }),
    fc.nat(400).map((length) => new Uint8Array(length + 1)),
  );
  const files = fc.dictionary(fc.constantFrom("segment-00000000", "segment-00000001", "segment-00000007"), file);
  await fc.assert(
    fc.asyncProperty(files, async (each) => {
      assert.is(await checkAnyFiles(new Map(Object.entries(each))), 0);
    }),
    { numRuns: 600 },
  );
});

/** How many records there were. */
async function checkAnyFiles(files: FlashSnapshot): Promise<number> {
  const inspection = await inspectSnapshot(files);
  const card = new FlashCard();
  card.restore(files);
  const first = await openLog(card, SEGMENT_BYTES);
  const ids = first.records.map(idOf);
  assert.equal(inspection.records.map(idOf), ids, "opening and inspecting see the same");
  assert.equal(inspection.findings.toSorted(byPlace), [...first.damages, ...first.tears].sort(byPlace));
  assert.equal(
    ids,
    [0, 1, 2, 3, 4].filter((id) => ids.includes(id)),
    "nothing invented, in order",
  );
  for (const { bytes } of first.records)
    assert.equal(bytes, numbered(idOf({ segment: 0, offset: 0, bytes }), bytes.length));
  await first.log.append(numbered(9, 30));
  await first.log.append(numbered(10, 100));
  await first.close();
  const second = await openLog(card, SEGMENT_BYTES);
  assert.equal(second.records.map(idOf), [...ids, 9, 10]);
  assert.not(second.damages.some(isTear));
  return ids.length;
}

/** By code, too: a torn header and an unreadable segment begin at the same byte. */
function byPlace(left: Finding, right: Finding): number {
  return left.segment - right.segment || left.offset - right.offset || left.code.localeCompare(right.code);
}

test.run();
