/**
 * Bytes that reach the card for a byte of chain: our log against SQLite (WAL, synchronous=FULL) and LevelDB (sync), on
 * the same records of real charges, in turn and in one run. As root, for an ext4 file system of its own in a file and
 * the counts of its block device: `node test/bench/write-amplification.bench.ts [CHARGES [FOLDER]]`. LevelDB is measured
 * where `classic-level` is installed in that folder (`npm install classic-level` somewhere outside of this project).
 *
 * A group is what becomes durable with one sync: the records of a block, as a gateway stores it; or of several blocks,
 * as a joining one does. Our log writes its segments' zeros once before it fills them: told apart, since a segment is
 * made while nothing waits for it, and reused space costs the same on every store.
 */
import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import { openSegmentLog } from "#adapters/flash-store/index.ts";
import { openFlash } from "#hal/linux/flash.ts";
import { SystemRandomness } from "#hal/linux/system-randomness.ts";
import { RECORD_KIND } from "#core/ledger/journal-record.ts";
import { mountExt4Image, type Ext4Image } from "#test/builders/ext4-image.ts";
import { recordsOfCharges } from "#test/builders/many-charges.ts";

/** Running at the same time: a block then holds some forty facts. */
const TOGETHER = 20;

type Group = readonly Uint8Array[];

interface Level {
  open(): Promise<void>;
  batch(operations: readonly LevelPut[], options: { readonly sync: boolean }): Promise<void>;
  close(): Promise<void>;
}
interface LevelPut {
  readonly type: "put";
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}
type LevelClass = new (
  folder: string,
  options: { readonly keyEncoding: string; readonly valueEncoding: string },
) => Level;

const charges = Number(process.argv[2] ?? 200);
const records = recordsOfCharges(charges, TOGETHER);
const blocks = groupsOf(records);
const bytes = records.reduce((sum, { length }) => sum + length, 0);
const LevelDb = findLevel(process.argv[3]);
console.log(`${charges} charges: ${records.length} records in ${blocks.length} blocks, ${bytes} bytes of chain`);
console.log("device bytes for a byte of chain (flushes a group):");

const image = await mountExt4Image(512, "noatime,data=ordered,commit=300");
if (image === undefined) {
  console.log("not measured: no loop device here, or not root");
} else {
  try {
    for (const together of [1, 4, 16]) {
      const groups = Array.from({ length: Math.ceil(blocks.length / together) }, (_, place) =>
        blocks.slice(place * together, (place + 1) * together).flat(),
      );
      const log = await ofLog(image, groups);
      const sqlite = await measured(image, groups, ofSqlite);
      const level = LevelDb === undefined ? undefined : await measured(image, groups, (at) => ofLevel(LevelDb, at));
      const size = (bytes / groups.length / 1000).toFixed(1);
      console.log(
        `  ${String(together).padStart(2)} blocks in a group of ${size} kB: log ${log}, SQLite ${sqlite}, ` +
          `LevelDB ${level ?? "not measured: not installed"}`,
      );
    }
  } finally {
    await image.dispose();
  }
}

/** The records of each block, the facts before it among them. */
function groupsOf(all: readonly Uint8Array[]): readonly Group[] {
  const groups: Uint8Array[][] = [[]];
  for (const record of all) {
    groups.at(-1)?.push(record);
    if (record[0] === RECORD_KIND.block) groups.push([]);
  }
  return groups.filter(({ length }) => length > 0);
}

interface Store {
  write(group: Group): Promise<void>;
  close(): Promise<void>;
}

async function measured(
  at: Ext4Image,
  groups: readonly Group[],
  open: (folder: string) => Promise<Store>,
): Promise<string> {
  const store = await open(await mkdtemp(join(at.folder, "store-")));
  await settled(at);
  const before = await at.counts();
  for (const group of groups) await store.write(group);
  await settled(at);
  const after = await at.counts();
  await store.close();
  const flushes = ((after.flushes - before.flushes) / groups.length).toFixed(1);
  return `x${((after.bytes - before.bytes) / bytes).toFixed(2)} (${flushes})`;
}

/** With one segment so large that no other is made meanwhile: its zeros are one byte for each of the chain. */
async function ofLog(at: Ext4Image, groups: readonly Group[]): Promise<string> {
  const written = await measured(at, groups, async (folder) => {
    const flash = await openFlash(folder);
    const segmentBytes = 2 ** Math.ceil(Math.log2(bytes * 2.4));
    const { log } = await openSegmentLog(flash, { randomness: new SystemRandomness(), segmentBytes });
    // The first record makes the segment.
    await log.append(new Uint8Array(1));
    return {
      write: async (group) => {
        await Promise.all(group.map((record) => log.append(record)));
      },
      close: async () => {
        await log.close();
        await flash.close();
      },
    };
  });
  return `${written} and x1.00 of zeros`;
}

function ofSqlite(folder: string): Promise<Store> {
  const database = new DatabaseSync(join(folder, "records.db"));
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
  database.exec("CREATE TABLE record (id INTEGER PRIMARY KEY, bytes BLOB)");
  const insert = database.prepare("INSERT INTO record (bytes) VALUES (?)");
  return Promise.resolve({
    write: (group) => {
      database.exec("BEGIN");
      for (const record of group) insert.run(record);
      database.exec("COMMIT");
      return Promise.resolve();
    },
    close: () => {
      database.close();
      return Promise.resolve();
    },
  });
}

async function ofLevel(Database: LevelClass, folder: string): Promise<Store> {
  const level = new Database(join(folder, "level"), { keyEncoding: "buffer", valueEncoding: "buffer" });
  await level.open();
  let next = 0;
  const put = (value: Uint8Array): LevelPut => {
    const key = Buffer.alloc(4);
    key.writeUInt32BE(next);
    next += 1;
    return { type: "put", key, value: Buffer.from(value) };
  };
  return {
    write: (group) => level.batch(group.map(put), { sync: true }),
    close: () => level.close(),
  };
}

function findLevel(folder: string | undefined): LevelClass | undefined {
  if (folder === undefined) return undefined;
  try {
    const loaded = createRequire(join(folder, "here.js"))("classic-level") as { readonly ClassicLevel: LevelClass };
    return loaded.ClassicLevel;
  } catch {
    return undefined;
  }
}

/** What ext4 still has to write, its journal's commit among it, is on the device. */
async function settled({ folder }: Ext4Image): Promise<void> {
  await promisify(execFile)("sync", ["-f", folder]);
}
