/** The supervisor's end of a service's notices, heard by a Python program: Node has no sockets of this kind. */
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export interface Notice {
  /** Seconds of the receiver's monotonic clock. */
  readonly at: number;
  /** Who sent it, as the kernel says. */
  readonly pid: number;
  readonly text: string;
}

const PYTHON = "/usr/bin/python3";
const RECEIVER = fileURLToPath(new URL("../interop/datagram-receiver.py", import.meta.url));
const WAIT_MS_MAX = 30_000;

export const hasPython: boolean = existsSync(PYTHON);

export class NoticeBoard {
  readonly #child: ChildProcess;
  readonly #notices: Notice[] = [];
  #isListening = false;
  #onChange: () => void = () => undefined;

  constructor(address: string) {
    const child = spawn(PYTHON, [RECEIVER, address], { stdio: ["ignore", "pipe", "inherit"] });
    this.#child = child;
    createInterface({ input: child.stdout }).on("line", (line) => {
      const said = JSON.parse(line) as Notice | { readonly listening: true };
      if ("listening" in said) this.#isListening = true;
      else this.#notices.push(said);
      this.#onChange();
    });
  }

  get notices(): readonly Notice[] {
    return this.#notices;
  }

  /** Resolves when it can be told. */
  async listening(): Promise<void> {
    await this.#until(() => this.#isListening, "it does not listen");
  }

  /** Resolves with all notices when so many of them match; rejects when they do not come. */
  async told(pattern: RegExp, count = 1): Promise<readonly Notice[]> {
    const isTold = (): boolean => this.#notices.filter(({ text }) => pattern.test(text)).length >= count;
    await this.#until(isTold, `${String(pattern)} was not told`);
    return this.#notices;
  }

  close(): void {
    this.#child.kill("SIGKILL");
  }

  async #until(isSo: () => boolean, otherwise: string): Promise<void> {
    const endMs = performance.now() + WAIT_MS_MAX;
    while (!isSo()) {
      if (performance.now() > endMs) throw new Error(`${otherwise}: ${JSON.stringify(this.#notices)}`);
      await new Promise<void>((resolve) => {
        this.#onChange = resolve;
        setTimeout(resolve, 1000);
      });
    }
  }
}
