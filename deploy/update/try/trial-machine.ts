/** The emulated gateway of the trial: started, asked, cut off, and watched through its own restarts. */
import { Machine } from "../../image/emulate/machine.ts";
import type { GuestShell } from "../../image/emulate/guest-shell.ts";
import { until } from "../../image/emulate/until.ts";

/** A start takes about a minute on an idle machine with two cores; a busy one gets its time. */
export const START_MS_MAX = 3_000_000;

/** What an update must not touch. */
export interface Identity {
  readonly key: string;
  readonly genesis: string;
  readonly did: string;
  readonly serial: number;
  readonly head: string;
}

export class TrialMachine {
  readonly #image: string;
  readonly #folder: string;
  readonly #guestTime: boolean;
  #machine: Machine | undefined;
  #shell: GuestShell | undefined;
  /** How much of the console has been looked at. */
  #seen = 0;

  /** `guestTime` as in `MachineOptions`. */
  constructor(image: string, folder: string, guestTime: boolean) {
    this.#image = image;
    this.#folder = folder;
    this.#guestTime = guestTime;
  }

  async start(): Promise<void> {
    this.#seen = 0;
    const [image, folder, guestTime] = [this.#image, this.#folder, this.#guestTime];
    this.#machine = await Machine.start({ image, folder, guestTime, forwards: [], shell: true });
  }

  /** Waits for a line of the console after those that were waited for before; returns what it matched. */
  async says(pattern: RegExp, timeoutMs = START_MS_MAX): Promise<RegExpExecArray> {
    const found: RegExpExecArray[] = [];
    await until(`the console says ${String(pattern)}`, timeoutMs, async () => {
      const console = (await this.#machine?.console()) ?? "";
      const match = pattern.exec(console.slice(this.#seen));
      if (match === null) return false;
      this.#seen += match.index + match[0].length;
      found.push(match);
      return true;
    });
    const [first] = found;
    if (first === undefined) throw new Error("bug: waited for nothing");
    return first;
  }

  async run(command: string, timeoutMs = 600_000): Promise<{ readonly code: number; readonly output: string }> {
    this.#shell ??= await this.#machine?.shell(START_MS_MAX);
    if (this.#shell === undefined) throw new Error("bug: the machine was not started");
    return this.#shell.run(command, timeoutMs);
  }

  async read(command: string): Promise<string> {
    const { code, output } = await this.run(command);
    if (code !== 0) throw new Error(`exit ${code} of ${command}\n${output}`);
    return output.trim();
  }

  /** Before the guest restarts: its shell is another one afterwards. */
  leaveShell(): void {
    this.#shell?.close();
    this.#shell = undefined;
  }

  async cutPower(): Promise<void> {
    this.leaveShell();
    await this.#machine?.cutPower();
    this.#machine = undefined;
  }

  version(): Promise<string> {
    return this.read(`sed -n 's/^VERSION_ID="\\(.*\\)"/\\1/p' /usr/lib/os-release`);
  }

  slots(): Promise<string> {
    return this.read("/usr/lib/tallystick-update/slot-state show; /usr/lib/tallystick-update/slot-state get-current");
  }

  async identity(): Promise<Identity> {
    const hash = async (path: string): Promise<string> => (await this.read(`sha256sum ${path}`)).slice(0, 64);
    const answer: unknown = JSON.parse(
      await this.read("tallystick status --config /etc/tallystick/tallystick.toml --json | tail -n 1"),
    );
    if (typeof answer !== "object" || answer === null) throw new Error("the gateway's status is no object");
    const { did, serial, head } = answer as Record<string, unknown>;
    return {
      key: await hash("/var/lib/tallystick/gateway.key"),
      genesis: await hash("/var/lib/tallystick/genesis.tally"),
      did: String(did),
      serial: Number(serial),
      head: String(head),
    };
  }

  /** Whether the stored chain, with all signatures and hashes checked, still has this block. */
  async holds({ serial, head }: Pick<Identity, "serial" | "head">): Promise<boolean> {
    const folder = "/var/lib/tallystick";
    const verified = await this.run(`tallystick verify ${folder}`);
    if (verified.code !== 0) throw new Error(verified.output);
    const now = await this.identity();
    if (now.serial === serial) return now.head === head;
    return (await this.read(`tallystick show block ${serial} --from ${folder}`)).includes(head);
  }
}
