/** A command of several verbs: which of them it is, with its own options and words. */
import { notAmong, type CommandArguments } from "./command.ts";
import { CommandError } from "./command-error.ts";
import type { CommandIo } from "./command-io.ts";
import { EXIT } from "./exit-code.ts";

export interface Verb {
  readonly options: readonly string[];
  /** How many words may stand behind it. */
  readonly words: readonly [number, number];
  readonly run: (given: CommandArguments, io: CommandIo) => Promise<number>;
}

export interface VerbedCommand {
  readonly name: string;
  readonly verbs: Readonly<Record<string, Verb>>;
  /** What is said of a verb with too few words. */
  readonly missing: string;
}

export async function runVerb(
  { name, verbs, missing }: VerbedCommand,
  given: CommandArguments,
  io: CommandIo,
): Promise<number> {
  const [word = "", ...words] = given.words;
  const verb = Object.hasOwn(verbs, word) ? verbs[word] : undefined;
  if (verb === undefined) throw new CommandError(EXIT.usage, `${name} what? ${notAmong(word, Object.keys(verbs))}`);
  const known = Object.values(verbs).flatMap(({ options }) => options);
  const stranger = known.find((option) => given.flag(option) && !verb.options.includes(option));
  if (stranger !== undefined) throw new CommandError(EXIT.usage, `${name} ${word} takes no --${stranger}`);
  const [least, most] = verb.words;
  if (words.length < least) throw new CommandError(EXIT.usage, `${name} ${word}: ${missing}`);
  if (words.length > most) throw new CommandError(EXIT.usage, `${name} ${word}: too much: "${words[most] ?? ""}"`);
  return verb.run(given, io);
}
