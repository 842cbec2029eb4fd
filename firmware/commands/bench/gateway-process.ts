/**
 * One gateway of the bench: `tallystick run` as a process of its own, watched through the events that it prints. Its
 * channel to the bench is its lifeline: when the bench ends, however it ends, the gateway notices and stops.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { askGateway } from "#adapters/control/control-client.ts";
import type { ControlAnswer } from "#adapters/control/control-message.ts";
import { ENGINE_OPTIONS } from "../../guard/guard-program.ts";
import type { BenchFolder } from "./bench-folder.ts";
import { readGatewayNews, type GatewayNews } from "./gateway-news.ts";

export interface GatewayListener {
  onNews(gateway: GatewayProcess, news: GatewayNews): void;
  /** It ended without being asked to. */
  onDeath(gateway: GatewayProcess, how: string): void;
}

const LAST_LINES_MAX = 12;
/** A gateway that was asked to stop and has not after so long is killed, and that is a failure. */
const STOP_MS_MAX = 15_000;
/** As written it is started by the launcher; in a release the command lies beside the file that this is part of. */
const isAsWritten = import.meta.url.endsWith(".ts");
const COMMAND = fileURLToPath(new URL(isAsWritten ? "../../launch.js" : "tallystick.mjs", import.meta.url));

export class GatewayProcess {
  readonly folder: BenchFolder;
  readonly #listener: GatewayListener;
  readonly #lastLines: string[] = [];
  #within: readonly string[] = [];
  #child: ChildProcess | undefined;
  #ended: Promise<string> = Promise.resolve("not started");
  #isEndExpected = false;

  constructor(folder: BenchFolder, listener: GatewayListener) {
    this.folder = folder;
    this.#listener = listener;
  }

  get name(): string {
    return this.folder.name;
  }

  get did(): string {
    return this.folder.did;
  }

  get isRunning(): boolean {
    return this.#child !== undefined;
  }

  /** What it printed last, for whoever has to find out why it died. */
  get lastLines(): readonly string[] {
    return this.#lastLines;
  }

  /** From the next start on by this command, which runs the words after its own: in a network of its own, as a rule. */
  runWithin(words: readonly string[]): void {
    this.#within = words;
  }

  start(): void {
    const run = [process.execPath, ...ENGINE_OPTIONS, COMMAND, "run", "--config", this.folder.configPath, "--json"];
    const [program = process.execPath, ...words] = [...this.#within, ...run];
    const child = spawn(program, words, {
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      // A terminal's Ctrl-C goes to every process of its group: the gateways are to hear of it from the bench only.
      detached: true,
    });
    this.#child = child;
    this.#isEndExpected = false;
    for (const stream of [child.stdout, child.stderr]) {
      if (stream !== null)
        createInterface({ input: stream }).on("line", (line) => {
          this.#read(line);
        });
    }
    this.#ended = new Promise((resolve) => {
      child.once("error", (error) => {
        resolve(error.message);
      });
      child.once("exit", (code, signal) => {
        resolve(signal ?? `exit code ${code ?? "unknown"}`);
      });
    });
    void this.#ended.then((how) => {
      if (this.#child !== child) return;
      this.#child = undefined;
      if (!this.#isEndExpected) this.#listener.onDeath(this, how);
    });
  }

  /** Asks it to stop, and waits until it has. Resolves with what was wrong with its end, if anything was. */
  async stop(): Promise<string | undefined> {
    const child = this.#child;
    if (child === undefined) return undefined;
    this.#isEndExpected = true;
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS_MAX);
    const how = await this.#ended;
    clearTimeout(timer);
    return how === "exit code 0" ? undefined : `${this.name} was asked to stop and ended with ${how}`;
  }

  /** Ends it at once, as a power cut does. */
  async kill(): Promise<void> {
    this.#isEndExpected = true;
    this.#child?.kill("SIGKILL");
    await this.#ended;
  }

  /** Rejects when it does not answer. */
  ask(request: Readonly<Record<string, unknown>>): Promise<ControlAnswer> {
    return askGateway(this.folder.path, request);
  }

  #read(line: string): void {
    this.#lastLines.push(line);
    if (this.#lastLines.length > LAST_LINES_MAX) this.#lastLines.shift();
    const news = readGatewayNews(line);
    if (news !== undefined) this.#listener.onNews(this, news);
  }
}
