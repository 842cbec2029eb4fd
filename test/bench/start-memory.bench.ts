/**
 * What a start costs and what a gateway keeps in memory: the release as one file against the sources as written, and
 * against itself without the engine's compilers (decision 0034); in turn and in one run, so that the ratios hold on a
 * machine with other work. By hand, after `npm run bundle`: `node test/bench/start-memory.bench.ts [ROUNDS]`
 *
 * The gateway is a charger with its own broker, meter and charge controller, which are simulated here. It has started
 * when it says so; its memory and the guard's are read some seconds later. CPU time is that of all its threads.
 */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startBenchCharger } from "#firmware/commands/bench/bench-charger.ts";
import { SystemClock } from "#hal/linux/system-clock.ts";
import { ChargingWorld } from "#hal/mock/physics/charging-world.ts";
import { freePort } from "#test/builders/free-port.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const library = join(root, `deploy/out/stage-${process.arch === "x64" ? "amd64" : "arm64"}/usr/lib/tallystick`);
const SETTLED_MS = 4000;
/** sysconf(_SC_CLK_TCK): 100 on every Linux that Node runs on. */
const TICKS_A_SECOND = 100;

const bundle = join(library, "tallystick.mjs");
if (!existsSync(bundle)) throw new Error("there is no bundle: npm run bundle");
const shipped = join(library, "node");
const variants: readonly { readonly name: string; readonly words: readonly string[] }[] = [
  { name: "sources as written", words: [process.execPath, join(root, "firmware/launch.js")] },
  { name: "bundle", words: [shipped, bundle] },
  { name: "bundle --jitless", words: [shipped, "--jitless", bundle] },
];

interface Sample {
  readonly [what: string]: number;
}

const rounds = Number(process.argv[2] ?? 5);
const folder = mkdtempSync(join(tmpdir(), "start-memory-"));
const samples = new Map(variants.map(({ name }) => [name, [] as Sample[]]));
try {
  const { config, close } = await makeCharger();
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, words } of variants) {
      samples.get(name)?.push({ ...help(words), ...(await gateway(words, config)) });
    }
  }
  await close();
} finally {
  rmSync(folder, { recursive: true });
}
print();

function help(words: readonly string[]): Sample {
  const startedMs = performance.now();
  const [program = "", ...rest] = words;
  const { stdout } = spawnSync("/bin/sh", ["-c", '"$@" --help >/dev/null; cat /proc/$$/stat', "sh", program, ...rest]);
  const wallMs = performance.now() - startedMs;
  // Fields 16 and 17 (proc(5)): what the children that have ended spent, in user and kernel.
  const fields = stdout
    .toString()
    .replace(/^.*\) /, "")
    .split(" ");
  const cpuMs = ((Number(fields[13]) + Number(fields[14])) / TICKS_A_SECOND) * 1000;
  return { "--help, ms": wallMs, "--help, CPU ms": cpuMs };
}

async function gateway(words: readonly string[], config: string): Promise<Sample> {
  const [program = "", ...rest] = words;
  const startedMs = performance.now();
  const child = spawn(program, [...rest, "run", "--config", config, "--json"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await said(child, /"event":"started"/);
  const readyMs = performance.now() - startedMs;
  const readyCpuMs = cpuMsOf(child.pid);
  await new Promise((resolve) => setTimeout(resolve, SETTLED_MS));
  const guard = childrenOf(child.pid)[0];
  const sample = {
    "gateway started, ms": readyMs,
    "gateway started, CPU ms": readyCpuMs,
    "gateway, RSS MB": residentMb(child.pid, "VmRSS"),
    "gateway, peak MB": residentMb(child.pid, "VmHWM"),
    "gateway, own MB": ownMb(child.pid),
    "guard, RSS MB": residentMb(guard, "VmRSS"),
    "guard, own MB": ownMb(guard),
  };
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  await ended;
  return sample;
}

function said(child: ChildProcess, pattern: RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = "";
    child.once("exit", (code) => {
      reject(new Error(`ended with ${code ?? "a signal"}: ${text}`));
    });
    child.stdout?.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      if (pattern.test(text)) resolve();
    });
  });
}

function cpuMsOf(pid: number | undefined): number {
  const fields = readFileSync(`/proc/${pid ?? 0}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return ((Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND) * 1000;
}

function residentMb(pid: number | undefined, key: "VmRSS" | "VmHWM"): number {
  const status = readFileSync(`/proc/${pid ?? 0}/status`, "utf8");
  return Number(new RegExp(`^${key}:\\s+(\\d+)`, "m").exec(status)?.[1]) / 1024;
}

/** Private pages: what the machine would have more of without this process. Node's own code is shared by all of it. */
function ownMb(pid: number | undefined): number {
  const rollup = readFileSync(`/proc/${pid ?? 0}/smaps_rollup`, "utf8");
  const kb = [...rollup.matchAll(/^Private_(?:Clean|Dirty):\s+(\d+)/gm)].map(([, found]) => Number(found));
  return kb.reduce((sum, each) => sum + each, 0) / 1024;
}

function childrenOf(pid: number | undefined): readonly number[] {
  return readdirSync(`/proc/${pid ?? 0}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid ?? 0}/task/${task}/children`, "utf8")
      .trim()
      .split(" ")
      .filter(Boolean)
      .map(Number),
  );
}

async function makeCharger(): Promise<{ readonly config: string; readonly close: () => Promise<void> }> {
  const clock = new SystemClock();
  const world = new ChargingWorld({ seed: 1, startMs: clock.wallMs(), nowMs: () => clock.wallMs() });
  world.addStation(1, { phases: 3, currentMaxA: 16, stepMilliWh: 1 });
  const device = await startBenchCharger(
    { world, clock },
    { station: 1, meter: "eastron-sdm630", chargePoint: "simple-evse-wb", serial: false, speed: 1, seed: 1 },
  );
  const port = device.line.kind === "tcp" ? device.line.port : 0;
  const place = join(folder, "charger");
  const line = ["--meter-line", `127.0.0.1:${port}`, "--broker-port", String(await freePort())];
  const made = spawnSync(
    process.execPath,
    [join(root, "firmware/launch.js"), "init", "--role", "charger", "--folder", place, ...line],
    { encoding: "utf8" },
  );
  if (made.status !== 0) throw new Error(made.stderr);
  const config = join(place, "tallystick.toml");
  writeFileSync(config, readFileSync(config, "utf8").replace("0.0.0.0", "127.0.0.1"));
  return { config, close: () => device.close() };
}

function print(): void {
  const [base] = variants;
  const floor = samples.get(base?.name ?? "") ?? [];
  for (const what of Object.keys(floor[0] ?? {})) {
    console.log(what);
    for (const { name } of variants) {
      const own = samples.get(name) ?? [];
      const value = median(own.map((sample) => sample[what] ?? Number.NaN));
      const ratio = median(own.map((sample, round) => (sample[what] ?? Number.NaN) / (floor[round]?.[what] ?? 1)));
      console.log(`  ${name.padEnd(20)} ${value.toFixed(0).padStart(6)}   x${ratio.toFixed(2)}`);
    }
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
