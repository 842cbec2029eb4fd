/** A site's broker as deploy/broker sets it up: mosquitto with TLS and its access list, on a free port. */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { MeshRoot } from "#core/mesh/topics.ts";
import { freePort } from "./free-port.ts";
import { isListening } from "./is-listening.ts";

const SCRIPTS = fileURLToPath(new URL("../../deploy/broker/", import.meta.url));
/** Debian keeps mosquitto where users' paths do not lead. */
const PATH = `${process.env["PATH"] ?? ""}:/usr/sbin:/usr/local/sbin`;
const LISTENS_MS_MAX = 10_000;

/** PEM. */
export interface ClientFiles {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export class SiteBroker {
  readonly port: number;
  /** Of the scripts: certificates, access list, configuration. */
  readonly folder: string;
  readonly #parent: string;
  #process: ChildProcess | undefined;

  private constructor(parent: string, port: number) {
    this.#parent = parent;
    this.folder = join(parent, "broker");
    this.port = port;
  }

  /** Sets it up, without starting it. */
  static async setUp(root: MeshRoot, port?: number): Promise<SiteBroker> {
    const parent = mkdtempSync(join(tmpdir(), "site-broker-"));
    // Started by root, mosquitto changes to its own user.
    chmodSync(parent, 0o755);
    const broker = new SiteBroker(parent, port ?? (await freePort()));
    const names = ["--name", "127.0.0.1", "--name", "localhost"];
    const place = ["--network", root.network, "--site", root.site, "--port", String(broker.port)];
    broker.#script("setup-site-broker", [...place, ...names]);
    return broker;
  }

  get url(): string {
    return `mqtts://127.0.0.1:${this.port}`;
  }

  /** Takes effect at the next start. */
  allow(deviceId: string, ...more: readonly string[]): ClientFiles {
    this.#script("allow-gateway", [deviceId, ...more]);
    const own = this.filesOf(deviceId);
    const read = (name: string): string => readFileSync(join(own, name), "utf8");
    const key = more.length === 0 ? read("broker-client.key") : "";
    return { ca: read("broker-ca.pem"), cert: read("broker-client.pem"), key };
  }

  forbid(deviceId: string): void {
    this.#script("forbid-gateway", [deviceId]);
  }

  /** The folder that is to be copied to the gateway. */
  filesOf(deviceId: string): string {
    return join(this.folder, "gateways", deviceId);
  }

  async start(): Promise<void> {
    const configuration = join(this.folder, "mosquitto.conf");
    this.#process = spawn("mosquitto", ["-c", configuration], { env: { ...process.env, PATH }, stdio: "ignore" });
    const deadline = performance.now() + LISTENS_MS_MAX;
    while (!(await isListening(this.port))) {
      if (performance.now() > deadline || this.#process.exitCode !== null) throw new Error("mosquitto does not listen");
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  async stop(): Promise<void> {
    const running = this.#process;
    this.#process = undefined;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const ended = new Promise((resolve) => running.once("exit", resolve));
    running.kill("SIGKILL");
    await ended;
  }

  async close(): Promise<void> {
    await this.stop();
    rmSync(this.#parent, { recursive: true });
  }

  #script(name: string, words: readonly string[]): void {
    const env = { ...process.env, PATH, TALLYSTICK_BROKER_FOLDER: this.folder };
    execFileSync(join(SCRIPTS, name), words, { env, stdio: ["ignore", "ignore", "pipe"] });
  }
}
