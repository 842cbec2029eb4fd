/** What a guard looks after in a test: a contactor on a simulated chip, or a controller behind a port, and its host. */
import { fork, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Duty } from "#firmware/guard/guard-message.ts";
import { MemoryGpio } from "#hal/mock/gpio/memory-gpio.ts";
import { serveMemoryGpio } from "#hal/mock/gpio/serve-memory-gpio.ts";
import { SystemClock } from "#hal/linux/system-clock.ts";
import type { HostOrder } from "#test/builders/guard-host.ts";

const HOST = fileURLToPath(new URL("guard-host.ts", import.meta.url));
const ANSWER_MS_MAX = 20_000;

interface Answered {
  readonly started?: unknown;
  readonly order?: string;
  readonly answer?: unknown;
}

export class GuardHost {
  readonly child: ChildProcess;
  readonly #duty: Duty;
  #lines: Answered[] = [];
  #onLine: () => void = () => undefined;

  constructor(home: string, duty: Duty) {
    this.#duty = duty;
    this.child = fork(HOST, [home, JSON.stringify(duty)], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
    this.child.on("message", (message: Answered) => {
      this.#lines.push(message);
      this.#onLine();
    });
  }

  get duty(): Duty {
    return this.#duty;
  }

  async started(): Promise<unknown> {
    return (await this.#next(({ started }) => started !== undefined)).started;
  }

  async tell<Answer>(order: HostOrder): Promise<Answer> {
    this.child.send(order);
    const { answer } = await this.#next((message) => message.order === order.order);
    return answer as Answer;
  }

  /** Without an answer: for what the host cannot give one to. */
  order(order: HostOrder): void {
    this.child.send(order);
  }

  kill(signal: NodeJS.Signals): void {
    process.kill(this.child.pid ?? 0, signal);
  }

  async #next(isIt: (message: Answered) => boolean): Promise<Answered> {
    const untilMs = performance.now() + ANSWER_MS_MAX;
    for (;;) {
      const found = this.#lines.find(isIt);
      if (found !== undefined) {
        this.#lines = this.#lines.filter((message) => message !== found);
        return found;
      }
      const leftMs = untilMs - performance.now();
      if (leftMs <= 0) throw new Error("the host does not answer");
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        this.#onLine = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}

export interface ContactorSite {
  readonly gpio: MemoryGpio;
  readonly home: string;
  readonly duty: Extract<Duty, { readonly kind: "contactor" }>;
  newHost(): GuardHost;
  isClosed(): boolean;
  /** How long after `sinceMs` the coil lost its current, and whether it has got it back since. */
  openedAfterMs(sinceMs: number): number | undefined;
  until(condition: () => boolean, atMostMs?: number): Promise<void>;
  dispose(): Promise<void>;
}

const LINES = ["COIL", "AUX", "ESTOP", "STOP", "PLUG"];

/** With the emergency stop's contact closed, as it is at rest, and a car plugged in. */
export async function openContactorSite(): Promise<ContactorSite> {
  const clock = new SystemClock();
  const gpio = new MemoryGpio({ clock, lines: LINES });
  gpio.wire("COIL", "AUX", { delayMs: 20, isInverted: true });
  gpio.drive("ESTOP", 0);
  gpio.drive("STOP", 1);
  gpio.drive("PLUG", 0);
  const home = mkdtempSync(join(tmpdir(), "tallystick-guard-"));
  const chip = join(home, "gpio.sock");
  const served = await serveMemoryGpio(gpio, { path: chip, lines: LINES });
  const hosts: GuardHost[] = [];
  const duty: ContactorSite["duty"] = {
    kind: "contactor",
    chip,
    settings: {
      contactor: { line: "COIL" },
      feedback: { line: "AUX", activeLow: true, bias: "pull-up" },
      emergencyStop: { line: "ESTOP", bias: "pull-up" },
      stopButton: { line: "STOP", activeLow: true, bias: "pull-up" },
      plug: { line: "PLUG", activeLow: true, bias: "pull-up" },
      circuitA: 16,
    },
  };
  return {
    ...{ gpio, home, duty },
    newHost: () => {
      const host = new GuardHost(home, duty);
      hosts.push(host);
      return host;
    },
    isClosed: () => gpio.level("COIL") === 1,
    openedAfterMs: (sinceMs) => {
      const moments = gpio.history("COIL").filter(({ atMs }) => atMs >= sinceMs);
      const [first] = moments;
      return first?.level === 0 ? first.atMs - sinceMs : undefined;
    },
    until,
    dispose: async () => {
      for (const { child } of hosts) child.kill("SIGKILL");
      await served.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

export async function until(condition: () => boolean, atMostMs = 10_000): Promise<void> {
  const endMs = performance.now() + atMostMs;
  while (!condition()) {
    if (performance.now() > endMs) throw new Error(`not within ${atMostMs} ms: ${String(condition)}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
