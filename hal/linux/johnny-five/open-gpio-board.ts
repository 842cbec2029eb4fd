/**
 * Relays, lamps and buttons of a box through johnny-five, on the lines of a GPIO chip, real or in memory.
 *
 * Several boards live side by side; closing one leaves nothing of it in the process. johnny-five is loaded with the
 * first board (0.1 s). Of its Led only on and off are used: `pulse` and `fade` keep a core busy by a third, and the
 * rhythm of a lamp is the indicator's.
 */
import { assert } from "#base/assert.ts";
import { ok, type Result } from "#base/result.ts";
import type { Button, ButtonListener } from "#hal/ports/button.ts";
import type { GpioChip, GpioFault } from "#hal/ports/gpio-chip.ts";
import type { Lamp } from "#hal/ports/indicator.ts";
import type { Relay } from "#hal/ports/relay.ts";
import { holdJohnnyFiveIo, type JohnnyFiveIo, type PinUse } from "./johnny-five-io.ts";

export interface GpioBoard {
  /** On an output of this board. The default contact is the normally open one. */
  relay(line: string | number, contact?: "normally-open" | "normally-closed"): Relay;
  lamp(line: string | number): Lamp;
  /** On an input of this board; pressed is active. */
  button(line: string | number, listener: ButtonListener): Button;
  /** Releases the lines, outputs inactive first. The chip stays open, it is its owner's. */
  close(): void;
}

/** @returns the fault of the first line that the chip refuses; then no line is held. */
export async function openGpioBoard(chip: GpioChip, uses: readonly PinUse[]): Promise<Result<GpioBoard, GpioFault>> {
  const { default: five } = await import("johnny-five");
  const held = holdJohnnyFiveIo(chip, uses);
  if (!held.ok) return held;
  const io = held.value;
  const board = new five.Board({ io, repl: false, debug: false, sigint: false });
  const ready = new Promise<void>((resolve) => {
    board.once("ready", resolve);
  });
  io.announce();
  await ready;
  return ok(new JohnnyFiveBoard(five, board, io));
}

type Five = typeof import("johnny-five");

class JohnnyFiveBoard implements GpioBoard {
  readonly #five: Five;
  readonly #board: InstanceType<Five["Board"]>;
  readonly #io: JohnnyFiveIo;
  readonly #buttons = new Set<InstanceType<Five["Button"]>>();

  constructor(five: Five, board: InstanceType<Five["Board"]>, io: JohnnyFiveIo) {
    this.#five = five;
    this.#board = board;
    this.#io = io;
  }

  relay(line: string | number, contact: "normally-open" | "normally-closed" = "normally-open"): Relay {
    const isNormallyClosed = contact === "normally-closed";
    // Its Relay does not ask for a mode, and would switch an input without complaint.
    this.#io.pinMode(line, this.#io.MODES.OUTPUT);
    const relay = new this.#five.Relay({ ...this.#part(line), type: isNormallyClosed ? "NC" : "NO" });
    const io = this.#io;
    let isClosed = isNormallyClosed;
    const order = (wanted: boolean, action: () => void): Result<void, GpioFault> => {
      const done = io.attempt(action);
      if (done.ok) isClosed = wanted;
      return done;
    };
    return {
      get isClosed() {
        return isClosed;
      },
      close: () => order(true, () => relay.close()),
      open: () => order(false, () => relay.open()),
    };
  }

  lamp(line: string | number): Lamp {
    const led = new this.#five.Led(this.#part(line));
    return { set: (isLit) => this.#io.attempt(() => (isLit ? led.on() : led.off())) };
  }

  button(line: string | number, listener: ButtonListener): Button {
    const button = new this.#five.Button(this.#part(line));
    this.#buttons.add(button);
    let isPressed = false;
    button.on("down", () => {
      // A release that was too short to be told is followed by another `down`.
      if (isPressed) return;
      isPressed = true;
      listener.onPress();
    });
    button.on("up", () => {
      // So is a press that was too short to be told by its `up`.
      if (!isPressed) return;
      isPressed = false;
      listener.onRelease?.();
    });
    return {
      get isPressed() {
        return isPressed;
      },
    };
  }

  close(): void {
    for (const button of this.#buttons) button.removeAllListeners();
    this.#io.close();
    this.#board.removeAllListeners();
    const { cache } = this.#five.Board;
    const place = cache.indexOf(this.#board);
    if (place >= 0) cache.splice(place, 1);
  }

  #part(line: string | number): { readonly board: InstanceType<Five["Board"]>; readonly pin: string } {
    assert(this.#io.isReady, "parts are made on an open board");
    return { board: this.#board, pin: String(line) };
  }
}
