/** The root shell that the emulator gives a guest: one command after the other, each with its output and exit code. */
import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";

export interface ShellAnswer {
  readonly code: number;
  readonly output: string;
}

/** What a shell says when it starts (the unit in `machine.ts`). */
export const SHELL_STARTED = "shell-has-started";

/** A command may start a Node, which takes an emulated processor on a busy machine a minute. */
const COMMAND_MS = 300_000;

export class GuestShell {
  readonly #path: string;
  #socket: Socket | undefined;
  #heard = "";
  /** The mark by which the shell answers whether it is there. */
  #asked: string | undefined;
  #onHeard: () => void = () => undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Whether the shell answers yet. It is asked once for each connection, and again when one says that it has started:
   * questions that nobody reads would pile up in the guest's terminal, which cuts them off in the middle of a word.
   */
  async isThere(): Promise<boolean> {
    try {
      this.#socket ??= await this.#connect();
    } catch {
      return false;
    }
    const start = this.#heard.lastIndexOf(SHELL_STARTED);
    if (start >= 0) {
      this.#heard = this.#heard.slice(start + SHELL_STARTED.length);
      this.#asked = undefined;
    }
    if (this.#asked === undefined) {
      this.#asked = newMark();
      this.#socket.write(`stty -echo -onlcr; ${sayMark(this.#asked)}\n`);
    }
    return this.#heard.includes(this.#asked);
  }

  /** @throws when the guest does not answer within `timeoutMs` */
  async run(command: string, timeoutMs = COMMAND_MS): Promise<ShellAnswer> {
    const socket = this.#socket;
    if (socket === undefined) throw new Error("no shell yet");
    const mark = newMark();
    this.#heard = "";
    socket.write(`{ ${command}\n} 2>&1; ${sayMark(mark)}\n`);
    const end = new RegExp(`${mark}:(\\d+)`);
    const found = await this.#hear(end, timeoutMs);
    if (found === undefined)
      throw new Error(`the guest did not answer within ${timeoutMs / 1000} s: ${command}\n${this.#heard}`);
    return { code: Number(found[1]), output: this.#heard.slice(0, found.index).replaceAll("\r", "") };
  }

  /** @returns the output of a command that has to succeed */
  async read(command: string, timeoutMs = COMMAND_MS): Promise<string> {
    const { code, output } = await this.run(command, timeoutMs);
    if (code !== 0) throw new Error(`exit ${code} of ${command}\n${output}`);
    return output.trim();
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
    this.#asked = undefined;
    this.#heard = "";
  }

  #connect(): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const socket = connect(this.#path);
      socket.once("connect", () => {
        resolve(socket);
      });
      socket.once("error", reject);
      socket.on("data", (bytes) => {
        this.#heard += bytes.toString("utf8");
        this.#onHeard();
      });
    });
  }

  #hear(pattern: RegExp, timeoutMs: number): Promise<RegExpExecArray | undefined> {
    return new Promise((resolve) => {
      const look = (): void => {
        const found = pattern.exec(this.#heard);
        if (found === null) return;
        clearTimeout(timer);
        resolve(found);
      };
      const timer = setTimeout(() => {
        resolve(undefined);
      }, timeoutMs);
      this.#onHeard = look;
      look();
    });
  }
}

function newMark(): string {
  return randomBytes(6).toString("hex");
}

/** In two pieces, so that an echo of the command is not taken for its end. */
function sayMark(mark: string): string {
  return `echo "${mark.slice(0, 6)}""${mark.slice(6)}:$?"`;
}
