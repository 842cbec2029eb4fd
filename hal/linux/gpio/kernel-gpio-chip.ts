/** A chip that the kernel has opened for us, and the lines that are held on it. */
import { closeSync } from "node:fs";
import { fail, ok, type Result } from "#base/result.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { GpioChip, GpioFault, InputLine, InputRequest, OutputLine, OutputRequest } from "#hal/ports/gpio-chip.ts";
import type { FoundChip } from "./find-gpio-chip.ts";
import { LINE_FLAGS } from "./gpio-abi.ts";
import { requestLine } from "./held-line.ts";
import type { KernelCalls } from "./kernel-calls.ts";
import { PollRound } from "./poll-round.ts";
import { holdWatchedInput, type InputEnvironment } from "./watched-input.ts";

export interface KernelGpioChipOptions {
  readonly clock: Clock;
  /** For an expander whose interrupt is said to be connected and is not: inputs are looked at every 5 ms. */
  readonly inputs?: "polled";
}

export class KernelGpioChip implements GpioChip {
  readonly label: string;
  readonly #calls: KernelCalls;
  readonly #chip: FoundChip;
  readonly #input: InputEnvironment;
  readonly #held = new Set<{ release(): void }>();
  #isClosed = false;

  constructor(calls: KernelCalls, chip: FoundChip, options: KernelGpioChipOptions) {
    this.label = chip.info.label;
    this.#calls = calls;
    this.#chip = chip;
    const { clock } = options;
    this.#input = { calls, chip, clock, round: new PollRound(clock), withEdges: options.inputs !== "polled" };
  }

  holdOutput(request: OutputRequest): Result<OutputLine, GpioFault> {
    if (this.#isClosed) return fail({ code: "GPIO_CLOSED" });
    const flags = LINE_FLAGS.GPIO_V2_LINE_FLAG_OUTPUT;
    const requested = requestLine(this.#calls, this.#chip, { ...request, flags });
    if (!requested.ok) return requested;
    const line = requested.value;
    return ok(
      this.#keep({
        set: (isActive: boolean) => line.write(isActive),
        release: () => {
          line.write(false);
          line.release();
        },
      }),
    );
  }

  holdInput(request: InputRequest, onChange: (isActive: boolean) => void): Result<InputLine, GpioFault> {
    if (this.#isClosed) return fail({ code: "GPIO_CLOSED" });
    const held = holdWatchedInput(this.#input, request, onChange);
    return held.ok ? ok(this.#keep(held.value)) : held;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const line of [...this.#held]) line.release();
    closeSync(this.#chip.descriptor);
  }

  /** Remembers the line until it is released. */
  #keep<Line extends { release(): void }>(line: Line): Line {
    const kept = {
      ...line,
      release: () => {
        this.#held.delete(kept);
        line.release();
      },
    };
    this.#held.add(kept);
    return kept;
  }
}
