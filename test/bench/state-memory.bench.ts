/**
 * What a state with many closed charges takes: `node --expose-gc test/bench/state-memory.bench.ts [CHARGES…]`, by
 * default 10,000 and 100,000. One charge is settled by the production code and put at as many addresses. Memory is what
 * the process has more than before; times are its own CPU seconds.
 */
import { toHex } from "#base/bytes.ts";
import { encodeEntries, ENTRIES_PER_FRAME, type SnapshotEntry } from "#core/ledger/snapshot-frame.ts";
import { SnapshotReader } from "#core/ledger/snapshot-reader.ts";
import { ROOTED_TABLES } from "#core/ledger/state-tables.ts";
import { stateOfGenesis } from "#core/ledger/state.ts";
import { crypto, named, sha256 } from "#test/builders/ledger-actors.ts";
import { EASY_RULES, LedgerBuilder, STATION, VEHICLE } from "#test/builders/ledger-builder.ts";

const builder = new LedgerBuilder({ rules: { ...EASY_RULES, finality: "off" } });
builder.join(STATION, VEHICLE);
builder.seal();
builder.submit(...builder.charge().whole({ milliWh: 20_000_000 }));
builder.seal();
const [closed] = [...builder.state.transactions.entries().values()];
if (closed?.isClosed !== true) throw new Error("bug of the bench: the charge is closed");

const sizes = process.argv.slice(2).map(Number);
console.log("charges  fill CPU s  root CPU s  next root ms  MB in memory  MB as snapshot  write CPU s  read CPU s");
for (const size of sizes.length > 0 ? sizes : [10_000, 100_000]) {
  const before = memory();
  const table = builder.state.transactions.emptied();
  const fill = cpuSeconds(() => {
    for (let number = 0; number < size; number += 1) {
      const address = named(`charge ${number}`);
      table.set(toHex(address), { ...closed, address, open: { ...closed.open, salt: address.slice(0, 16) } });
      // As in a chain, where roots are computed every few blocks.
      if (number % 1000 === 0) table.root(sha256);
    }
  });
  const root = cpuSeconds(() => table.root(sha256));
  const held = memory() - before;
  const upper = table.layer();
  upper.delete(toHex(named("charge 17")));
  const next = cpuSeconds(() => upper.root(sha256));
  const frames: Uint8Array[] = [];
  const write = cpuSeconds(() => {
    let entries: SnapshotEntry[] = [];
    const number = ROOTED_TABLES.indexOf("transactions");
    for (const { key, encoded } of table.changesSince(table.emptied())) {
      entries.push([table.form.keyBytes(key), encoded ?? null]);
      if (entries.length < ENTRIES_PER_FRAME) continue;
      frames.push(encodeEntries(number, entries));
      entries = [];
    }
    frames.push(encodeEntries(number, entries));
  });
  const reader = new SnapshotReader(stateOfGenesis(crypto, builder.genesis), crypto, () => undefined);
  const read = cpuSeconds(() => {
    for (const frame of frames) reader.take(frame);
  });
  const bytes = frames.reduce((sum, { length }) => sum + length, 0);
  const figures = [fill, root, next * 1000, held / 1e6, bytes / 1e6, write, read].map((each) =>
    each.toFixed(2).padStart(12),
  );
  console.log(`${String(size).padStart(7)} ${figures.join(" ")}`);
}

function memory(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function cpuSeconds(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}
