/** One line of a GPIO chip as electricity sees it: who drives it, what pulls it, and what a meter on it shows. */
import type { Clock } from "#hal/ports/clock.ts";

/** Volts, not meaning: 1 is high. */
export type Level = 0 | 1;

export type Pull = "pull-up" | "pull-down" | "none";

export interface LevelMoment {
  readonly atMs: number;
  readonly level: Level;
}

export class MemoryLine {
  readonly name: string;
  /** What the program that holds it calls itself; undefined while nobody does. */
  holder: string | undefined;
  readonly #clock: Clock;
  readonly #listeners = new Set<(level: Level) => void>();
  readonly #history: LevelMoment[] = [];
  #output: Level | undefined;
  #outside: Level | undefined;
  #stuck: Level | undefined;
  #pull: Pull = "none";
  #level: Level = 0;

  constructor(name: string, clock: Clock) {
    this.name = name;
    this.#clock = clock;
  }

  get level(): Level {
    return this.#level;
  }

  /** The last levels with their times, oldest first. */
  get history(): readonly LevelMoment[] {
    return this.#history;
  }

  /** The chip's own side; undefined is an input. */
  setOutput(level: Level | undefined): void {
    this.#output = level;
    this.#settle();
  }

  setPull(pull: Pull): void {
    this.#pull = pull;
    this.#settle();
  }

  /** The far side: a switch, another chip; undefined is an open end. */
  drive(level: Level | undefined): void {
    this.#outside = level;
    this.#settle();
  }

  /** Short-circuited: it keeps this level whoever drives it. Undefined ends that. */
  stickAt(level: Level | undefined): void {
    this.#stuck = level;
    this.#settle();
  }

  /** Calls back within the call that changes the level. The returned function ends that. */
  onLevel(listener: (level: Level) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #settle(): void {
    const level = this.#stuck ?? this.#output ?? this.#outside ?? (this.#pull === "pull-up" ? 1 : 0);
    if (level === this.#level) return;
    this.#level = level;
    this.#history.push({ atMs: this.#clock.monotonicMs(), level });
    if (this.#history.length > HISTORY_MAX) this.#history.shift();
    for (const listener of [...this.#listeners]) listener(level);
  }
}

const HISTORY_MAX = 256;
