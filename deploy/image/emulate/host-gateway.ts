/** A gateway as a process of this machine: the same command as on a board. */
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { askGateway } from "#adapters/control/control-client.ts";
import { readStatus, type GatewayStatus } from "./gateway-status.ts";
import { PROJECT_FOLDER } from "./toolbox.ts";
import { TEST_CAR } from "./test-card.ts";

const run = promisify(execFile);
const LAUNCH = join(PROJECT_FOLDER, "firmware/launch.js");

/** What is at which port of 127.0.0.1. */
export interface VehiclePorts {
  readonly brokerPort: number;
  readonly adapterPort: number;
}

export interface ChargerPorts {
  readonly brokerPort: number;
  /** Of meter and controller. */
  readonly modbusPort: number;
}

export async function hostVehicle(
  folder: string,
  genesis: Uint8Array,
  { brokerPort, adapterPort }: VehiclePorts,
): Promise<HostGateway> {
  const genesisPath = `${folder}.genesis`;
  await writeFile(genesisPath, genesis);
  return HostGateway.make(folder, [
    ...["--role", "vehicle", "--name", "car", "--organisation", "owner of the car", "--genesis", genesisPath],
    ...["--broker", `mqtt://127.0.0.1:${brokerPort}`, "--obd-line", `127.0.0.1:${adapterPort}`, "--car", TEST_CAR],
  ]);
}

export function hostCharger(folder: string, { brokerPort, modbusPort }: ChargerPorts): Promise<HostGateway> {
  return HostGateway.make(folder, [
    ...["--role", "charger", "--name", "garage", "--organisation", "owner of the garage"],
    ...["--broker-port", String(brokerPort), "--meter-line", `127.0.0.1:${modbusPort}`, "--tariff", "0.35"],
  ]);
}

export class HostGateway {
  readonly #folder: string;
  #child: ChildProcess | undefined;
  /** Everything that it said, one JSON object a line. */
  readonly lines: string[] = [];

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** `words` are for `tallystick init`. */
  static async make(folder: string, words: readonly string[]): Promise<HostGateway> {
    const gateway = new HostGateway(folder);
    await gateway.command("init", ["--folder", folder, ...words]);
    return gateway;
  }

  start(): void {
    const child = spawn(process.execPath, [LAUNCH, "run", "--config", this.#config, "--json"], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on("line", (line) => this.lines.push(line));
  }

  /** @returns undefined while the gateway does not answer */
  async status(): Promise<GatewayStatus | undefined> {
    try {
      return readStatus(JSON.stringify(await askGateway(this.#folder, { command: "status" })));
    } catch {
      return undefined;
    }
  }

  /** @returns what a command printed; rejects when it fails */
  async command(name: string, words: readonly string[]): Promise<string> {
    const { stdout } = await run(process.execPath, [LAUNCH, name, ...words]);
    return stdout;
  }

  /** The region's file, for the others. */
  async genesis(): Promise<Uint8Array> {
    return readFile(join(this.#folder, "genesis.tally"));
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    await ended;
  }

  get #config(): string {
    return join(this.#folder, "tallystick.toml");
  }
}
