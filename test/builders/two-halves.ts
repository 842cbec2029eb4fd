/**
 * Two chargers and two cars in two halves of a network with three brokers, as processes. While both charge, a broker is
 * killed, and then the link between the halves is cut.
 *
 *       left                 right
 *     broker L   ·····  M  ·····  broker R
 *      |    |   (link)  | |        |    |
 *   car-1  charger-1 ---+ +--- charger-2  car-2
 *      \_______________/
 *
 * Charger 1 is on L and M, charger 2 on M and R: what car 2 signs passes two relays before it is in all of the left
 * half. Car 1 is on L and M as well, so that its charge outlives L; car 2 is on R only, as a gateway with one broker.
 * M stands in the right half: the link carries what the left half's gateways have to do with it, and nothing else.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toHex } from "#base/bytes.ts";
import type { HookedBench } from "#firmware/commands/bench/run-bench.ts";
import type { GatewayProcess } from "#firmware/commands/bench/gateway-process.ts";
import { benchRun, type BenchRun } from "./bench-run.ts";
import { openCutNetwork, type CutNetwork, type Half } from "./cut-network.ts";
import { freePort } from "./free-port.ts";

export interface TwoHalvesOptions {
  /** Seconds of the world in each second. */
  readonly speed: number;
  readonly brokerGoneMs: number;
  readonly cutMs: number;
  /** Undefined takes the best that the machine allows. */
  readonly network?: CutNetwork["kind"];
  readonly say: (line: string) => void;
}

export interface TwoHalvesRun extends BenchRun {
  readonly network: CutNetwork["kind"];
  /** Heads of all gateways before the link came back. */
  readonly headsWhileCut: ReadonlySet<string>;
  /** What was signed while the broker was away, and while the link was cut, by gateway. */
  readonly reports: Readonly<Record<"brokerAway" | "cut", ReadonlyMap<string, number>>>;
  /** What each gateway published for others. */
  readonly carried: ReadonlyMap<string, number>;
}

const BROKERS: Readonly<Record<BrokerName, Half>> = { L: "left", M: "right", R: "right" };
type BrokerName = "L" | "M" | "R";

const GATEWAYS: Readonly<Record<string, { readonly half: Half; readonly brokers: readonly BrokerName[] }>> = {
  "charger-1": { half: "left", brokers: ["L", "M"] },
  "vehicle-1": { half: "left", brokers: ["L", "M"] },
  "charger-2": { half: "right", brokers: ["R", "M"] },
  "vehicle-2": { half: "right", brokers: ["R"] },
};

/** Real time: a gateway tries again each 30 s at the latest, and notices a dead line within 30. */
const ALL_UP_WITHIN_MS = 90_000;

export async function playTwoHalves(options: TwoHalvesOptions): Promise<TwoHalvesRun> {
  const { speed, say } = options;
  const network = openCutNetwork(options.network);
  const brokers = await Brokers.start(network);
  const scene = new Scene(brokers, network, options);
  say(`the link between the halves: ${network.kind}`);
  try {
    const run = await benchRun(
      // Serial lines reach from one network into another.
      {
        ...{ chargers: 2, vehicles: 2, minutes: 1, speed, broker: "mqtt://127.0.0.1:1" },
        serial: network.kind === "network namespaces",
      },
      {
        beforeStart: ({ gateways }) => configure(gateways, brokers, network),
        whileCharging: (bench) => scene.play(bench),
      },
    );
    return { ...run, network: network.kind, ...scene.found };
  } finally {
    await brokers.stop();
    await network.close();
  }
}

async function configure(gateways: readonly GatewayProcess[], brokers: Brokers, network: CutNetwork): Promise<void> {
  for (const gateway of gateways) {
    const place = GATEWAYS[gateway.name];
    if (place === undefined) throw new Error(`bug: no place for ${gateway.name}`);
    const [first = "", second] = await Promise.all(place.brokers.map((name) => brokers.urlFor(place.half, name)));
    const lines = [`url = "${first}"`, ...(second === undefined ? [] : ["[broker.second]", `url = "${second}"`])];
    const config = readFileSync(gateway.folder.configPath, "utf8");
    writeFileSync(gateway.folder.configPath, config.replace(/^url = .*$/m, lines.join("\n")));
    gateway.runWithin(network.within(place.half));
  }
}

class Scene {
  readonly found: Omit<TwoHalvesRun, keyof BenchRun | "network"> & {
    headsWhileCut: ReadonlySet<string>;
    carried: ReadonlyMap<string, number>;
  };
  readonly #brokers: Brokers;
  readonly #network: CutNetwork;
  readonly #options: TwoHalvesOptions;
  readonly #reports = { brokerAway: new Map<string, number>(), cut: new Map<string, number>() };
  #charging = 0;
  #bothCharge: () => void = () => undefined;
  readonly #bothAreCharging = new Promise<void>((resolve) => (this.#bothCharge = resolve));
  #played: Promise<void> | undefined;

  constructor(brokers: Brokers, network: CutNetwork, options: TwoHalvesOptions) {
    this.#brokers = brokers;
    this.#network = network;
    this.#options = options;
    this.found = { headsWhileCut: new Set(), carried: new Map(), reports: this.#reports };
  }

  /** Called for each of the two charges; both go on until all is over. */
  async play(bench: HookedBench): Promise<void> {
    this.#charging += 1;
    if (this.#charging === 2) this.#bothCharge();
    await this.#bothAreCharging;
    this.#played ??= this.#play(bench);
    await this.#played;
  }

  async #play({ site, watch }: HookedBench): Promise<void> {
    const { brokerGoneMs, cutMs, say } = this.#options;
    const { gateways } = site;
    const signed = (): ReadonlyMap<string, number> => {
      const charges = [...watch.charges.values()];
      return new Map(
        charges.flatMap(({ vehicle, reported }) =>
          [...reported].map(([role, { sequence }]) => [`${role} with ${vehicle.slice(0, 8)}`, sequence] as const),
        ),
      );
    };
    await untilAllUp(gateways);
    say("both cars charge; broker L is killed");
    const before = signed();
    await this.#brokers.kill("L");
    await sleep(brokerGoneMs);
    note(this.#reports.brokerAway, before, signed());
    await this.#brokers.run("L");
    await untilAllUp(gateways);
    say(`broker L is back; the link is cut for ${Math.round(cutMs / 1000)} s`);
    const atCut = signed();
    this.#network.cut();
    await sleep(cutMs);
    note(this.#reports.cut, atCut, signed());
    this.found.headsWhileCut = new Set(await Promise.all(gateways.map(headOf)));
    say(`the halves hold ${this.found.headsWhileCut.size} heads; the link comes back`);
    this.#network.heal();
    await untilAllUp(gateways);
    say("all gateways are connected with all their brokers again");
    this.found.carried = new Map(await Promise.all(gateways.map(carriedBy)));
  }
}

function note(
  into: Map<string, number>,
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
): void {
  for (const [who, sequence] of after) into.set(who, sequence - (before.get(who) ?? 0));
}

async function headOf(gateway: GatewayProcess): Promise<string> {
  const status = await gateway.ask({ command: "status" });
  return status.ok ? String(status["head"]) : "";
}

async function carriedBy(gateway: GatewayProcess): Promise<readonly [string, number]> {
  const status = await gateway.ask({ command: "status" });
  const relay: unknown = status.ok ? status["relay"] : null;
  const isRelay = typeof relay === "object" && relay !== null && "carried" in relay;
  return [gateway.name, isRelay ? Number(relay.carried) : 0];
}

async function untilAllUp(gateways: readonly GatewayProcess[]): Promise<void> {
  const endMs = performance.now() + ALL_UP_WITHIN_MS;
  for (const gateway of gateways) {
    for (let isUp = false; !isUp; isUp = await isUpAtAll(gateway)) {
      if (performance.now() > endMs) throw new Error(`${gateway.name} does not come back to all its brokers`);
      await sleep(100);
    }
  }
}

async function isUpAtAll(gateway: GatewayProcess): Promise<boolean> {
  const status = await gateway.ask({ command: "status" }).catch(() => undefined);
  const brokers: unknown = status?.ok === true ? status["brokers"] : undefined;
  return Array.isArray(brokers) && brokers.every((each: { readonly isUp?: unknown }) => each.isUp === true);
}

/** Three mosquittos, each in its half. */
class Brokers {
  readonly #network: CutNetwork;
  readonly #folder: string;
  readonly #ports: Readonly<Record<BrokerName, number>>;
  readonly #running = new Map<BrokerName, ChildProcess>();

  private constructor(network: CutNetwork, folder: string, ports: Readonly<Record<BrokerName, number>>) {
    this.#network = network;
    this.#folder = folder;
    this.#ports = ports;
  }

  static async start(network: CutNetwork): Promise<Brokers> {
    const folder = mkdtempSync(join(tmpdir(), "tallystick-halves-"));
    // Started by root, mosquitto changes to its own user.
    chmodSync(folder, 0o755);
    const ports = { L: await freePort(), M: await freePort(), R: await freePort() };
    const brokers = new Brokers(network, folder, ports);
    for (const name of ["L", "M", "R"] as const) await brokers.run(name);
    return brokers;
  }

  async urlFor(half: Half, name: BrokerName): Promise<string> {
    const port = this.#ports[name];
    const isAcross = BROKERS[name] !== half;
    const { host, port: dialled } = isAcross
      ? await this.#network.across(port)
      : { host: this.#network.addressOf(half), port };
    return `mqtt://${host}:${dialled}`;
  }

  async run(name: BrokerName): Promise<void> {
    const half = BROKERS[name];
    const config = join(this.#folder, `${name}.conf`);
    const address = this.#network.addressOf(half);
    writeFileSync(config, `listener ${this.#ports[name]} ${address}\nallow_anonymous true\npersistence false\n`);
    const [program, ...words] = [...this.#network.within(half), "mosquitto", "-v", "-c", config];
    const path = `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin`;
    const child = spawn(program, words, { stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, PATH: path } });
    this.#running.set(name, child);
    await new Promise<void>((resolve, reject) => {
      child.once("exit", (code) => {
        reject(new Error(`mosquitto ${name} ended with ${code ?? "a signal"}`));
      });
      child.once("error", reject);
      // It says so when it listens; the rest is read and forgotten, so that it never waits for us.
      child.stderr.on("data", (bytes: Buffer) => {
        if (bytes.toString().includes("running")) resolve();
      });
    });
  }

  async kill(name: BrokerName): Promise<void> {
    const child = this.#running.get(name);
    this.#running.delete(name);
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await ended;
  }

  async stop(): Promise<void> {
    for (const name of [...this.#running.keys()]) await this.kill(name);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Facts that some gateway holds on flash and that are in no block of the chain that all hold. */
export function lostFacts({ chains, stores }: BenchRun): readonly string[] {
  const [chain] = chains.values();
  const sealed = new Set<string>();
  for (let serial = 1; serial <= (chain?.head.state.serial ?? 0); serial += 1) {
    for (const { key } of chain?.at(serial)?.block?.facts ?? []) sealed.add(key);
  }
  const all = [...stores].flatMap(([name, facts]) => facts.map((fact) => ({ name, fact })));
  return all
    .filter(({ fact }) => !sealed.has(fact.key))
    .map(({ name, fact }) => `${fact.kind} ${toHex(fact.id)} of ${name}`);
}
