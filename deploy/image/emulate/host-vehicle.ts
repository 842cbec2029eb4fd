/** A vehicle's gateway as a process of this machine: the same command as on a board. */
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { PROJECT_FOLDER } from "./toolbox.ts";
import { TEST_CAR } from "./test-card.ts";

const run = promisify(execFile);
const LAUNCH = join(PROJECT_FOLDER, "firmware/launch.js");

export class HostVehicle {
  readonly #folder: string;
  #child: ChildProcess | undefined;
  /** Everything that it said, one JSON object a line. */
  readonly lines: string[] = [];

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async make(
    folder: string,
    { genesis, brokerPort, adapterPort }: { genesis: Uint8Array; brokerPort: number; adapterPort: number },
  ): Promise<HostVehicle> {
    const genesisPath = `${folder}.genesis`;
    await writeFile(genesisPath, genesis);
    const vehicle = new HostVehicle(folder);
    await vehicle.command("init", [
      ...["--role", "vehicle", "--folder", folder, "--genesis", genesisPath, "--name", "car"],
      ...["--broker", `mqtt://127.0.0.1:${brokerPort}`, "--obd-line", `127.0.0.1:${adapterPort}`],
      ...["--car", TEST_CAR, "--organisation", "owner of the car"],
    ]);
    return vehicle;
  }

  start(): void {
    const child = spawn(process.execPath, [LAUNCH, "run", "--config", this.#config, "--json"], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on("line", (line) => this.lines.push(line));
  }

  /** @returns what `status` says, as JSON; rejects while the gateway does not answer */
  statusText(): Promise<string> {
    return this.command("status", ["--config", this.#config, "--json"]);
  }

  /** @returns what a command printed; rejects when it fails */
  async command(name: string, words: readonly string[]): Promise<string> {
    const { stdout } = await run(process.execPath, [LAUNCH, name, ...words]);
    return stdout;
  }

  get folder(): string {
    return this.#folder;
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
