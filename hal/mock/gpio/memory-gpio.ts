/**
 * A GPIO chip in memory, with what is soldered to it. Programs open it as they open the kernel's: any number of times,
 * one holder a line. The world outside drives inputs, wires outputs to inputs, and reads levels as volts.
 */
import { assert } from "#base/assert.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { GpioChip } from "#hal/ports/gpio-chip.ts";
import { MemoryGpioChip } from "./memory-gpio-chip.ts";
import { type Level, type LevelMoment, MemoryLine } from "./memory-line.ts";
import { MemoryWire, type WireSettings } from "./memory-wire.ts";

export interface MemoryGpioSettings {
  readonly clock: Clock;
  /** A name for each line, in the order of their offsets; empty for one without a name. */
  readonly lines: readonly string[];
  /** The default is `memory-gpio`. */
  readonly label?: string;
}

export class MemoryGpio {
  readonly label: string;
  readonly #clock: Clock;
  readonly #lines: readonly MemoryLine[];
  readonly #chips = new Set<MemoryGpioChip>();
  #isGone = false;

  constructor(settings: MemoryGpioSettings) {
    this.label = settings.label ?? "memory-gpio";
    this.#clock = settings.clock;
    this.#lines = settings.lines.map((name) => new MemoryLine(name, settings.clock));
  }

  /** As a program opens it. `consumer` is what others are told about who holds a line. */
  open(consumer = "tallystick"): GpioChip {
    const chip = new MemoryGpioChip({
      label: this.label,
      consumer,
      clock: this.#clock,
      lines: this.#lines,
      isGone: () => this.#isGone,
    });
    this.#chips.add(chip);
    return chip;
  }

  /** What happens to the lines when every program that holds one is killed: nobody sets them inactive, they float. */
  killHolders(): void {
    for (const chip of this.#chips) chip.die();
    this.#chips.clear();
  }

  /** An expander whose cable is pulled: every call fails from now on, and no change is told. */
  unplug(): void {
    this.#isGone = true;
  }

  /** Drives an input from outside; undefined lets it float, so that the chip's pull is seen. */
  drive(line: string | number, level: Level | undefined): void {
    this.#find(line).drive(level);
  }

  /** What a meter on the line shows. */
  level(line: string | number): Level {
    return this.#find(line).level;
  }

  /** The line's last changes, oldest first; none for a line that has been low since the beginning. */
  history(line: string | number): readonly LevelMoment[] {
    return this.#find(line).history;
  }

  /** Short-circuits a line; undefined ends that. A welded contactor is a wire's `stickAt` instead. */
  stick(line: string | number, level: Level | undefined): void {
    this.#find(line).stickAt(level);
  }

  wire(from: string | number, to: string | number, settings: WireSettings = {}): MemoryWire {
    const ends = { from: this.#find(from), to: this.#find(to) };
    assert(ends.from !== ends.to, "a wire has two ends");
    return new MemoryWire(this.#clock, ends, settings);
  }

  #find(line: string | number): MemoryLine {
    const found = typeof line === "number" ? this.#lines[line] : this.#lines.find(({ name }) => name === line);
    assert(found !== undefined, `the simulated chip has a line ${line}`);
    return found;
  }
}
