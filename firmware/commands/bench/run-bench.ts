/**
 * The main job of the product as one run: a world, its devices, gateways as processes of their own, and drivers that
 * charge; then everything stops, and every stored chain is checked.
 */
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { CommandIo } from "../command-io.ts";
import { CommandError } from "../command-error.ts";
import { EXIT } from "../exit-code.ts";
import type { BenchOptions } from "./bench-options.ts";
import { askMeshCost, type MeshCost } from "./bench-cost.ts";
import { reportRun, type BenchReport } from "./bench-report.ts";
import { prepareSite, type BenchSite } from "./bench-site.ts";
import type { BenchView } from "./bench-view.ts";
import { BenchWatch } from "./bench-watch.ts";
import { driveCharge, PATIENCE_MS, type DrivenCharge, type RunningCharge } from "./charge-driver.ts";
import type { GatewayProcess } from "./gateway-process.ts";
import { JsonView } from "./json-view.ts";
import { LineView } from "./line-view.ts";
import { LiveView } from "./live-view.ts";
import { waitForOneChain } from "./one-chain.ts";
import { takeTurns } from "./site-plan.ts";
import { stopGateways } from "./stop-gateways.ts";
import { waitForFinal } from "./wait-for-final.ts";

/** Where a test takes a hand in the run. */
export interface BenchHooks {
  /** Keys, region and configurations are made, and no gateway runs yet: let them in at a broker. */
  readonly beforeStart?: (site: BenchSite) => Promise<void>;
  /** Power flows: pull a plug, kill a gateway. The car's end of the charge waits for it. */
  readonly whileCharging?: (bench: HookedBench, charge: RunningCharge) => Promise<void>;
}

export interface HookedBench {
  readonly site: BenchSite;
  readonly watch: BenchWatch;
  /** Resolves when so much of the world's time has passed. */
  readonly sleep: (worldMs: number) => Promise<void>;
  /** The gateway loses its power (`kill -9`) and gets it back after so long; resolves when it is on the mesh. */
  readonly cutPower: (gateway: GatewayProcess, worldMs: number) => Promise<void>;
}

/** Rejects with a BenchFailure that names the gateway when one dies or a deadline passes; nothing runs then. */
export async function runBench(options: BenchOptions, io: CommandIo, hooks: BenchHooks = {}): Promise<BenchReport> {
  const folder = await makeFolder(options.keep, io.cwd);
  const startedMs = performance.now();
  const running = new Set<RunningCharge>();
  const watch = new BenchWatch((gateway, news) => {
    view.news(gateway.name, news);
  });
  const view = viewFor({ io, options, watch, running });
  io.onStop(() => {
    watch.fail("asked to stop");
  });
  const keepsAll = { ...options, keep: options.keep === undefined ? undefined : folder };
  try {
    const site = await prepareSite(options, { folder, cwd: io.cwd }, watch);
    const finished = await play(site, { options, watch, view, running, hooks });
    view.end();
    const folders = site.gateways.map((gateway) => gateway.folder);
    const realSeconds = (performance.now() - startedMs) / 1000;
    return await reportRun({ ...finished, options: keepsAll, folders, realSeconds });
  } finally {
    view.end();
    if (options.keep === undefined) await rm(folder, { recursive: true, force: true });
  }
}

interface Play {
  readonly options: BenchOptions;
  readonly watch: BenchWatch;
  readonly view: BenchView;
  readonly running: Set<RunningCharge>;
  readonly hooks: BenchHooks;
}

interface Finished {
  readonly charges: readonly DrivenCharge[];
  readonly problems: readonly string[];
  readonly mesh: MeshCost;
}

/** Blocks in which nobody charges, at the end of a run under rules by which empty ones are sealed. */
const IDLE_BLOCKS = 2;

/** From the first start to the last end of a process; whatever happens, none is left behind. */
async function play(site: BenchSite, parts: Play): Promise<Finished> {
  const { watch, view } = parts;
  const sleep = (worldMs: number): Promise<void> => sleepInWorld(site, worldMs);
  const cutPower = async (gateway: GatewayProcess, worldMs: number): Promise<void> => {
    await gateway.kill();
    watch.forget(gateway);
    view.note(`${gateway.name} has lost its power`);
    await sleep(worldMs);
    gateway.start();
    await watch.until(`${gateway.name}, back in power`, PATIENCE_MS, () => isReady(watch, gateway));
  };
  const bench: HookedBench = { site, watch, sleep, cutPower };
  view.begin(site);
  try {
    await parts.hooks.beforeStart?.(site);
    await startGateways(site, watch);
    const charges = await driveAll(bench, parts);
    view.note("every charge has ended; waiting until all hold the same chain");
    const addresses = charges.map(({ address }) => address);
    await waitForOneChain(site, watch, addresses);
    if (site.rules.finality !== "off") view.note("all hold the same chain; waiting until it is final");
    if (await waitForFinal(site, watch)) {
      // Whoever was the last to hear a vote may have a block less.
      await waitForOneChain(site, watch, addresses);
    }
    if (site.rules.emptyBlocks) {
      view.note("nobody charges now; two more blocks come from whoever has the longest history of all");
      await sleep(IDLE_BLOCKS * 1000 * site.rules.blockSeconds);
      await waitForOneChain(site, watch, addresses);
    }
    const mesh = await askMeshCost(site.gateways);
    return { charges, mesh, problems: await stopGateways(site, watch) };
  } finally {
    await Promise.all(site.gateways.map((gateway) => gateway.kill()));
    await site.close();
  }
}

async function startGateways(site: BenchSite, watch: BenchWatch): Promise<void> {
  const [first, ...others] = site.gateways;
  // The first charger may be the one with the broker: the others need not try in vain.
  first?.start();
  await watch.until("the first gateway's start", PATIENCE_MS, () => first === undefined || watch.of(first).isStarted);
  for (const gateway of others) gateway.start();
  await watch.until("the gateways' start", PATIENCE_MS, () =>
    site.gateways.every((gateway) => isReady(watch, gateway)),
  );
}

function isReady(watch: BenchWatch, gateway: GatewayProcess): boolean {
  const { isStarted, isMeshUp } = watch.of(gateway);
  return isStarted && isMeshUp;
}

function driveAll(bench: HookedBench, { options, watch, running, hooks }: Play): Promise<readonly DrivenCharge[]> {
  const { site } = bench;
  const whileCharging = async (charge: RunningCharge): Promise<void> => {
    running.add(charge);
    await hooks.whileCharging?.(bench, charge);
  };
  const { chargers, vehicles } = site;
  return takeTurns(chargers.slice(0, options.chargers), vehicles, options.charges, async (charger, vehicle) => {
    try {
      return await driveCharge(charger, vehicle, { site, watch, options, whileCharging });
    } finally {
      for (const charge of running) if (charge.charger === charger) running.delete(charge);
    }
  });
}

function sleepInWorld({ clock }: BenchSite, worldMs: number): Promise<void> {
  return new Promise((resolvePromise) => {
    clock.wakeAt(clock.monotonicMs() + worldMs, resolvePromise);
  });
}

function viewFor(parts: ConstructorParameters<typeof LiveView>[0]): BenchView {
  if (parts.options.json) return new JsonView(parts);
  return parts.io.isTerminal ? new LiveView(parts) : new LineView(parts);
}

async function makeFolder(keep: string | undefined, cwd: string): Promise<string> {
  if (keep === undefined) return await mkdtemp(join(tmpdir(), "tallystick-bench-"));
  const folder = resolve(cwd, keep);
  await mkdir(folder, { recursive: true });
  const there = await readdir(folder);
  if (there.length === 0) return folder;
  throw new CommandError(EXIT.cannotCreate, `--keep: ${folder} is not empty (${there[0] ?? ""}); name a new folder`);
}
