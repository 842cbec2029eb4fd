/** An own charge whose words stand in blocks apart, with blocks between them that are dropped: its receipt stays. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { FlashCard } from "#hal/mock/flash.ts";
import { horizonOf } from "#core/ledger/stored-blocks.ts";
import { holdsReceipt, KEEP } from "#test/builders/aged-store.ts";
import { AgingRegion, OWN_GUEST, OWN_STATION } from "#test/builders/aging-region.ts";
import { sealAndCertify } from "#test/builders/committee-votes.ts";
import { runStore } from "#test/builders/stored-region.ts";

const test = suite("receipt of a charge in several blocks");
const BLOCKS = 160;

test("it is whole when the blocks between its words are dropped, and after the next start", async () => {
  const region = new AgingRegion(2);
  const { builder } = region;
  region.extend(4);
  const { serial, sealedAt } = builder.state;
  const parties = { station: OWN_STATION, vehicle: OWN_GUEST };
  const charge = builder.charge(parties, { startedAt: sealedAt, salt: new Uint8Array(16).fill(77) });
  const said = charge.whole({ milliWh: 5_000_000, count: 4 });
  for (const [from, to] of [
    [0, 1],
    [1, 5],
    [5, said.length],
  ] as const) {
    builder.submit(...said.slice(from, to));
    sealAndCertify(builder, 3);
  }
  region.extend(BLOCKS - builder.chain.head.serial);
  holdsReceipt(builder.chain, charge, "with all blocks");
  const card = new FlashCard();
  const running = await runStore(card, builder, KEEP);
  for (let each = 1; each <= BLOCKS; each += 1) {
    const block = builder.chain.at(each)?.block;
    if (block !== undefined) await running.take(block);
  }
  await running.settled();
  const { chain } = running.store;
  assert.ok(horizonOf(chain) > serial + 9, "dropped");
  assert.is(chain.at(serial + 2), undefined, "with the blocks in which nobody said anything about it");
  holdsReceipt(chain, charge, "while it runs");
  await running.close();
  const later = await runStore(card, builder, KEEP);
  holdsReceipt(later.store.chain, charge, "after a start");
  await later.close();
});

test.run();
