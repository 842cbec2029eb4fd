/**
 * Memory and start of a gateway that holds a long chain, first from the whole journal, then from the snapshot that this
 * first start has left: `node test/bench/long-chain.bench.ts [CHARGES…]`, by default
 * 100, 1,000 and 10,000. Each chain is made by the production code (some ten thousand charges take minutes) and put on
 * the flash of a new charger gateway; then `tallystick run` is started on it as a process of its own, from the sources
 * and, where the bundle has been built, from the bundle. What counts is what the kernel says of that process.
 */
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { SystemClock } from "#hal/linux/system-clock.ts";
import { freePort } from "#test/builders/free-port.ts";
import { writeLongChain } from "#test/builders/long-chain.ts";
import { tallystick } from "#test/builders/tallystick-process.ts";

const SETTLE_MS = 15_000;
const START_MS_MAX = 3_600_000;
/** As on a board with 512 MB; on a larger machine V8 takes what there is. */
const SMALL_BOARD = ["--max-old-space-size=192", "--max-semi-space-size=2"];

const root = fileURLToPath(new URL("../..", import.meta.url));
const stage = join(root, "deploy/out/stage-amd64/usr/lib/tallystick");
const PROGRAMS: readonly (readonly [string, string, readonly string[]])[] = [
  ["sources", process.execPath, [join(root, "firmware/main.ts")]],
  ["bundle", join(stage, "node"), [join(stage, "tallystick.mjs")]],
  // As the service runs it (decision 0034).
  ["bundle --jitless", join(stage, "node"), ["--jitless", join(stage, "tallystick.mjs")]],
];
const clock = new SystemClock();
const sizes = process.argv.slice(2).map(Number);

console.log(
  "charges  blocks    MB on flash | program, from                start CPU s  wall s | RSS MB at start  peak  after 15 s  (own memory)",
);
for (const sessions of sizes.length > 0 ? sizes : [100, 1_000, 10_000]) {
  const home = await mkdtemp(join(tmpdir(), "long-chain-"));
  try {
    const made = await tallystick(["init", "--role", "charger", "--folder", home, "--meter-line", "127.0.0.1:1"]);
    if (made.exitCode !== 0) throw new Error(made.err);
    const config = join(home, "tallystick.toml");
    const text = readFileSync(config, "utf8").replace("0.0.0.0", "127.0.0.1");
    await writeFile(config, text.replace(/^port = 1883$/m, `port = ${await freePort()}`));
    const until = Math.floor(clock.wallMs() / 1000) - 60;
    const { blocks, recordBytes } = await writeLongChain(home, { sessions, together: 2, reports: 8, until });
    const chain = [sessions, blocks, (recordBytes / 1e6).toFixed(1)].map((each) => String(each).padStart(7)).join("  ");
    for (const [name, program, first] of PROGRAMS) {
      if (!existsSync(program)) continue;
      const ledger = join(home, "flash", "ledger");
      for (const file of await readdir(ledger)) if (/^(state|index)-/.test(file)) await rm(join(ledger, file));
      for (const from of ["journal", "snapshot"]) {
        const figures = await measure(program, [...SMALL_BOARD, ...first], config);
        console.log(`${chain}      | ${`${name}, ${from}`.padEnd(26)} ${figures}`);
      }
      console.log(
        `${" ".repeat(34)}| snapshot and indexes: ${await bytesOf(ledger, /^state-/)} and ${await bytesOf(ledger, /^index-/)} MB`,
      );
    }
  } finally {
    await rm(home, { recursive: true });
  }
}

/** Of the files with such a name, in MB without the zeros at their ends. */
async function bytesOf(folder: string, name: RegExp): Promise<string> {
  let sum = 0;
  for (const file of await readdir(folder)) {
    if (name.test(file)) sum += readFileSync(join(folder, file)).findLastIndex((byte) => byte !== 0) + 1;
  }
  return (sum / 1e6).toFixed(1);
}

async function measure(program: string, words: readonly string[], config: string): Promise<string> {
  const began = performance.now();
  const child = spawn(program, [...words, "run", "--config", config, "--json"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    await started(child.stdout);
    const wallS = (performance.now() - began) / 1000;
    const pid = child.pid ?? 0;
    const [first, cpuS] = [statusOf(pid), cpuSecondsOf(pid)];
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const later = statusOf(pid);
    const figures = [first.VmRSS, later.VmHWM, later.VmRSS, later.RssAnon].map((kB) =>
      ((kB ?? NaN) / 1000).toFixed(0).padStart(9),
    );
    return `${cpuS.toFixed(1).padStart(10)}  ${wallS.toFixed(1).padStart(7)} | ${figures.join(" ")}`;
  } finally {
    const ended = new Promise((resolve) => child.once("close", resolve));
    child.kill();
    await ended;
  }
}

function started(output: NodeJS.ReadableStream): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error("the gateway has not started in time"));
    }, START_MS_MAX);
    let text = "";
    output.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      if (!text.includes('"event":"started"')) return;
      clearTimeout(timer);
      resolve();
    });
    output.on("end", () => {
      clearTimeout(timer);
      reject(new Error(`the gateway has not started: ${text}`));
    });
  });
}

type StatusName = "VmRSS" | "VmHWM" | "RssAnon";

/** Kilobytes, by proc_pid_status(5). */
function statusOf(pid: number): Readonly<Partial<Record<StatusName, number>>> {
  const text = readFileSync(`/proc/${pid}/status`, "utf8");
  const kB = (name: StatusName): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(text)?.[1]);
  return { VmRSS: kB("VmRSS"), VmHWM: kB("VmHWM"), RssAnon: kB("RssAnon") };
}

/** User and system time in seconds, of which the kernel counts 100 ticks each (proc_pid_stat(5)). */
function cpuSecondsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
