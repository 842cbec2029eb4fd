/**
 * How fast records become durable, and what that costs the card: our log against node:sqlite (WAL, synchronous=FULL),
 * on the same records, one after the other in one run. By hand: `node test/bench/append-durable.bench.ts`, as root, so
 * that it can mount an ext4 file system of its own in a file and read what its block device wrote; otherwise it
 * measures in the temporary folder, without device bytes.
 *
 * "n waiters" are n callers of whom each appends its next record when the one before is durable. SQLite gets the n
 * records of a round in one transaction, which is the best it can do for them.
 */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import { openSegmentLog } from "#adapters/flash-store/index.ts";
import { openFlash } from "#hal/linux/flash.ts";
import { SystemRandomness } from "#hal/linux/system-randomness.ts";

const RECORD_BYTES = 500;
const CASES = [
  { waiters: 1, rounds: 1500 },
  { waiters: 10, rounds: 600 },
  { waiters: 100, rounds: 200 },
  { waiters: 500, rounds: 80 },
];
const run = promisify(execFile);

interface Place {
  readonly folder: string;
  /** Sectors of 512 B written and flushes so far, from the block layer (Documentation/block/stat.rst). */
  deviceCounts(): Promise<{ readonly bytes: number; readonly flushes: number } | undefined>;
  dispose(): Promise<void>;
}

interface Outcome {
  readonly perSecond: number;
  readonly bytesPerByte: number;
  readonly flushesPerRecord: number;
  readonly stallMs: number;
}

const place = await makePlace();
try {
  console.log(
    `records of ${RECORD_BYTES} B; device bytes per payload byte; flushes per record; longest stall of the event loop`,
  );
  console.log(
    "waiters | log: rec/s  dev B/B  flush/rec  stall | sqlite: rec/s  dev B/B  flush/rec  stall | log/sqlite: rec/s  dev B",
  );
  let single = 0;
  for (const { waiters, rounds } of CASES) {
    const log = await measure(place, waiters * rounds, () => appendToLog(place.folder, waiters, rounds));
    const sqlite = await measure(place, waiters * rounds, () => insertIntoSqlite(place.folder, waiters, rounds));
    if (waiters === 1) single = log.perSecond;
    const ratios = [log.perSecond / sqlite.perSecond, log.bytesPerByte / sqlite.bytesPerByte].map(
      (x) => `x${x.toFixed(2)}`,
    );
    const growth = `(x${(log.perSecond / single).toFixed(1)} of 1 waiter)`;
    console.log([String(waiters).padStart(7), shown(log), shown(sqlite), ratios.join("  "), growth].join(" | "));
  }
} finally {
  await place.dispose();
}

/** Runs the time and the device while `work` does, which hands over a start and returns when all is durable. */
async function measure(at: Place, records: number, work: () => Promise<Work>): Promise<Outcome> {
  const { start, end } = await work();
  await run("sync", ["-f", at.folder]);
  const before = await at.deviceCounts();
  const began = performance.now();
  let [stallMs, last] = [0, began];
  const watch = setInterval(() => {
    const now = performance.now();
    stallMs = Math.max(stallMs, now - last - 1);
    last = now;
  }, 1);
  await start();
  const seconds = (performance.now() - began) / 1000;
  stallMs = Math.max(stallMs, performance.now() - last - 1);
  clearInterval(watch);
  await end();
  await run("sync", ["-f", at.folder]);
  const after = await at.deviceCounts();
  const bytes = before !== undefined && after !== undefined ? after.bytes - before.bytes : NaN;
  const flushes = before !== undefined && after !== undefined ? after.flushes - before.flushes : NaN;
  return {
    perSecond: records / seconds,
    bytesPerByte: bytes / (records * RECORD_BYTES),
    flushesPerRecord: flushes / records,
    stallMs,
  };
}

interface Work {
  readonly start: () => Promise<void>;
  readonly end: () => Promise<void>;
}

async function appendToLog(parent: string, waiters: number, rounds: number): Promise<Work> {
  const folder = await mkdtemp(join(parent, "log-"));
  const flash = await openFlash(folder);
  const { log } = await openSegmentLog(flash, { randomness: new SystemRandomness() });
  const record = recordOf();
  const waiter = async (): Promise<void> => {
    for (let round = 0; round < rounds; round += 1) await log.append(record);
  };
  return {
    start: async () => {
      await Promise.all(Array.from({ length: waiters }, waiter));
    },
    end: async () => {
      await log.close();
      await flash.close();
      await rm(folder, { recursive: true });
    },
  };
}

async function insertIntoSqlite(parent: string, waiters: number, rounds: number): Promise<Work> {
  const folder = await mkdtemp(join(parent, "sqlite-"));
  const database = new DatabaseSync(join(folder, "records.db"));
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
  database.exec("CREATE TABLE record (id INTEGER PRIMARY KEY, bytes BLOB)");
  const insert = database.prepare("INSERT INTO record (bytes) VALUES (?)");
  const record = recordOf();
  return {
    start: async () => {
      for (let round = 0; round < rounds; round += 1) {
        database.exec("BEGIN");
        for (let each = 0; each < waiters; each += 1) insert.run(record);
        database.exec("COMMIT");
        // The rest of the program gets its turn, as it does between two real commits.
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    end: async () => {
      database.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** Bytes that no file system or card compresses. */
function recordOf(): Uint8Array {
  return new SystemRandomness().bytes(RECORD_BYTES);
}

function shown(outcome: Outcome): string {
  const { perSecond, bytesPerByte, flushesPerRecord, stallMs } = outcome;
  return [
    perSecond.toFixed(0).padStart(9),
    bytesPerByte.toFixed(2).padStart(7),
    flushesPerRecord.toFixed(3).padStart(9),
    `${stallMs.toFixed(1)} ms`.padStart(9),
  ].join("  ");
}

async function makePlace(): Promise<Place> {
  const parent = await mkdtemp(join(tmpdir(), "tallystick-bench-"));
  const image = join(parent, "card.img");
  const folder = join(parent, "card");
  await mkdir(folder);
  try {
    await run("truncate", ["-s", "512M", image]);
    await run("mkfs.ext4", ["-q", "-b", "4096", image]);
    await run("mount", ["-o", "loop", image, folder]);
  } catch {
    console.log("no loop device here: device bytes are not measured");
    const nothing = (): Promise<undefined> => Promise.resolve(undefined);
    return { folder, deviceCounts: nothing, dispose: () => rm(parent, { recursive: true }) };
  }
  const { stdout } = await run("findmnt", ["-n", "-o", "SOURCE", folder]);
  const statFile = `/sys/block/${basename(stdout.trim())}/stat`;
  return {
    folder,
    deviceCounts: async () => {
      const fields = (await readFile(statFile, "utf8")).trim().split(/\s+/).map(Number);
      return { bytes: (fields[6] ?? NaN) * 512, flushes: fields[15] ?? NaN };
    },
    dispose: async () => {
      await run("umount", [folder]);
      await rm(parent, { recursive: true });
    },
  };
}
