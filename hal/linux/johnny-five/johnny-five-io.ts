/**
 * johnny-five's IO plug-in on the lines of a GPIO chip.
 *
 * Every line is held, with its safe level, before johnny-five sees a pin: its Relay writes nothing until it is first
 * switched. HIGH is active, whatever the volts; which lines are upside down or pulled is said once, to the chip. There
 * is no PWM on a GPIO line and none is offered.
 */
import { EventEmitter } from "node:events";
import { assert } from "#base/assert.ts";
import { fail, ok, type Result } from "#base/result.ts";
import type { GpioChip, GpioFault, InputLine, InputRequest, LineRequest, OutputLine } from "#hal/ports/gpio-chip.ts";

/** Outputs begin inactive, as parts that nobody has switched yet. */
export type PinUse = ({ readonly kind: "output" } & LineRequest) | ({ readonly kind: "input" } & InputRequest);

/** What johnny-five calls the modes of a pin. */
const MODES = { INPUT: 0, OUTPUT: 1, ANALOG: 2, PWM: 3, SERVO: 4 } as const;

type Level = 0 | 1;

/**
 * Holds all lines, or none and says why.
 *
 * @returns the fault of the first line that the chip refuses.
 */
export function holdJohnnyFiveIo(chip: GpioChip, uses: readonly PinUse[]): Result<JohnnyFiveIo, GpioFault> {
  const io = new JohnnyFiveIo();
  for (const use of uses) {
    const held = io.hold(chip, use);
    if (held.ok) continue;
    io.close();
    return held;
  }
  return ok(io);
}

/** The names without a comment are those that johnny-five looks for. */
export class JohnnyFiveIo extends EventEmitter {
  readonly name = "gpio";
  readonly MODES = MODES;
  readonly HIGH = 1;
  readonly LOW = 0;
  readonly analogPins: readonly number[] = [];
  readonly pins: JohnnyFivePin[] = [];
  isReady = false;
  readonly #held = new Map<string, HeldPin>();
  #attempt: Attempt | undefined;

  hold(chip: GpioChip, use: PinUse): Result<void, GpioFault> {
    const name = pinName(use.line);
    assert(!this.#held.has(name), `pin ${name} has one use`);
    const mode = use.kind === "output" ? MODES.OUTPUT : MODES.INPUT;
    const held = use.kind === "output" ? holdOutput(chip, use) : holdInput(chip, use);
    if (!held.ok) return held;
    this.#held.set(name, held.value);
    this.pins.push({ name, supportedModes: [mode], mode, value: 0, report: 1, analogChannel: NO_ANALOG_CHANNEL });
    return ok(undefined);
  }

  /** Tells johnny-five that the lines are there; once somebody listens. */
  announce(): void {
    this.isReady = true;
    this.emit("connect");
    this.emit("ready");
  }

  /** Runs what makes johnny-five write, and returns the chip's answer, which johnny-five does not pass on. */
  attempt(action: () => void): Result<void, GpioFault> {
    const attempt: Attempt = {};
    this.#attempt = attempt;
    try {
      action();
    } finally {
      this.#attempt = undefined;
    }
    return attempt.fault === undefined ? ok(undefined) : fail(attempt.fault);
  }

  normalize(pin: string | number): string {
    return pinName(pin);
  }

  pinMode(pin: string | number, mode: number): this {
    const { kind } = this.#pin(pin);
    assert(mode === (kind === "output" ? MODES.OUTPUT : MODES.INPUT), `pin ${pin} is an ${kind}`);
    return this;
  }

  digitalWrite(pin: string | number, value: number): this {
    const held = this.#pin(pin);
    // Writing to an input is the Arduino's way to ask for a pull; the use of the pin has said which.
    if (held.kind === "input") return this;
    const done = held.line.set(value !== 0);
    if (done.ok) return this;
    if (this.#attempt !== undefined) this.#attempt.fault = done.fault;
    else this.emit("error", Object.assign(new Error(`pin ${pin} cannot be written`), done.fault));
    return this;
  }

  digitalRead(pin: string | number, callback: (value: Level) => void): this {
    const held = this.#pin(pin);
    assert(held.kind === "input", `pin ${pin} is an input`);
    held.listeners.add(callback);
    process.nextTick(() => {
      if (held.listeners.has(callback)) callback(held.value);
    });
    return this;
  }

  setSamplingInterval(): this {
    return this;
  }

  /** Outputs go to inactive. Buttons are told as released: johnny-five repeats `hold` until then, for ever. */
  close(): void {
    this.isReady = false;
    for (const held of this.#held.values()) {
      held.line.release();
      if (held.kind === "output") continue;
      for (const listener of held.listeners) listener(0);
      held.listeners.clear();
    }
    this.removeAllListeners();
  }

  #pin(pin: string | number): HeldPin {
    const held = this.#held.get(pinName(pin));
    assert(held !== undefined, `pin ${pin} has a use on this board`);
    return held;
  }
}

/** A write that somebody waits for; `fault` is what the chip said. */
interface Attempt {
  fault?: GpioFault;
}

interface JohnnyFivePin {
  readonly name: string;
  readonly supportedModes: readonly number[];
  readonly mode: number;
  readonly value: number;
  readonly report: number;
  readonly analogChannel: number;
}

interface HeldOutput {
  readonly kind: "output";
  readonly line: OutputLine;
}

interface HeldInput {
  readonly kind: "input";
  readonly line: InputLine;
  readonly listeners: Set<(value: Level) => void>;
  /** As told last, and at first as it was when the line was taken. */
  readonly value: Level;
}

type HeldPin = HeldOutput | HeldInput;

/** The value that Firmata has for a pin without an analogue channel. */
const NO_ANALOG_CHANNEL = 127;

/** Pins are known by name: johnny-five would take a number for a place in its list. */
function pinName(line: string | number): string {
  return String(line);
}

function holdOutput(chip: GpioChip, use: LineRequest): Result<HeldOutput, GpioFault> {
  const held = chip.holdOutput({ ...use, isActive: false });
  return held.ok ? ok({ kind: "output", line: held.value }) : held;
}

function holdInput(chip: GpioChip, use: InputRequest): Result<HeldInput, GpioFault> {
  const listeners = new Set<(value: Level) => void>();
  let value: Level = 0;
  const held = chip.holdInput(use, (isActive) => {
    value = isActive ? 1 : 0;
    for (const listener of listeners) listener(value);
  });
  if (!held.ok) return held;
  const first = held.value.isActive();
  if (!first.ok) {
    held.value.release();
    return first;
  }
  value = first.value ? 1 : 0;
  return ok({
    kind: "input",
    line: held.value,
    listeners,
    get value() {
      return value;
    },
  });
}
