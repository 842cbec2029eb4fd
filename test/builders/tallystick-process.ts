/** The command as a person starts it: a process of its own, with what it prints. */
import { spawn, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";

const LAUNCHER = fileURLToPath(new URL("../../firmware/launch.js", import.meta.url));
const OWN_COMMAND: readonly string[] = [process.execPath, LAUNCHER];
const WAIT_MS_MAX = 30_000;

export interface Ended {
  readonly exitCode: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Surroundings {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Runs as this user, where the test's own user may change to it. */
  readonly uid?: number;
  /** Another one in place of the checkout's, such as that of a release. */
  readonly command?: readonly string[];
  /** What stands before the command, such as `["unshare", "-m"]`. */
  readonly prefix?: readonly string[];
}

export class TallystickProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<Ended>;
  #out = "";
  #err = "";
  #onOutput: () => void = () => undefined;

  constructor(words: readonly string[], { cwd, env = {}, uid, command = OWN_COMMAND, prefix = [] }: Surroundings = {}) {
    const [program = "", ...rest] = [...prefix, ...command, ...words];
    this.#child = spawn(program, rest, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...env },
      ...(cwd === undefined ? {} : { cwd }),
      ...(uid === undefined ? {} : { uid, gid: uid }),
    });
    this.#child.stdout?.on("data", (chunk: Buffer) => {
      this.#out += chunk.toString();
      this.#onOutput();
    });
    this.#child.stderr?.on("data", (chunk: Buffer) => {
      this.#err += chunk.toString();
      this.#onOutput();
    });
    this.#ended = new Promise((resolve, reject) => {
      this.#child.on("error", reject);
      this.#child.on("close", (exitCode) => {
        resolve({ exitCode, out: this.#out, err: this.#err });
        this.#onOutput();
      });
    });
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  get ended(): Promise<Ended> {
    return this.#ended;
  }

  /** Resolves when the output matches; rejects when the process ends before, or takes too long. */
  async printed(pattern: RegExp): Promise<void> {
    let onTimeout: () => void = () => undefined;
    const timedOut = new Promise<"timed out">((resolve) => {
      onTimeout = () => {
        resolve("timed out");
      };
    });
    const timer = setTimeout(onTimeout, WAIT_MS_MAX);
    let outcome: unknown;
    while (!pattern.test(this.#out + this.#err)) {
      if (outcome === "timed out" || this.#child.exitCode !== null) break;
      const more = new Promise<void>((resolve) => {
        this.#onOutput = resolve;
      });
      outcome = await Promise.race([more, timedOut]);
    }
    clearTimeout(timer);
    if (!pattern.test(this.#out + this.#err))
      throw new Error(`${String(pattern)} never came: ${this.#out}${this.#err}`);
  }

  /** Asks it to stop, and waits until it has. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<Ended> {
    this.#child.kill(signal);
    return this.#ended;
  }
}

/** Runs the command to its end. */
export function tallystick(words: readonly string[], surroundings: Surroundings = {}): Promise<Ended> {
  return new TallystickProcess(words, surroundings).ended;
}
