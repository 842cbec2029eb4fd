/**
 * A simulated chip that lives in another process, as a chip of this one. Its calls return before the far side has heard
 * of them, a fraction of a millisecond before; who holds which line is known here by what the far side has told.
 */
import { createConnection, type Socket } from "node:net";
import { fail, ok, type Result } from "#base/result.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type {
  GpioChip,
  GpioFault,
  InputLine,
  InputRequest,
  LineRequest,
  OutputLine,
  OutputRequest,
} from "#hal/ports/gpio-chip.ts";
import { DebouncedLevel } from "#hal/protocols/gpio/debounced-level.ts";
import { LineCutter } from "#hal/protocols/line-cutter.ts";
import {
  decodeGpioMessage,
  encodeGpioMessage,
  GPIO_MESSAGE_BYTES_MAX,
  type FromChip,
  type ToChip,
} from "./gpio-wire-message.ts";
import { CHIP_GONE, isActiveAt } from "./memory-gpio-chip.ts";

export interface SocketGpioOptions {
  readonly clock: Clock;
  /** What others are told about who holds a line; the default is `tallystick`. */
  readonly consumer?: string;
}

/** @returns GPIO_CHIP_MISSING when nobody serves a chip at this path. */
export function openSocketGpio(path: string, options: SocketGpioOptions): Promise<Result<GpioChip, GpioFault>> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    socket.setEncoding("utf8");
    socket.once("error", () => {
      resolve(fail({ code: "GPIO_CHIP_MISSING", label: path, found: [] }));
    });
    const consumer = options.consumer ?? "tallystick";
    const chip = new SocketGpioChip(socket, options.clock, () => {
      resolve(ok(chip));
    });
    chip.send({ kind: "hello", consumer });
  });
}

interface KnownLine {
  readonly name: string;
  level: 0 | 1;
  holder: string | null;
}

interface Hold {
  readonly known: KnownLine;
  readonly onLevel: (isActive: boolean) => void;
  readonly stop: () => void;
  isRefused: boolean;
}

class SocketGpioChip implements GpioChip {
  label = "";
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #cutter = new LineCutter(GPIO_MESSAGE_BYTES_MAX);
  readonly #holds = new Map<number, Hold>();
  #lines: readonly KnownLine[] = [];
  #nextHold = 1;
  #isClosed = false;

  constructor(socket: Socket, clock: Clock, onReady: () => void) {
    this.#socket = socket;
    this.#clock = clock;
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk: string) => {
      for (const line of this.#cutter.cut(chunk) ?? []) this.#take(line, onReady);
    });
  }

  holdOutput(request: OutputRequest): Result<OutputLine, GpioFault> {
    const held = this.#hold(request, () => undefined);
    if (!held.ok) return held;
    const hold = held.value;
    this.send({ kind: "output", hold, ...request });
    return ok({
      set: (isActive) => {
        const fault = this.#faultOf(hold);
        if (fault !== undefined) return fail(fault);
        this.send({ kind: "set", hold, isActive });
        return ok(undefined);
      },
      release: () => {
        if (!this.#holds.has(hold)) return;
        this.send({ kind: "set", hold, isActive: false });
        this.#release(hold);
      },
    });
  }

  holdInput(request: InputRequest, onChange: (isActive: boolean) => void): Result<InputLine, GpioFault> {
    const now = { isActive: false, wasDisturbed: false };
    const held = this.#hold(
      request,
      (isActive) => {
        now.isActive = isActive;
        now.wasDisturbed = true;
        level.look();
      },
      () => {
        level.stop();
      },
    );
    if (!held.ok) return held;
    const hold = held.value;
    now.isActive = isActiveAt(request, this.#holds.get(hold)?.known.level ?? 0);
    const level = new DebouncedLevel({
      ...{ clock: this.#clock, debounceMs: request.debounceMs, isActive: now.isActive, onChange },
      sample: () => {
        const sample = { ...now };
        now.wasDisturbed = false;
        return sample;
      },
    });
    this.send({ kind: "input", hold, ...request });
    return ok({
      isActive: () => {
        const fault = this.#faultOf(hold);
        return fault === undefined ? ok(now.isActive) : fail(fault);
      },
      release: () => {
        this.#release(hold);
      },
    });
  }

  close(): void {
    if (this.#isClosed) return;
    for (const hold of [...this.#holds.keys()]) {
      this.send({ kind: "set", hold, isActive: false });
      this.#release(hold);
    }
    this.#isClosed = true;
    this.#socket.end();
  }

  send(message: ToChip): void {
    if (!this.#socket.destroyed) this.#socket.write(encodeGpioMessage(message));
  }

  #hold(
    { line }: LineRequest,
    onLevel: (isActive: boolean) => void,
    stop: () => void = () => undefined,
  ): Result<number, GpioFault> {
    if (this.#isClosed) return fail({ code: "GPIO_CLOSED" });
    if (this.#socket.destroyed) return fail(CHIP_GONE);
    const known = typeof line === "number" ? this.#lines[line] : this.#lines.find(({ name }) => name === line);
    if (known === undefined || line === "") return fail({ code: "GPIO_LINE_MISSING", label: this.label, line });
    if (known.holder !== null) return fail({ code: "GPIO_LINE_BUSY", line, holder: known.holder });
    const hold = this.#nextHold;
    this.#nextHold += 1;
    known.holder = "this program";
    this.#holds.set(hold, { known, onLevel, stop, isRefused: false });
    return ok(hold);
  }

  #release(hold: number): void {
    const held = this.#holds.get(hold);
    if (held === undefined) return;
    this.#holds.delete(hold);
    held.stop();
    held.known.holder = null;
    this.send({ kind: "release", hold });
  }

  #faultOf(hold: number): GpioFault | undefined {
    const held = this.#holds.get(hold);
    if (held === undefined) return { code: "GPIO_CLOSED" };
    if (held.isRefused) return { code: "GPIO_FAILED", reason: "another program has taken the line" };
    return this.#socket.destroyed ? CHIP_GONE : undefined;
  }

  #take(line: string, onReady: () => void): void {
    const message = decodeGpioMessage<FromChip>(line, ["lines", "holder", "level", "refused"]);
    if (message === undefined) {
      this.#socket.destroy();
      return;
    }
    switch (message.kind) {
      case "lines":
        this.label = message.label;
        this.#lines = message.lines.map((news) => ({ ...news }));
        onReady();
        return;
      case "holder": {
        const known = this.#lines[message.offset];
        if (known !== undefined) known.holder = message.holder;
        return;
      }
      case "level":
        this.#holds.get(message.hold)?.onLevel(message.isActive);
        return;
      case "refused": {
        const held = this.#holds.get(message.hold);
        if (held !== undefined) held.isRefused = true;
      }
    }
  }
}
