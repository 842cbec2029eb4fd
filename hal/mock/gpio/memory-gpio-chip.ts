/** One program's hold on a chip in memory, with the rules of the kernel's. */
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
import type { Level, MemoryLine } from "./memory-line.ts";

export interface MemoryGpioChipSettings {
  readonly label: string;
  readonly consumer: string;
  readonly clock: Clock;
  readonly lines: readonly MemoryLine[];
  readonly isGone: () => boolean;
}

export class MemoryGpioChip implements GpioChip {
  readonly label: string;
  readonly #settings: MemoryGpioChipSettings;
  readonly #held = new Set<Hold>();
  #isClosed = false;

  constructor(settings: MemoryGpioChipSettings) {
    this.label = settings.label;
    this.#settings = settings;
  }

  holdOutput(request: OutputRequest): Result<OutputLine, GpioFault> {
    const found = this.#take(request);
    if (!found.ok) return found;
    const line = found.value;
    const set = (isActive: boolean): void => {
      line.setOutput(levelFor(request, isActive));
    };
    set(request.isActive);
    const hold = this.#hold(line, {
      settle: () => {
        set(false);
      },
      end: () => {
        line.setOutput(undefined);
      },
    });
    return ok({
      set: (isActive) => {
        const fault = this.#faultOf(hold);
        if (fault !== undefined) return fail(fault);
        set(isActive);
        return ok(undefined);
      },
      release: () => {
        this.#release(hold);
      },
    });
  }

  holdInput(request: InputRequest, onChange: (isActive: boolean) => void): Result<InputLine, GpioFault> {
    const found = this.#take(request);
    if (!found.ok) return found;
    const line = found.value;
    line.setPull(request.bias);
    const stopWatching = this.#watch(line, request, onChange);
    const hold = this.#hold(line, {
      settle: stopWatching,
      end: () => {
        stopWatching();
        line.setPull("none");
      },
    });
    return ok({
      isActive: () => {
        const fault = this.#faultOf(hold);
        return fault === undefined ? ok(isActiveAt(request, line.level)) : fail(fault);
      },
      release: () => {
        this.#release(hold);
      },
    });
  }

  close(): void {
    this.#isClosed = true;
    for (const hold of [...this.#held]) this.#release(hold);
  }

  /** The program is killed: its lines are free at once, as they are. */
  die(): void {
    this.#isClosed = true;
    for (const hold of this.#held) hold.end();
    this.#held.clear();
  }

  #take(request: LineRequest): Result<MemoryLine, GpioFault> {
    if (this.#isClosed) return fail({ code: "GPIO_CLOSED" });
    if (this.#settings.isGone()) return fail(CHIP_GONE);
    const { line } = request;
    const { label, lines } = this.#settings;
    const named = lines.filter(({ name }, offset) => (typeof line === "number" ? offset : name) === line);
    const [found] = line === "" ? [] : named;
    if (found === undefined) return fail({ code: "GPIO_LINE_MISSING", label, line });
    if (named.length > 1) return fail({ code: "GPIO_FAILED", reason: `two lines of ${label} are named ${line}` });
    if (found.holder !== undefined) return fail({ code: "GPIO_LINE_BUSY", line, holder: found.holder });
    return ok(found);
  }

  #watch(line: MemoryLine, request: InputRequest, onChange: (isActive: boolean) => void): () => void {
    const { clock, isGone } = this.#settings;
    let wasDisturbed = false;
    const level = new DebouncedLevel({
      clock,
      debounceMs: request.debounceMs,
      isActive: isActiveAt(request, line.level),
      sample: () => {
        if (isGone()) return undefined;
        const sample = { isActive: isActiveAt(request, line.level), wasDisturbed };
        wasDisturbed = false;
        return sample;
      },
      onChange,
    });
    const stopListening = line.onLevel(() => {
      wasDisturbed = true;
      // As an interrupt does, it comes after the call that made the change.
      clock.wakeAt(clock.monotonicMs(), () => {
        level.look();
      });
    });
    return () => {
      stopListening();
      level.stop();
    };
  }

  #hold(line: MemoryLine, ends: Hold): Hold {
    line.holder = this.#settings.consumer;
    const hold: Hold = {
      settle: ends.settle,
      end: () => {
        line.holder = undefined;
        ends.end();
      },
    };
    this.#held.add(hold);
    return hold;
  }

  #release(hold: Hold): void {
    if (!this.#held.delete(hold)) return;
    hold.settle();
    hold.end();
  }

  #faultOf(hold: Hold): GpioFault | undefined {
    if (!this.#held.has(hold)) return { code: "GPIO_CLOSED" };
    return this.#settings.isGone() ? CHIP_GONE : undefined;
  }
}

interface Hold {
  /** Puts an output to inactive, lets an input tell nothing more. */
  readonly settle: () => void;
  /** The line is nobody's. */
  readonly end: () => void;
}

/** As the kernel says it. */
export const CHIP_GONE: GpioFault = { code: "GPIO_FAILED", reason: "the chip has gone, or cannot do this (ENODEV)" };

function levelFor(request: LineRequest, isActive: boolean): Level {
  return isActive === (request.activeLow !== true) ? 1 : 0;
}

export function isActiveAt(request: LineRequest, level: Level): boolean {
  return (level === 1) === (request.activeLow !== true);
}
