/** The power is cut at every write and every sync while old blocks are dropped: nothing of one's own is lost. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { hasBeginning, horizonOf } from "#core/ledger/stored-blocks.ts";
import { FlashCard, type FlashSnapshot } from "#hal/mock/flash.ts";
import {
  BLOCKS,
  builder,
  holdsReceipt,
  KEEP,
  region,
  sameChain,
  storedUpTo,
  takeFrom,
  verifyCard,
} from "#test/builders/aged-store.ts";
import { runStore } from "#test/builders/stored-region.ts";

const test = suite("retention and power cuts");

for (const [what, from, to, before] of [
  ["the first dropping", 46, 54, {}],
  ["a later dropping", 118, 126, KEEP],
] as const) {
  test(`the power may be cut at any write and sync of ${what}`, async () => {
    const base = await storedUpTo(from, before);
    const uncut = await cutAt(base, { cut: Infinity, from, to });
    assert.is(uncut.acknowledged, to);
    assert.ok(uncut.horizon > 6, "something is dropped");
    let cuts = 0;
    for (let cut = 1; ; cut += 1) {
      const { card, acknowledged } = await cutAt(base, { cut, from, to });
      if (acknowledged === to) break;
      cuts += 1;
      card.cutPower();
      const again = await runStore(card, builder, KEEP);
      const { chain } = again.store;
      assert.ok(chain.head.serial >= acknowledged, `cut ${cut}: ${chain.head.serial} of ${acknowledged}`);
      assert.is(toHex(chain.head.id), builder.chain.idAt(chain.head.serial));
      const own = region.own.slice(0, 1);
      for (const charge of own) holdsReceipt(chain, charge, `cut ${cut}`);
      if (cut % 9 === 0 && !hasBeginning(chain)) {
        const found = await verifyCard(card.snapshot());
        assert.ok(found.ok, `cut ${cut}: ${JSON.stringify("problems" in found ? found.problems : "")}`);
      }
      if (cut % 24 === 0) {
        await takeFrom(again, chain.head.serial + 1, BLOCKS);
        await again.settled();
        sameChain(chain, builder.chain);
        assert.ok(horizonOf(chain) > 60, "it drops what was to be dropped");
        for (const charge of region.own.slice(0, -1)) holdsReceipt(chain, charge, `cut ${cut}`);
        assert.ok((await verifyCard(card.snapshot())).ok, `cut ${cut}`);
      }
      await again.close();
    }
    assert.ok(cuts > 20, `${cuts} cuts`);
  });
}

test.run();

/** Takes blocks until the power is cut at a write or sync, or all are there and what follows from them is done. */
async function cutAt(
  base: FlashSnapshot,
  { cut, from, to }: { readonly cut: number; readonly from: number; readonly to: number },
): Promise<{ readonly card: FlashCard; readonly acknowledged: number; readonly horizon: number }> {
  const card = new FlashCard({ seed: cut });
  card.restore(base);
  const running = await runStore(card, builder, KEEP);
  let acknowledged = from;
  const happened = cut === Infinity ? new Promise<void>(() => undefined) : card.cutPowerAt(cut);
  const working = (async () => {
    for (let serial = from + 1; serial <= to; serial += 1) {
      await takeFrom(running, serial, serial);
      await running.settled();
      acknowledged = serial;
    }
  })();
  await Promise.race([happened, working]);
  return { card, acknowledged, horizon: acknowledged === to ? horizonOf(running.store.chain) : 0 };
}
