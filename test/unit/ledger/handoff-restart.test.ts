/** A handoff between the newest snapshot and a restart: the next snapshot of the same generation has it, too. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { FlashCard } from "#hal/mock/flash.ts";
import { BLOCKS, builder, KEEP, sameChain, takeFrom } from "#test/builders/aged-store.ts";
import { runStore, type StoreChoice } from "#test/builders/stored-region.ts";

const test = suite("handoff before a restart");

async function goOn(card: FlashCard, choice: StoreChoice, from: number, to: number): Promise<number> {
  const running = await runStore(card, builder, choice);
  const { startedFrom } = running.store;
  await takeFrom(running, from, to);
  await running.settled();
  await running.close();
  return startedFrom;
}

for (const [what, choice] of [
  ["with everything kept", {}],
  ["with old blocks dropped", KEEP],
] as const) {
  test(`a start begins with the newest snapshot, ${what}`, async () => {
    const handoff = builder.chain.at(72)?.state.finality.epoch;
    assert.is(handoff, 1, "behind the snapshot at 48");
    assert.is(builder.chain.at(60)?.state.finality.epoch, 0);
    const card = new FlashCard();
    await goOn(card, choice, 1, 72);
    assert.is(await goOn(card, choice, 73, 80), 48);
    assert.is(await goOn(card, choice, 81, BLOCKS), 72, "it was written by who had read the handoff from the journal");
    const running = await runStore(card, builder, choice);
    assert.is(running.store.startedFrom, 144);
    sameChain(running.store.chain, builder.chain);
    await running.close();
  });
}

test.run();
