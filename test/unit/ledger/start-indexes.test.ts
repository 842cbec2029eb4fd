/**
 * A start that reads the whole log writes the indexes of full segments on the way. Nothing may depend on that: not on a
 * card that fails, not on one with gaps, and never may an index say less than its segment holds.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { partsOf, segmentName } from "#adapters/flash-store/index.ts";
import { FlashCard, type FlashSnapshot } from "#hal/mock/flash.ts";
import type { FlashErrorCode } from "#hal/ports/flash.ts";
import { BLOCKS, builder, storedUpTo } from "#test/builders/aged-store.ts";
import { longRegion, runStore } from "#test/builders/stored-region.ts";

const stored = await storedUpTo(BLOCKS, {});
/** Without states a start reads all of it; without indexes it has to write them. */
const bare = new Map([...stored].filter(([name]) => name.startsWith("segment") || name.startsWith("safety")));
const segments = [...bare.keys()].filter((name) => name.startsWith("segment")).sort();

const test = suite("indexes of a start");

test("of a long log the indexes are there after the start, but not of the two segments that were written last", async () => {
  const card = cardOf(bare);
  const running = await startOn(card);
  const { segment } = partsOf(running.store.log.end);
  assert.ok(segment >= 3);
  assert.is(running.store.archive.endOfFull, segment - 1);
  assert.equal(unfound(running.store.archive), []);
  await running.close();
});

for (const [code, operation] of [
  ["FLASH_IO", "create"],
  ["FLASH_DENIED", "create"],
  ["FLASH_FULL", "create"],
  ["FLASH_IO", "write"],
] as const satisfies readonly (readonly [FlashErrorCode, "create" | "write"])[]) {
  test(`a card on which an index cannot be written (${operation}: ${code}) is read all the same`, async () => {
    const card = cardOf(bare);
    card.failAt(operation, code, 1);
    const running = await startOn(card);
    assert.is(running.store.chain.head.serial, BLOCKS);
    assert.equal(unfound(running.store.archive), []);
    await running.close();
  });
}

for (const [what, change] of [
  ["is missing", (files: Map<string, Uint8Array>, name: string) => files.delete(name)],
  ["is empty", (files: Map<string, Uint8Array>, name: string) => files.set(name, new Uint8Array())],
  ["is cut off", (files: Map<string, Uint8Array>, name: string) => files.set(name, new Uint8Array(10))],
] as const) {
  test(`where a segment ${what} the start has what still stands`, async () => {
    for (const place of [0, 1, 3]) {
      const files = new Map(bare);
      change(files, segments[place] ?? "");
      const running = await startOn(cardOf(files));
      assert.ok(running.store.damages.length > 0, `segment ${place}`);
      await running.close();
    }
  });
}

test("one start with another region's genesis on a card that has rotted takes nothing from the indexes", async () => {
  const card = cardOf(stored);
  card.rot(segmentName(1), 4000, 4);
  const before = await startOn(card);
  const lost = unfound(before.store.archive);
  await before.close();
  assert.ok(lost.length < 5);
  try {
    await runStore(card, longRegion(2), { emit: () => undefined });
    assert.unreachable("the card is of another region");
  } catch (error) {
    assert.is((error as { readonly code?: string }).code, "GENESIS_OF_ANOTHER_REGION");
  }
  const after = await startOn(cardOf(card.snapshot()));
  assert.is(after.store.chain.head.serial, BLOCKS);
  assert.equal(unfound(after.store.archive), lost);
  await after.close();
});

test.run();

type Running = Awaited<ReturnType<typeof runStore>>;

function cardOf(files: FlashSnapshot): FlashCard {
  const card = new FlashCard();
  card.restore(new Map([...files].map(([name, bytes]) => [name, bytes.slice()])));
  return card;
}

function startOn(card: FlashCard): Promise<Running> {
  return runStore(card, builder, { emit: () => undefined });
}

/** Serials of blocks that are not found by their ids. */
function unfound(archive: Running["store"]["archive"]): readonly number[] {
  const serials = Array.from({ length: BLOCKS }, (_, place) => place + 1);
  return serials.filter((serial) => archive.find(builder.chain.idAt(serial) ?? "") === undefined);
}
