/** An input whose lasting changes are told, by edge events of the kernel or, where it has none, by looking. */
import { readSync } from "node:fs";
import { ok, type Result } from "#base/result.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { GpioFault, InputLine, InputRequest } from "#hal/ports/gpio-chip.ts";
import { DebouncedLevel } from "#hal/protocols/gpio/debounced-level.ts";
import type { FoundChip } from "./find-gpio-chip.ts";
import { GPIO_LAYOUTS, LINE_FLAGS } from "./gpio-abi.ts";
import { type HeldLine, requestLine } from "./held-line.ts";
import type { KernelCalls, StopWatching } from "./kernel-calls.ts";
import type { PollRound } from "./poll-round.ts";

export interface InputEnvironment {
  readonly calls: KernelCalls;
  readonly chip: FoundChip;
  readonly clock: Clock;
  readonly round: PollRound;
  readonly withEdges: boolean;
}

/** @returns a plain object, so that its owner may wrap it; or why the kernel did not lend the line. */
export function holdWatchedInput(
  environment: InputEnvironment,
  request: InputRequest,
  onChange: (isActive: boolean) => void,
): Result<InputLine, GpioFault> {
  const requested = requestInput(environment, request);
  if (!requested.ok) return requested;
  const { line, hasEdges } = requested.value;
  const first = line.read();
  if (!first.ok) {
    line.release();
    return first;
  }
  const events = hasEdges ? new LineEvents(line, environment.calls) : undefined;
  const level = new DebouncedLevel({
    clock: environment.clock,
    debounceMs: request.debounceMs,
    isActive: first.value,
    sample: () => {
      // Events are read away before the level is, so an edge after it is told anew.
      const wasDisturbed = events?.drain() ?? false;
      const now = line.read();
      return now.ok ? { isActive: now.value, wasDisturbed } : undefined;
    },
    onChange,
  });
  const look = (): void => {
    level.look();
  };
  const stopWatching = events?.watch(look) ?? environment.round.join(look);
  return ok({
    isActive: () => line.read(),
    release: () => {
      level.stop();
      stopWatching();
      line.release();
    },
  });
}

const BIAS_FLAGS = {
  "pull-up": LINE_FLAGS.GPIO_V2_LINE_FLAG_BIAS_PULL_UP,
  "pull-down": LINE_FLAGS.GPIO_V2_LINE_FLAG_BIAS_PULL_DOWN,
  // Said, and not left out: a pull that the boot loader has left on would stay.
  none: LINE_FLAGS.GPIO_V2_LINE_FLAG_BIAS_DISABLED,
} as const;

const EDGE_FLAGS = LINE_FLAGS.GPIO_V2_LINE_FLAG_EDGE_RISING | LINE_FLAGS.GPIO_V2_LINE_FLAG_EDGE_FALLING;

/**
 * Drivers refuse edges for many reasons and with many numbers: no interrupt for this line, none free, one shared. So
 * whatever the refusal was, the line is asked for once more without them.
 */
function requestInput(
  environment: InputEnvironment,
  request: InputRequest,
): Result<{ readonly line: HeldLine; readonly hasEdges: boolean }, GpioFault> {
  const { calls, chip } = environment;
  const flags = LINE_FLAGS.GPIO_V2_LINE_FLAG_INPUT | BIAS_FLAGS[request.bias];
  const wish = { line: request.line, ...(request.activeLow === true ? { activeLow: request.activeLow } : {}) };
  if (environment.withEdges) {
    const requested = requestLine(calls, chip, { ...wish, flags: flags | EDGE_FLAGS });
    if (requested.ok) return ok({ line: requested.value, hasEdges: true });
  }
  const plain = requestLine(calls, chip, { ...wish, flags });
  return plain.ok ? ok({ line: plain.value, hasEdges: false }) : plain;
}

/** As many events as the kernel keeps for one line; older ones are dropped by it. */
const EVENTS_MAX = 16;

/** The kernel's queue of a line's edges. */
class LineEvents {
  readonly #line: HeldLine;
  readonly #calls: KernelCalls;
  readonly #bytes = new Uint8Array(EVENTS_MAX * GPIO_LAYOUTS.gpio_v2_line_event.size);
  #isWatched = false;

  constructor(line: HeldLine, calls: KernelCalls) {
    this.#line = line;
    this.#calls = calls;
  }

  /** Undefined if the event loop cannot watch the line. It ends by itself when the chip goes away. */
  watch(onEdge: () => void): StopWatching | undefined {
    const stop = this.#calls.watchReadable(this.#line.descriptor, onEdge);
    this.#isWatched = stop !== undefined;
    return stop;
  }

  /** Whether there were any edges. What they say is not needed: the level itself is read afterwards. */
  drain(): boolean {
    // Only a watched descriptor does not wait for the next edge.
    if (!this.#isWatched) return false;
    try {
      return readSync(this.#line.descriptor, this.#bytes) > 0;
    } catch {
      // Nothing there; or the chip has gone, which reading the level will tell.
      return false;
    }
  }
}
