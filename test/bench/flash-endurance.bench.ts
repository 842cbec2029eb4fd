/**
 * What a gateway writes to its card in a day and in ten years, and what that is of the card's life. `node
 * test/bench/flash-endurance.bench.ts [CHARGES A DAY] [OF THEM OWN]`, as root for the device's own counts.
 *
 * 1. One charge of 40 minutes and one hour of rest run in the simulation, with the services of a real gateway on a
 * flash that writes down every write and sync: what a station, a vehicle and a bystander of the same region store. 2.
 * The same writes, in the same order, go to files on an ext4 file system of its own (4 KiB blocks, data=ordered,
 * noatime); its block device counts what reaches the card, journal and inodes included. ext4 writes the times of
 * changed files with the next commit of its journal, so each group of writes is followed by one: `commit=1` and a pause
 * of a little more stand for the 5 s of a real card.
 */
import { join } from "node:path";
import { mkdir } from "node:fs/promises";
import { openFlash } from "#hal/linux/flash.ts";
import type { Flash, FlashFile } from "#hal/ports/flash.ts";
import { mountExt4Image } from "#test/builders/ext4-image.ts";
import type { FlashStep } from "#test/builders/traced-flash.ts";
import { ChargeSimulation, type ChargeFaults } from "#test/simulation/charge-world.ts";

const HOUR_MS = 3_600_000;
const CHARGE_MS = 40 * 60_000;
/** From the first plug to the last block. */
const CHARGE_SPAN_MS = CHARGE_MS + 30 * 60_000;
const REST_FROM_MS = 2 * HOUR_MS;
/** Writes that are nearer than this share a commit of the journal (`commit=5` is ext4's own). */
const COMMIT_MS = 5_000;
const PAUSE_MS = 1_300;
const PAGE = 4096;
const DAYS = 3652;
type Who = "station" | "vehicle" | "arbiter";

/** Terabytes that a card takes; see deploy/endurance.md for where they come from. */
const CARDS = [
  ["16 GB, ordinary TLC, 500 cycles, small writes cost tenfold", (16e9 * 500) / 10],
  ["32 GB, ordinary TLC, 500 cycles, small writes cost tenfold", (32e9 * 500) / 10],
  ["32 GB, high endurance, 2,500 h at 26 Mbit/s, small writes tenfold", (2_500 * 3600 * 26e6) / 8 / 10],
] as const;

const chargesADay = Number(process.argv[2] ?? 60);
const ownADay = Number(process.argv[3] ?? 60);

const recorded = await recordWrites();
console.log("what a gateway hands to its store, by file: writes, bytes, syncs");
for (const [name, steps] of Object.entries(recorded)) {
  console.log(`  ${name}`);
  for (const line of tableOf(steps)) console.log(`    ${line}`);
}
const costs = new Map<string, number>();
for (const [name, steps] of Object.entries(recorded)) costs.set(name, await deviceBytes(name, steps));

const cost = (name: string): number => costs.get(name) ?? NaN;
const roles = [
  ["station", cost("station, a charge of its own") * ownADay, cost("station, an hour of rest") * 24],
  ["vehicle", cost("vehicle, a charge of its own") * 2, cost("vehicle, an hour of rest") * 24],
] as const;
const foreign = cost("bystander, a charge of others");
console.log(
  `\na day: ${chargesADay} charges in the region's ledger, of them the station's own ${ownADay}, the vehicle's own 2`,
);
for (const [role, own, rest] of roles) {
  const others = foreign * (chargesADay - (role === "station" ? ownADay : 2));
  const day = own + Math.max(0, others) + rest;
  const parts = `own ${megabytes(own)}, others' ${megabytes(others)}, rest ${megabytes(rest)}`;
  console.log(
    `  ${role.padEnd(8)} ${megabytes(day)} a day (${parts}), ${((day * DAYS) / 1e9).toFixed(0)} GB in ten years`,
  );
  for (const [card, bytes] of CARDS) {
    console.log(
      `    ${(((day * DAYS) / bytes) * 100).toFixed(0).padStart(4)} % of ${card}: ${(bytes / day / 365.25).toFixed(0)} years`,
    );
  }
}

/** The writes of one charge and of one hour of rest, by who writes. */
async function recordWrites(): Promise<Readonly<Record<string, readonly FlashStep[]>>> {
  const steps: Record<Who, FlashStep[]> = { station: [], vehicle: [], arbiter: [] };
  const faults: ChargeFaults = {
    ...{ bus: {}, crash: undefined, stationLies: 1, vehicleLies: 1, chargeMs: CHARGE_MS },
    ...{ hasArbiter: true, flashSteps: steps },
  };
  const simulation = new ChargeSimulation(7, faults);
  const { clock, station, vehicle, arbiter, world, story } = simulation;
  await clock.runUntilSettled(Promise.all([station.start(), vehicle.start(), arbiter.start()]));
  await clock.runFor(10 * 60_000);
  const fromMs = clock.monotonicMs();
  world.plugIn("car", 1);
  await clock.runFor(CHARGE_MS);
  world.change(() => {
    world.vehicle("car").endCharge();
  });
  await clock.runFor(60_000);
  world.unplug("car");
  await clock.runUntil(REST_FROM_MS + HOUR_MS);
  const results = story.filter((line) => line.includes("resultRecorded")).length;
  if (results === 0) throw new Error(`bug of the bench: no charge was settled\n${story.join("\n")}`);
  const told = story.filter((line) => line.includes("charger-1")).map((line) => line.length);
  console.log(
    `a station tells ${told.length} events in ${REST_FROM_MS / HOUR_MS + 1} h, as lines ${told.reduce((a, b) => a + b, 0)} bytes`,
  );
  const between = (who: Who, from: number, to: number): readonly FlashStep[] =>
    steps[who].filter(({ atMs }) => atMs >= from && atMs < to);
  const charge = (who: Who): readonly FlashStep[] => between(who, fromMs, fromMs + CHARGE_SPAN_MS);
  const rest = (who: Who): readonly FlashStep[] => between(who, REST_FROM_MS, REST_FROM_MS + HOUR_MS);
  return {
    "station, a charge of its own": charge("station"),
    "vehicle, a charge of its own": charge("vehicle"),
    "bystander, a charge of others": charge("arbiter"),
    "station, an hour of rest": rest("station"),
    "vehicle, an hour of rest": rest("vehicle"),
  };
}

function tableOf(steps: readonly FlashStep[]): readonly string[] {
  const files = new Map<string, { writes: number; bytes: number; syncs: number }>();
  for (const { folder, file, what, bytes } of steps) {
    const name = `${folder}/${file}`;
    const row = files.get(name) ?? { writes: 0, bytes: 0, syncs: 0 };
    if (what === "write") row.writes += 1;
    if (what === "sync") row.syncs += 1;
    row.bytes += what === "write" ? bytes : 0;
    files.set(name, row);
  }
  return [...files].map(([name, { writes, bytes, syncs }]) => {
    return `${name.padEnd(28)} ${String(writes).padStart(5)} ${String(bytes).padStart(8)} B ${String(syncs).padStart(5)}`;
  });
}

/** What the same writes cost on a device. A segment's zeros, written once when it is made, are added to its bytes. */
async function deviceBytes(name: string, steps: readonly FlashStep[]): Promise<number> {
  const zeros = steps
    .filter(({ what, file }) => what === "write" && file.startsWith("segment-"))
    .reduce((sum, { bytes }) => sum + bytes, 0);
  const written = steps.filter(({ what }) => what === "write").reduce((sum, { bytes }) => sum + bytes, 0);
  const image = await mountExt4Image(256, "noatime,data=ordered,commit=1");
  if (image === undefined) {
    const pages = steps.filter(({ what }) => what === "write");
    const estimate = pages.reduce((sum, { bytes, offset }) => sum + pagesOf(offset, bytes) * PAGE, zeros);
    console.log(`${name}: no loop device here; whole pages only: ${estimate} bytes`);
    return estimate;
  }
  try {
    const files = await prepareFiles(image.folder, steps);
    await pause();
    const before = await image.counts();
    let [groups, lastMs] = [0, Number.NEGATIVE_INFINITY];
    for (const { atMs, folder, file, what, offset, bytes } of steps) {
      if (atMs - lastMs >= COMMIT_MS) {
        await pause();
        groups += 1;
      }
      lastMs = atMs;
      const target = files.files.get(`${folder}/${file}`);
      if (target === undefined || what === "create") continue;
      if (what === "sync") await target.sync();
      else await target.write(offset, new Uint8Array(bytes).fill(0x5a));
    }
    await pause();
    const after = await image.counts();
    await files.close();
    const device = after.bytes - before.bytes;
    const flushes = after.flushes - before.flushes;
    const ratio = written === 0 ? "" : `, ${(device / written).toFixed(1)} times`;
    console.log(
      `${name}: ${written} bytes written, ${device} on the device${ratio}, ${flushes} flushes, ` +
        `${groups} commits; and ${zeros} of zeros`,
    );
    return device + zeros;
  } finally {
    await image.dispose();
  }
}

function pagesOf(offset: number, bytes: number): number {
  return Math.floor((offset + bytes - 1) / PAGE) - Math.floor(offset / PAGE) + 1;
}

interface Prepared {
  readonly files: ReadonlyMap<string, FlashFile>;
  close(): Promise<void>;
}

/** All the files that the steps write to, as large as they need, durable before anything is counted. */
async function prepareFiles(root: string, steps: readonly FlashStep[]): Promise<Prepared> {
  const files = new Map<string, FlashFile>();
  const flashes = new Map<string, Flash>();
  const sizes = new Map<string, number>();
  for (const { folder, file, offset, bytes } of steps) {
    const key = `${folder}/${file}`;
    sizes.set(key, Math.max(sizes.get(key) ?? PAGE, Math.ceil((offset + bytes) / PAGE) * PAGE));
  }
  for (const [key, sizeBytes] of sizes) {
    const [folder = "", file = ""] = key.split("/");
    const path = join(root, folder);
    const known = flashes.get(folder);
    if (known === undefined) await mkdir(path);
    const flash = known ?? (await openFlash(path));
    flashes.set(folder, flash);
    files.set(key, await flash.create(file, sizeBytes));
  }
  return {
    files,
    close: async () => {
      for (const flash of flashes.values()) await flash.close();
    },
  };
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
