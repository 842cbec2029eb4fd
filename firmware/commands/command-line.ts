/** From the words behind `tallystick` to the command that they name, its options, and its exit code. */
import { parseArgs } from "node:util";
import { plainLine } from "#records/plain-text.ts";
import { CommandArguments, notAmong, type Command } from "./command.ts";
import { CommandError } from "./command-error.ts";
import type { CommandIo } from "./command-io.ts";
import { describeFailure } from "./describe-failure.ts";
import { EXIT } from "./exit-code.ts";
import { releaseName } from "./release-name.ts";

/** Runs the command that the words name. Never rejects: what goes wrong becomes a line and an exit code. */
export async function runCommandLine(
  words: readonly string[],
  commands: readonly Command[],
  io: CommandIo,
): Promise<number> {
  // Names of files and words of strangers are shown in many places, and guarded in one.
  const out = (line: string): void => {
    io.out(plainLine(line));
  };
  try {
    return await dispatch(words, commands, { ...io, out });
  } catch (error) {
    return reportFailure(error, io);
  }
}

/** One line for whoever stands before it, or with TALLYSTICK_DEBUG=1 the stack; returns the exit code. */
export function reportFailure(error: unknown, io: CommandIo): number {
  const { exitCode, message } = describeFailure(error);
  for (const line of `tallystick: ${message}`.split("\n")) io.err(plainLine(line));
  if (io.env["TALLYSTICK_DEBUG"] === "1" && error instanceof Error) io.err(stackOf(error));
  return exitCode;
}

async function dispatch(words: readonly string[], commands: readonly Command[], io: CommandIo): Promise<number> {
  const [first, ...rest] = words;
  if (first === undefined) {
    for (const line of overview(commands)) io.err(line);
    return EXIT.usage;
  }
  if (first === "--version") return print([await releaseName()], io);
  const asksForHelp = first === "help" || first === "--help" || first === "-h";
  if (asksForHelp && rest.length === 0) return print(overview(commands), io);
  const command = commandOf(asksForHelp ? (rest[0] ?? "") : first, commands);
  if (asksForHelp || rest.some((word) => word === "--help" || word === "-h")) return print(manual(command), io);
  return await command.run(readArguments(command, rest), io);
}

function print(lines: readonly string[], io: CommandIo): number {
  for (const line of lines) io.out(line);
  return EXIT.ok;
}

function commandOf(name: string, commands: readonly Command[]): Command {
  const command = commands.find((candidate) => candidate.name === name);
  if (command !== undefined) return command;
  const names = commands.map((candidate) => candidate.name);
  throw new CommandError(EXIT.usage, `unknown command: ${notAmong(name, names)}`);
}

function readArguments(command: Command, words: readonly string[]): CommandArguments {
  const options = Object.fromEntries(
    Object.entries(command.options).map(([name, { value }]) => [
      name,
      { type: value === undefined ? ("boolean" as const) : ("string" as const) },
    ]),
  );
  // Not strict: `parseArgs` would refuse an unknown option without saying which ones there are.
  const { tokens, positionals } = parseArgs({
    args: [...words],
    options,
    strict: false,
    tokens: true,
    allowPositionals: true,
  });
  const given = new Map<string, string | true>();
  for (const token of tokens) if (token.kind === "option") given.set(token.name, optionValue(command, token));
  const [least, most] = command.words;
  if (positionals.length < least || positionals.length > most) {
    const problem = positionals.length < least ? "something is missing" : `too much: "${positionals[most] ?? ""}"`;
    throw new CommandError(EXIT.usage, `${problem}; use it as: tallystick ${command.name} ${command.usage}`);
  }
  return new CommandArguments(positionals, given);
}

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value: string | undefined;
  readonly inlineValue: boolean | undefined;
}

function optionValue(command: Command, { name, rawName, value, inlineValue }: OptionToken): string | true {
  const option = Object.hasOwn(command.options, name) ? command.options[name] : undefined;
  if (option === undefined || rawName !== `--${name}`) {
    const known = Object.keys(command.options).map((each) => `--${each}`);
    throw new CommandError(EXIT.usage, `${command.name} has no such option: ${notAmong(rawName, known)}`);
  }
  if (option.value === undefined) {
    if (value === undefined) return true;
    throw new CommandError(EXIT.usage, `${rawName} takes no value, found "${value}"`);
  }
  // What looks like the next option is the sign of a forgotten value; `--name=-x` says that it is meant.
  if (value === undefined || (inlineValue !== true && value.startsWith("-"))) {
    throw new CommandError(EXIT.usage, `${rawName} needs a value: ${rawName} ${option.value}`);
  }
  return value;
}

function overview(commands: readonly Command[]): readonly string[] {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return [
    "Usage: tallystick COMMAND …",
    "",
    ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    "",
    "`tallystick COMMAND --help` says more about one of them, `tallystick --version` which release this is.",
  ];
}

function manual({ name, summary, usage, options, details = [] }: Command): readonly string[] {
  const rows = Object.entries(options).map(
    ([option, { value, summary: about }]) =>
      [`--${option}${value === undefined ? "" : ` ${value}`}`, about] satisfies [string, string],
  );
  const width = Math.max(0, ...rows.map(([left]) => left.length));
  return [
    `Usage: tallystick ${name} ${usage}`.trimEnd(),
    "",
    summary,
    ...(details.length === 0 ? [] : ["", ...details]),
    ...(rows.length === 0 ? [] : ["", ...rows.map(([left, about]) => `  ${left.padEnd(width)}  ${about}`)]),
  ];
}

function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${error.cause.stack ?? error.cause.message}` : "";
  return `${error.stack ?? error.message}${cause}`;
}
