import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Finding, StoredRecord } from "#adapters/flash-store/index.ts";
import { FlashCard } from "#hal/mock/flash.ts";
import type { FlashSnapshot } from "#hal/mock/flash.ts";
import { idOf, inspectSnapshot, numbered, openLog } from "#test/builders/flash-store.ts";

const test = suite("segment log, damaged");
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, index) => from + index);
const codes = (findings: readonly Finding[]): string[] => findings.map((finding) => finding.code);

/**
 * `count` records, each synced by itself if `isOneByOne`, in segments of 1 KiB: 16 records of 60 B as frames in each.
 */
async function cardWith(count: number, order: "one by one" | "at once" = "one by one"): Promise<FlashCard> {
  const card = new FlashCard();
  const { log, close } = await openLog(card);
  const appends = range(0, count).map((id) => () => log.append(numbered(id)));
  if (order === "at once") await Promise.all(appends.map((append) => append()));
  else for (const append of appends) await append();
  await close();
  return card;
}

async function recordsOf(card: FlashCard): Promise<readonly StoredRecord[]> {
  return (await inspectSnapshot(card.snapshot())).records;
}

function nameOf(record: StoredRecord | undefined): string {
  return `segment-${String(record?.segment ?? 0).padStart(8, "0")}`;
}

/** A part of a frame that is turned over, and the offset in it. */
const PARTS: readonly (readonly [string, number])[] = [
  ["length", 3],
  ["mark of durability", 7],
  ["link", 9],
  ["head check", 13],
  ["check", 18],
  ["first byte", 20],
  ["last byte", 59],
];

for (const [part, within] of PARTS) {
  test(`a bad ${part} before good records is damage with its place; all others are found, now and at the next open`, async () => {
    const card = await cardWith(40);
    const victim = (await recordsOf(card))[20];
    card.rot(nameOf(victim), (victim?.offset ?? 0) + within, 0x10);
    for (let round = 0; round < 2; round += 1) {
      const { records, damages, tears, log, close } = await openLog(card);
      const expected = [...range(0, 20), ...range(21, 40 + round)];
      assert.equal(records.map(idOf), expected);
      assert.equal(codes(damages), ["RECORD_DAMAGED"]);
      const [damage] = damages;
      assert.equal([damage?.segment, damage?.offset, damage?.lengthBytes], [victim?.segment, victim?.offset, 60]);
      assert.equal(tears, []);
      await log.append(numbered(40 + round));
      await close();
    }
    assert.equal(codes((await inspectSnapshot(card.snapshot())).findings), ["RECORD_DAMAGED"]);
  });

  test(`a bad ${part} in the last record is a torn tail, zeroed at open, and the log goes on in its place`, async () => {
    const card = await cardWith(20);
    const victim = (await recordsOf(card))[19];
    card.rot(nameOf(victim), (victim?.offset ?? 0) + within, 0x10);
    const inspection = await inspectSnapshot(card.snapshot());
    assert.equal(codes(inspection.findings), ["TORN_TAIL"]);
    assert.equal([inspection.findings[0]?.segment, inspection.findings[0]?.offset], [victim?.segment, victim?.offset]);
    const { records, damages, tears } = await openLog(card);
    assert.equal(records.map(idOf), range(0, 19));
    assert.equal([codes(damages), codes(tears)], [[], ["TORN_TAIL"]]);
    card.cutPower();
    assert.equal((await inspectSnapshot(card.snapshot())).findings, [], "the zeros are durable");
    const next = await openLog(card);
    assert.equal(next.tears, []);
    await next.log.append(numbered(99));
    assert.equal((await recordsOf(card)).map(idOf), [...range(0, 19), 99]);
  });
}

test("a bad record in front of good ones of the same, last write may be a power cut: marked, and not reported again", async () => {
  const card = await cardWith(12, "at once");
  const victim = (await recordsOf(card))[4];
  card.rot(nameOf(victim), (victim?.offset ?? 0) + 25, 1);
  assert.equal(codes((await inspectSnapshot(card.snapshot())).findings), ["TORN_BATCH"]);
  const { records, damages, tears, log, close } = await openLog(card);
  assert.equal(records.map(idOf), [...range(0, 4), ...range(5, 12)]);
  assert.equal([codes(damages), codes(tears)], [[], ["TORN_BATCH"]]);
  await log.append(numbered(12));
  await close();
  const inspection = await inspectSnapshot(card.snapshot());
  assert.equal(inspection.findings, []);
  assert.equal(inspection.marks, [{ segment: 0, offset: victim?.offset, lengthBytes: 60 }]);
  assert.equal(inspection.records.map(idOf), [...range(0, 4), ...range(5, 13)]);
  const next = await openLog(card);
  assert.equal([next.damages, next.tears], [[], []]);
});

test("the same bad record with a later write behind it was durable: damage", async () => {
  const card = await cardWith(12, "at once");
  const { log, close } = await openLog(card);
  await log.append(numbered(12));
  await close();
  const victim = (await recordsOf(card))[4];
  card.rot(nameOf(victim), (victim?.offset ?? 0) + 25, 1);
  assert.equal(codes((await openLog(card)).damages), ["RECORD_DAMAGED"]);
});

test("a bad record before a torn one whose head is readable was durable: the first is damage, the second is torn", async () => {
  const card = await cardWith(10);
  const [first, second] = (await recordsOf(card)).slice(8);
  card.rot(nameOf(first), (first?.offset ?? 0) + 2, 1);
  card.rot(nameOf(second), (second?.offset ?? 0) + 30, 1);
  const { records, damages, tears, log } = await openLog(card);
  assert.equal(records.map(idOf), range(0, 8));
  assert.equal([codes(damages), damages[0]?.offset], [["RECORD_DAMAGED"], first?.offset]);
  assert.equal([codes(tears), tears[0]?.offset], [["TORN_TAIL"], second?.offset]);
  await log.append(numbered(99));
  card.killOwner();
  const next = await openLog(card);
  assert.equal(next.records.map(idOf), [...range(0, 8), 99]);
  assert.equal(codes(next.damages), ["RECORD_DAMAGED"]);
});

test("the last record of a segment was durable when the next one was begun, even if nothing in that is readable but a head", async () => {
  const card = await cardWith(17);
  card.rot("segment-00000000", 32 + 15 * 60 + 30, 1);
  card.rot("segment-00000001", 32 + 30, 1);
  const { records, damages, tears } = await openLog(card);
  assert.equal(records.map(idOf), range(0, 15));
  assert.equal(
    damages.map(({ code, segment }) => [code, segment]),
    [["RECORD_DAMAGED", 0]],
  );
  assert.equal(
    tears.map(({ code, segment }) => [code, segment]),
    [["TORN_TAIL", 1]],
  );
});

test("a record of zeros is found behind a bad place, too", async () => {
  const card = await cardWith(3);
  const { log, close } = await openLog(card);
  await log.append(new Uint8Array(50));
  await close();
  card.rot("segment-00000000", 32 + 2 * 60, 1);
  const { records, damages } = await openLog(card);
  assert.equal(
    records.map(({ offset }) => offset),
    [32, 92, 212],
  );
  assert.equal(codes(damages), ["RECORD_DAMAGED"]);
});

test("zeros in place of a whole record are seen by its neighbours", async () => {
  const card = await cardWith(40);
  const [victim] = (await recordsOf(card)).slice(20);
  const snapshot = copy(card.snapshot());
  snapshot.get(nameOf(victim))?.fill(0, victim?.offset, (victim?.offset ?? 0) + 60);
  card.restore(snapshot);
  const { records, damages } = await openLog(card);
  assert.equal(records.map(idOf), [...range(0, 20), ...range(21, 40)]);
  assert.equal(codes(damages), ["RECORD_DAMAGED"]);
});

test("the last records of a full segment that were zeroed are missed by the next segment", async () => {
  const card = await cardWith(40);
  const snapshot = copy(card.snapshot());
  snapshot.get("segment-00000000")?.fill(0, 32 + 14 * 60, 32 + 16 * 60);
  card.restore(snapshot);
  const { records, damages } = await openLog(card);
  assert.equal(records.map(idOf), [...range(0, 14), ...range(16, 40)]);
  assert.equal([codes(damages), damages[0]?.segment], [["RECORD_MISSING"], 1]);
});

test("a missing segment, first or middle, is reported, and the rest is read", async () => {
  for (const index of [0, 1]) {
    const card = await cardWith(48);
    const snapshot = copy(card.snapshot());
    snapshot.delete(`segment-0000000${index}`);
    card.restore(snapshot);
    const { records, damages, log } = await openLog(card);
    assert.equal(records.map(idOf), [...range(0, 16 * index), ...range(16 * index + 16, 48)]);
    assert.equal(codes(damages), ["SEGMENT_MISSING"]);
    await log.append(numbered(48));
  }
});

test("a segment under another's name, and one of an older image, are damage and never records", async () => {
  const old = (await cardWith(20)).snapshot();
  const card = await cardWith(48);
  const copied = copy(card.snapshot());
  copied.set("segment-00000001", Uint8Array.from(copied.get("segment-00000000") ?? []));
  card.restore(copied);
  const first = await openLog(card);
  assert.equal(first.records.map(idOf), [...range(0, 16), ...range(32, 48)]);
  assert.equal(codes(first.damages).filter((code) => code === "SEGMENT_HEADER").length, 2);
  const mixed = copy((await cardWith(48)).snapshot());
  mixed.set("segment-00000001", Uint8Array.from(old.get("segment-00000001") ?? []));
  card.restore(mixed);
  const second = await openLog(card);
  assert.equal(second.records.map(idOf), [...range(0, 20), ...range(32, 48)]);
  assert.equal(codes(second.damages), ["RECORD_MISSING"]);
});

test("headers are repaired from what is known; a log without any readable header is left alone, and goes on behind", async () => {
  const card = await cardWith(20);
  for (const offset of [3, 1000]) card.rot("segment-00000000", offset, 1);
  const first = await openLog(card);
  assert.equal(first.records.map(idOf), range(0, 20), "the other segment knows the salt");
  assert.equal(codes(first.damages), ["SEGMENT_HEADER", "SEGMENT_HEADER"]);
  await first.close();
  assert.equal((await inspectSnapshot(card.snapshot())).findings, []);

  const lone = await cardWith(5);
  for (const offset of [3, 1000]) lone.rot("segment-00000000", offset, 1);
  const before = lone.snapshot();
  const { records, damages, log, close } = await openLog(lone);
  assert.equal(records, []);
  assert.ok(codes(damages).includes("SEGMENT_UNREADABLE"));
  await log.append(numbered(7));
  await close();
  assert.equal(lone.snapshot().get("segment-00000000"), before.get("segment-00000000"));
  assert.equal((await openLog(lone)).records.map(idOf), [7]);
});

test("frames inside a record are not records, even when the frame around them is destroyed", async () => {
  const card = await cardWith(3);
  const bytes =
    card
      .snapshot()
      .get("segment-00000000")
      ?.subarray(32, 32 + 180) ?? new Uint8Array(0);
  const { log, close } = await openLog(card);
  await log.append(bytes);
  await log.append(numbered(4));
  await close();
  card.rot("segment-00000000", 32 + 180 + 3, 0xff);
  const { records, damages } = await openLog(card);
  assert.equal(records.map(idOf), [0, 1, 2, 4]);
  assert.equal(codes(damages), ["RECORD_DAMAGED"]);
});

test("more bad bytes at the end than one write can leave are damage: kept, and the log goes on in a new segment", async () => {
  const card = new FlashCard();
  const { log, close } = await openLog(card, 4 * 1024 * 1024);
  await log.append(numbered(0));
  await close();
  const snapshot = copy(card.snapshot());
  snapshot.get("segment-00000000")?.fill(0xa5, 5000, 2_000_000);
  card.restore(snapshot);
  const next = await openLog(card, 4096);
  assert.equal([codes(next.damages), codes(next.tears)], [["RECORD_DAMAGED"], []]);
  await next.log.append(numbered(1));
  await next.close();
  const again = await openLog(card, 4096);
  assert.equal(again.records.map(idOf), [0, 1]);
  assert.equal(codes(again.damages), ["RECORD_DAMAGED"]);
});

function copy(snapshot: FlashSnapshot): Map<string, Uint8Array> {
  return new Map([...snapshot].map(([name, bytes]) => [name, bytes.slice()]));
}

test.run();
