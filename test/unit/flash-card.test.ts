import { suite } from "uvu";
import * as assert from "uvu/assert";
import { FlashCard } from "#hal/mock/flash.ts";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import type { Flash, FlashFile } from "#hal/ports/flash.ts";
import { checkFullFlash, rejects } from "#test/contract/flash.ts";

const test = suite("simulated card");
const PAGE = 512;
const SEEDS = Array.from({ length: 60 }, (_, seed) => seed);

async function fileOn(card: FlashCard): Promise<{ readonly flash: Flash; readonly file: FlashFile }> {
  const flash = await card.open();
  return { flash, file: await flash.create("file", 8 * PAGE) };
}

function held(card: FlashCard): Uint8Array {
  return card.snapshot().get("file") ?? new Uint8Array(0);
}

test("after a power cut what was synced is there, and of the rest any set of pages, one of them torn at a byte", async () => {
  const outcomes = new Set<string>();
  let torn = 0;
  for (const seed of SEEDS) {
    const card = new FlashCard({ seed });
    const { file } = await fileOn(card);
    await file.write(0, new Uint8Array(8 * PAGE).fill(1));
    await file.sync();
    await file.write(2 * PAGE, new Uint8Array(4 * PAGE).fill(2));
    await file.write(3 * PAGE, new Uint8Array(PAGE).fill(3));
    card.cutPower();
    const pages = Array.from({ length: 8 }, (_, page) => held(card).subarray(page * PAGE, (page + 1) * PAGE));
    const kinds = pages.map((page) => [...new Set(page)].join(""));
    assert.ok(
      [0, 1, 6, 7].every((page) => kinds[page] === "1"),
      kinds.join(),
    );
    assert.ok(
      kinds.every((kind) => /^(1|2|3|21|31)$/.test(kind)),
      kinds.join(),
    );
    torn += kinds.filter((kind) => kind.length > 1).length;
    outcomes.add(kinds.slice(2, 6).join());
  }
  assert.ok(outcomes.size > 15, `${outcomes.size} different outcomes`);
  assert.ok(torn > 5, `${torn} torn pages`);
});

test("the same seed leaves the same, another one something else", async () => {
  const leave = async (seed: number): Promise<Uint8Array> => {
    const card = new FlashCard({ seed });
    const { file } = await fileOn(card);
    await file.write(0, new Uint8Array(8 * PAGE).fill(9));
    card.cutPower();
    return held(card);
  };
  assert.equal(await leave(4), await leave(4));
  assert.not.equal(await leave(4), await leave(5));
});

test("calls of a process that died never settle and change nothing, whoever has the card now", async () => {
  const clock = new SimulatedClock();
  for (const die of ["killOwner", "cutPower"] as const) {
    const card = new FlashCard({ latency: { clock, callMs: 5, syncMs: 50 } });
    const { flash, file } = await clock.runUntilSettled(fileOn(card));
    let settled = 0;
    const calls = [
      file.write(0, Uint8Array.of(1)),
      file.sync(),
      file.read(0, 1),
      flash.create("other", 10),
      flash.remove("file"),
    ];
    for (const call of calls) void call.finally(() => (settled += 1));
    await clock.runFor(2);
    card[die]();
    const next = await clock.runUntilSettled(card.open());
    await clock.runUntilIdle();
    void file.write(1, Uint8Array.of(1)).finally(() => (settled += 1));
    await clock.runUntilIdle();
    assert.is(settled, 0);
    assert.equal(await clock.runUntilSettled(next.list()), ["file"]);
    assert.ok(held(card).every((byte) => byte === 0));
  }
});

test("a kill keeps what was written and not synced, until the power is cut, too", async () => {
  const card = new FlashCard({ seed: 3 });
  const { file } = await fileOn(card);
  await file.write(0, new Uint8Array(8 * PAGE).fill(7));
  card.killOwner();
  assert.ok(held(card).every((byte) => byte === 7));
  card.cutPower();
  assert.ok(held(card).some((byte) => byte === 0));
});

test("the power is cut at the planned write or sync, and nothing of the process settles after it", async () => {
  for (const [at, expected] of [
    ["write", 3],
    ["sync", 4],
    ["either", 2],
  ] as const) {
    const card = new FlashCard();
    const { file } = await fileOn(card);
    const cut = card.cutPowerAt(at === "sync" ? 2 : 3, at);
    let done = 0;
    const work = async (): Promise<void> => {
      for (let step = 0; step < 4; step += 1) {
        await file.write(0, Uint8Array.of(step));
        done += 1;
        if (step % 2 === 1) await file.sync();
      }
    };
    await Promise.race([work(), cut]);
    assert.is(done, at === "write" ? 2 : expected);
  }
});

test("a failed write leaves a first part; a failed sync looks clean, and what it lost is not written by the next sync", async () => {
  const card = new FlashCard();
  const { file } = await fileOn(card);
  card.failAt("write", "FLASH_IO", 2);
  await file.write(0, Uint8Array.of(1));
  await rejects(file.write(PAGE, new Uint8Array(PAGE).fill(5)), "FLASH_IO");
  const part = held(card).subarray(PAGE, 2 * PAGE);
  assert.ok(part.every((byte, index) => byte === 5 || part.subarray(index).every((rest) => rest === 0)));
  await file.sync();
  await file.write(4 * PAGE, Uint8Array.of(8));
  card.failAt("sync", "FLASH_IO");
  await rejects(file.sync(), "FLASH_IO");
  assert.is(held(card)[4 * PAGE], 8);
  await file.sync();
  card.cutPower();
  assert.equal([held(card)[0], held(card)[4 * PAGE]], [1, 0]);
});

test("a card has the room it has", async () => {
  const card = new FlashCard({ capacityBytes: 1000 });
  await checkFullFlash(await card.open(), { fitting: 400, tooLarge: 601 });
  assert.is(card.usedBytes, 800);
});

test("bits rot for good; an old image can be put back", async () => {
  const card = new FlashCard();
  const { file } = await fileOn(card);
  await file.write(0, Uint8Array.of(0x0f));
  await file.sync();
  const image = card.snapshot();
  card.rot("file", 0, 0x81);
  card.cutPower();
  assert.is(held(card)[0], 0x8e);
  card.restore(image);
  assert.is(held(card)[0], 0x0f);
  const next = await card.open();
  assert.equal(await (await next.open("file")).read(0, 1), Uint8Array.of(0x0f));
});

test.run();
