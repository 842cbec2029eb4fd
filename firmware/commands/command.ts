/** What a command is: its name, what it takes, and what it does. The table of them is `commands.ts`. */
import { CommandError } from "./command-error.ts";
import type { CommandIo } from "./command-io.ts";
import { closestWord } from "./closest-word.ts";
import { EXIT } from "./exit-code.ts";

export interface CommandOption {
  /** What stands for the value in the help, such as FILE; absent for an option that is either there or not. */
  readonly value?: string;
  readonly summary: string;
}

export interface Command {
  readonly name: string;
  readonly summary: string;
  /** What may stand behind the name, as the help shows it. */
  readonly usage: string;
  readonly options: Readonly<Record<string, CommandOption>>;
  /** How many words may stand behind the name: least and most. */
  readonly words: readonly [number, number];
  /** Further lines of the help. */
  readonly details?: readonly string[];
  /** Resolves with the exit code. */
  run(given: CommandArguments, io: CommandIo): Promise<number>;
}

/** The words and options of one call. Every question about a value that cannot be answered ends with exit code 64. */
export class CommandArguments {
  readonly words: readonly string[];
  readonly #options: ReadonlyMap<string, string | true>;

  constructor(words: readonly string[], options: ReadonlyMap<string, string | true>) {
    this.words = words;
    this.#options = options;
  }

  flag(name: string): boolean {
    return this.#options.has(name);
  }

  text(name: string): string | undefined {
    const value = this.#options.get(name);
    return typeof value === "string" ? value : undefined;
  }

  required(name: string): string {
    const value = this.text(name) ?? refuse(`--${name} is missing`);
    return value === "" ? refuse(`--${name} is empty`) : value;
  }

  wholeNumber(name: string, min: number, max: number): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
    if (number >= min && number <= max) return number;
    return refuse(`--${name}: found "${value}", expected a whole number from ${min} to ${max}`);
  }

  oneOf<const Words extends readonly string[]>(name: string, words: Words): Words[number] | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    return words.find((word) => word === value) ?? refuse(`--${name}: ${notAmong(value, words)}`);
  }
}

/** Says that a word is none of those that are there, and which one may be meant. */
export function notAmong(found: string, known: readonly string[]): string {
  const closest = closestWord(found, known);
  const guess = closest === undefined ? "" : `; did you mean "${closest}"?`;
  return `found "${found}", expected one of ${known.join(", ")}${guess}`;
}

function refuse(message: string): never {
  throw new CommandError(EXIT.usage, message);
}
