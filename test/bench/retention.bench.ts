/**
 * What a ledger takes on flash over a year, with everything kept and with others' charges of the last 90 days only:
 * `node test/bench/retention.bench.ts [HOURS]`, HOURS from one block to the next (default 4). The records are those of
 * real charges of a region whose blocks become final; one charge in five is the gateway's own. Segments are of 64 KiB
 * instead of 8 MiB, so that a small region shows what a large one does.
 */
import { FlashCard } from "#hal/mock/flash.ts";
import { horizonOf } from "#core/ledger/stored-blocks.ts";
import { AgingRegion, OWN_STATION } from "#test/builders/aging-region.ts";
import { runStore } from "#test/builders/stored-region.ts";

const DAY_SECONDS = 86_400;
const DAYS = [30, 90, 180, 365];
const KEEP_DAYS = 90;
const SEGMENT_BYTES = 64 * 1024;

const region = new AgingRegion(Number(process.argv[2] ?? 4));
const { builder } = region;
const { startedAt } = builder.genesis.body;
const daysAt = (serial: number): number => ((builder.chain.at(serial)?.sealedAt ?? 0) - startedAt) / DAY_SECONDS;
const lastDay = DAYS.at(-1) ?? 0;
while (daysAt(builder.chain.head.serial) < lastDay) region.extend(1);

const charges = `${region.own.length} own charges, ${region.others.length} of others`;
console.log(`${builder.chain.head.serial} blocks with ${charges} in ${lastDay} days; kB on flash`);
console.log("kept       day | log and indexes   outliving   snapshots |     all | kept from day");
for (const keepDays of [undefined, KEEP_DAYS]) await tell(keepDays);

async function tell(keepDays: number | undefined): Promise<void> {
  const card = new FlashCard();
  const retention = keepDays === undefined ? undefined : { did: OWN_STATION.did, keepDays };
  const running = await runStore(card, builder, { segmentBytes: SEGMENT_BYTES, ...(retention && { retention }) });
  const days = [...DAYS];
  for (let serial = 1; serial <= builder.chain.head.serial; serial += 1) {
    const block = builder.chain.at(serial)?.block;
    if (block === undefined) continue;
    await running.take(block);
    if (daysAt(serial) < (days[0] ?? Infinity)) continue;
    await running.settled();
    const day = days.shift() ?? 0;
    const [log, kept, states] = [/^(segment|index)-/, /^kept-/, /^state-/].map((form) => bytesOf(card, form));
    const columns = [log, kept, states].map((bytes = 0) => kilo(bytes).padStart(12)).join("");
    const all = kilo((log ?? 0) + (kept ?? 0) + (states ?? 0)).padStart(7);
    const from = daysAt(horizonOf(running.store.chain)).toFixed(0);
    console.log(`${String(keepDays ?? "all").padEnd(8)} ${String(day).padStart(5)} | ${columns} | ${all} | ${from}`);
  }
  await running.close();
}

function bytesOf(card: FlashCard, form: RegExp): number {
  return [...card.snapshot()].filter(([name]) => form.test(name)).reduce((sum, [, { length }]) => sum + length, 0);
}

function kilo(bytes: number): string {
  return Math.round(bytes / 1000).toLocaleString("en");
}
