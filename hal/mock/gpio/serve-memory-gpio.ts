/**
 * A simulated chip for several processes: the lines of a `MemoryGpio` over a Unix socket. As with the kernel's, the
 * lines of a program that ends are free at once, whatever it ended by.
 */
import { createServer, type Socket } from "node:net";
import { rmSync } from "node:fs";
import { LineCutter } from "#hal/protocols/line-cutter.ts";
import {
  encodeGpioMessage,
  decodeGpioMessage,
  GPIO_MESSAGE_BYTES_MAX,
  type FromChip,
  type ToChip,
} from "./gpio-wire-message.ts";
import { MemoryGpioChip } from "./memory-gpio-chip.ts";
import type { MemoryGpio } from "./memory-gpio.ts";
import type { GpioChip, OutputLine, InputLine } from "#hal/ports/gpio-chip.ts";

export interface ServedGpio {
  /** Waits for nobody: programs that hold lines lose them. */
  close(): Promise<void>;
}

export interface ServedGpioSettings {
  readonly path: string;
  /** As the chip was made with. */
  readonly lines: readonly string[];
}

export async function serveMemoryGpio(gpio: MemoryGpio, settings: ServedGpioSettings): Promise<ServedGpio> {
  const { path, lines } = settings;
  const holders: (string | null)[] = lines.map(() => null);
  const visitors = new Set<Visitor>();
  const tellHolder = (offset: number, holder: string | null): void => {
    holders[offset] = holder;
    for (const visitor of visitors) visitor.send({ kind: "holder", offset, holder });
  };
  const server = createServer((socket) => {
    const visitor = new Visitor({ socket, gpio, lines, tellHolder });
    visitors.add(visitor);
    socket.on("close", () => visitors.delete(visitor));
    const news = lines.map((name, offset) => ({
      ...{ name, holder: holders[offset] ?? null, level: gpio.level(offset) },
    }));
    visitor.send({ kind: "lines", label: gpio.label, lines: news });
  });
  rmSync(path, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
  return {
    close: () => {
      for (const visitor of visitors) visitor.leave();
      return new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
      });
    },
  };
}

interface VisitorParts {
  readonly socket: Socket;
  readonly gpio: MemoryGpio;
  readonly lines: readonly string[];
  readonly tellHolder: (offset: number, holder: string | null) => void;
}

interface Held {
  readonly line: OutputLine | InputLine;
  readonly offset: number;
}

/** One program that has connected. */
class Visitor {
  readonly #parts: VisitorParts;
  readonly #holds = new Map<number, Held>();
  readonly #cutter = new LineCutter(GPIO_MESSAGE_BYTES_MAX);
  #consumer = "tallystick";
  #chip: GpioChip | undefined;

  constructor(parts: VisitorParts) {
    this.#parts = parts;
    const { socket } = parts;
    socket.setEncoding("utf8");
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk: string) => {
      for (const line of this.#cutter.cut(chunk) ?? []) this.#take(line);
    });
    socket.on("close", () => {
      this.#forget();
    });
  }

  send(message: FromChip): void {
    if (!this.#parts.socket.destroyed) this.#parts.socket.write(encodeGpioMessage(message));
  }

  leave(): void {
    this.#parts.socket.destroy();
  }

  #take(line: string): void {
    const message = decodeGpioMessage<ToChip>(line, ["hello", "output", "input", "set", "release"]);
    if (message === undefined) {
      this.leave();
      return;
    }
    switch (message.kind) {
      case "hello":
        this.#consumer = message.consumer;
        this.#chip ??= this.#parts.gpio.open(message.consumer);
        return;
      case "output":
      case "input":
        this.#hold(message);
        return;
      case "set": {
        const held = this.#holds.get(message.hold)?.line;
        if (held !== undefined && "set" in held) held.set(message.isActive);
        return;
      }
      case "release":
        this.#release(message.hold);
    }
  }

  #hold(message: Extract<ToChip, { readonly kind: "output" | "input" }>): void {
    const { hold, line } = message;
    const tell = (isActive: boolean): void => {
      this.send({ kind: "level", hold, isActive });
    };
    // Debouncing is the program's affair, as its time is.
    const held =
      message.kind === "output"
        ? this.#chip?.holdOutput(message)
        : this.#chip?.holdInput({ ...message, debounceMs: 0 }, tell);
    if (held?.ok !== true) {
      this.send({ kind: "refused", hold });
      return;
    }
    const offset = typeof line === "number" ? line : this.#parts.lines.indexOf(line);
    this.#holds.set(hold, { line: held.value, offset });
    this.#parts.tellHolder(offset, this.#consumer);
    if ("isActive" in held.value) {
      const level = held.value.isActive();
      if (level.ok) tell(level.value);
    }
  }

  #release(hold: number): void {
    const held = this.#holds.get(hold);
    if (held === undefined) return;
    this.#holds.delete(hold);
    held.line.release();
    this.#parts.tellHolder(held.offset, null);
  }

  /** A program that has gone sets nothing inactive: its lines float. */
  #forget(): void {
    if (this.#chip instanceof MemoryGpioChip) this.#chip.die();
    for (const { offset } of this.#holds.values()) this.#parts.tellHolder(offset, null);
    this.#holds.clear();
  }
}
