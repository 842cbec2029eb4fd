import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openSegmentLog, partsOf, StoreError } from "#adapters/flash-store/index.ts";
import { FlashCard } from "#hal/mock/flash.ts";
import { SeededRandomness } from "#hal/mock/seeded-random.ts";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import { FlashError } from "#hal/ports/flash.ts";
import { idOf, inspectSnapshot, numbered, openLog } from "#test/builders/flash-store.ts";

const test = suite("segment log");
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, index) => from + index);

test("records come back in the order of their appends, with their places, over several segments", async () => {
  const card = new FlashCard();
  const first = await openLog(card);
  assert.equal(first.records, []);
  for (const id of range(0, 10)) await first.log.append(numbered(id));
  await Promise.all(range(10, 80).map((id) => first.log.append(numbered(id))));
  await first.close();
  const second = await openLog(card);
  assert.equal(second.records.map(idOf), range(0, 80));
  assert.equal(second.records[7]?.bytes, numbered(7));
  assert.equal([second.damages, second.tears], [[], []]);
  const places = second.records.map(({ segment, offset }) => segment * 10_000 + offset);
  assert.equal(
    places,
    places.toSorted((left, right) => left - right),
  );
  assert.ok((second.records.at(-1)?.segment ?? 0) >= 4);
  await second.close();
});

test("a segment is entered before its first record is given, and nothing is added any more to those before it", async () => {
  const card = new FlashCard();
  const { log, close } = await openLog(card);
  for (const id of range(0, 40)) await log.append(numbered(id));
  await close();
  const flash = await card.open();
  const told: string[] = [];
  const enter = async (segment: number): Promise<void> => {
    await Promise.resolve();
    told.push(`enter ${segment}`);
  };
  const visit = ({ segment }: { readonly segment: number }): void => {
    if (told.at(-1) !== `in ${segment}`) told.push(`in ${segment}`);
  };
  const again = await openSegmentLog(flash, { randomness: new SeededRandomness("again"), enter, visit });
  const written = partsOf(again.log.end).segment;
  assert.equal(
    told,
    range(0, written + 1).flatMap((segment) => [`enter ${segment}`, `in ${segment}`]),
    "spare segments, which have none, are not entered",
  );
  assert.ok(written >= 1 && (await flash.list()).length > written + 1, "several, and a spare one");
  await again.log.close();
});

test("one opened again goes on where it stopped, with other segment sizes, too", async () => {
  const card = new FlashCard();
  for (const [round, segmentBytes] of [600, 2048, 300, 4096, 200].entries()) {
    const { log, records, close } = await openLog(card, segmentBytes);
    assert.equal(records.map(idOf), range(0, 20 * round));
    for (const id of range(20 * round, 20 * round + 20)) await log.append(numbered(id, log.recordBytesMax / 2));
    await close();
  }
  const inspection = await inspectSnapshot(card.snapshot());
  assert.equal(inspection.records.map(idOf), range(0, 100));
  assert.equal([inspection.findings, inspection.marks], [[], []]);
});

test("the largest record fits a new segment exactly; a larger or an empty one is a bug", async () => {
  const card = new FlashCard();
  const { log, close } = await openLog(card);
  await log.append(numbered(1, log.recordBytesMax));
  await log.append(numbered(2, log.recordBytesMax));
  assert.throws(() => log.append(new Uint8Array(log.recordBytesMax + 1)), /bug/);
  assert.throws(() => log.append(new Uint8Array(0)), /bug/);
  await close();
  assert.equal((await openLog(card)).records.map(idOf), [1, 2]);
});

test("everyone who appends during a sync shares the next one", async () => {
  const clock = new SimulatedClock();
  const card = new FlashCard({ latency: { clock, callMs: 1, syncMs: 20 } });
  const { log } = await clock.runUntilSettled(openLog(card, 1024 * 1024));
  const before = card.counts;
  const acknowledged: number[] = [];
  const append = (id: number): void => void log.append(numbered(id)).then(() => acknowledged.push(id));
  append(0);
  append(1);
  await clock.runFor(5);
  for (const id of range(2, 500)) append(id);
  await clock.runFor(16);
  assert.equal(acknowledged, [0, 1], "the ones of the first turn share the first sync");
  await clock.runFor(21);
  assert.equal(acknowledged, range(0, 500), "all others share the second, in order");
  assert.equal(card.counts, { writes: before.writes + 2, syncs: before.syncs + 2 });
});

test("an append does not resolve before its sync has", async () => {
  const clock = new SimulatedClock();
  const card = new FlashCard({ latency: { clock, callMs: 1, syncMs: 1000 } });
  const { log } = await clock.runUntilSettled(openLog(card));
  let isDurable = false;
  void log.append(numbered(1)).then(() => (isDurable = true));
  await clock.runFor(1000);
  assert.not(isDurable);
  await clock.runFor(2);
  assert.ok(isDurable);
});

test("a record is taken as it is at the call", async () => {
  const card = new FlashCard();
  const { log, close } = await openLog(card);
  const buffer = numbered(1);
  const appended = log.append(buffer);
  buffer.fill(0);
  await appended;
  await close();
  assert.equal((await openLog(card)).records[0]?.bytes, numbered(1));
});

test("the next segment is made while the present one still has room", async () => {
  const card = new FlashCard();
  const { log, flash } = await openLog(card);
  for (const id of range(0, 6)) await log.append(numbered(id));
  assert.equal(await flash.list(), ["segment-00000000"]);
  for (const id of range(6, 10)) await log.append(numbered(id));
  assert.equal(await flash.list(), ["segment-00000000", "segment-00000001"]);
});

for (const operation of ["write", "sync"] as const) {
  test(`after a failed ${operation} every append is refused with the same error, and the next open has what was durable`, async () => {
    const card = new FlashCard();
    const { log } = await openLog(card);
    await log.append(numbered(0));
    card.failAt(operation, "FLASH_IO");
    const refusals = await Promise.allSettled(range(1, 4).map((id) => log.append(numbered(id))));
    refusals.push(...(await Promise.allSettled([log.append(numbered(4))])));
    const reasons = new Set(refusals.map((each) => (each.status === "rejected" ? (each.reason as unknown) : "kept")));
    assert.is(reasons.size, 1);
    const [reason] = reasons;
    assert.ok(reason instanceof FlashError && reason.code === "FLASH_IO");
    card.killOwner();
    const { records, damages, log: next } = await openLog(card);
    assert.is(records[0] && idOf(records[0]), 0);
    assert.equal(damages, []);
    await next.append(numbered(9));
    card.cutPower();
    const ids = (await openLog(card)).records.map(idOf);
    assert.equal(ids, [...records.map(idOf), 9], "what an open has given out stays, also after a sync that failed");
  });
}

test("a full flash refuses what has no room, with no half record, and goes on after room was made and it was opened", async () => {
  const card = new FlashCard({ capacityBytes: 2500 });
  const { log } = await openLog(card);
  const outcomes = await Promise.allSettled(range(0, 60).map((id) => log.append(numbered(id))));
  const kept = outcomes.filter((outcome) => outcome.status === "fulfilled").length;
  assert.is(kept, 32, "both segments are filled");
  const refused = outcomes[kept];
  assert.ok(
    refused?.status === "rejected" && refused.reason instanceof FlashError && refused.reason.code === "FLASH_FULL",
  );
  card.killOwner();
  const inspection = await inspectSnapshot(card.snapshot());
  assert.equal(inspection.findings, []);
  assert.equal(inspection.records.map(idOf), range(0, kept));
  card.resize(10_000);
  const next = await openLog(card);
  await next.log.append(numbered(99));
  assert.equal(next.records.map(idOf), range(0, kept));
});

test("room that is made before the segment is needed is found", async () => {
  const card = new FlashCard({ capacityBytes: 1024 });
  const { log, close } = await openLog(card);
  for (const id of range(0, 12)) await log.append(numbered(id));
  card.resize(4096);
  for (const id of range(12, 40)) await log.append(numbered(id));
  await close();
  assert.equal((await openLog(card)).records.map(idOf), range(0, 40));
});

test("close makes durable what was appended before, and refuses what comes after", async () => {
  const card = new FlashCard();
  const { log, flash } = await openLog(card);
  const appended = Promise.all(range(0, 40).map((id) => log.append(numbered(id))));
  await log.close();
  await appended;
  const [late] = await Promise.allSettled([log.append(numbered(99))]);
  assert.ok(late.status === "rejected" && late.reason instanceof StoreError && late.reason.code === "STORE_CLOSED");
  await flash.close();
  card.cutPower();
  assert.equal((await openLog(card)).records.map(idOf), range(0, 40));
});

test("a log that the flash no longer keeps up with refuses instead of filling the memory", async () => {
  const clock = new SimulatedClock();
  const card = new FlashCard({ latency: { clock, callMs: 1, syncMs: 1 } });
  const { log } = await clock.runUntilSettled(openLog(card, 4 * 1024 * 1024));
  const large = numbered(1, 1_000_000);
  const waiting = Promise.allSettled(range(0, 40).map(() => log.append(large)));
  const outcomes = await clock.runUntilSettled(waiting);
  const refused = outcomes.filter((outcome) => outcome.status === "rejected");
  assert.is(refused.length, 40 - 33);
  assert.ok(refused.every(({ reason }) => reason instanceof StoreError && reason.code === "STORE_OVERLOADED"));
});

test("a header whose sync failed is written again before the first record goes behind it", async () => {
  const card = new FlashCard();
  card.failAt("sync", "FLASH_IO");
  const [failed] = await Promise.allSettled([openLog(card)]);
  assert.is(failed.status, "rejected");
  card.killOwner();
  const { log } = await openLog(card);
  await log.append(numbered(1));
  card.cutPower();
  const { records, damages } = await openLog(card);
  assert.equal([records.map(idOf), damages], [[1], []]);
});

test("what a killed process wrote and did not sync is made durable before it is given out", async () => {
  for (const seed of range(0, 20)) {
    const card = new FlashCard({ seed });
    const { log } = await openLog(card, 4096);
    await log.append(numbered(0));
    // The write takes effect in this turn, its sync in the next but one.
    void log.append(numbered(1));
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
    card.killOwner();
    const given = (await openLog(card)).records.map(idOf);
    card.cutPower();
    assert.equal((await openLog(card)).records.map(idOf), given);
  }
});

test.run();
