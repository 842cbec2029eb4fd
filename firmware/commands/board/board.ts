/** `tallystick board ACTION …`: which boards there are, what is wired to one, and whether it works. */
import { type CommandArguments, notAmong } from "../command.ts";
import { CommandError } from "../command-error.ts";
import type { CommandIo } from "../command-io.ts";
import { EXIT } from "../exit-code.ts";

interface BoardAction {
  readonly usage: string;
  /** How many words stand behind the name: least and most. */
  readonly words: readonly [number, number];
  /** The options that it takes of those of the command. */
  readonly options: readonly string[];
  run(word: string | undefined, given: CommandArguments, io: CommandIo): Promise<number>;
}

/** Files are loaded when called. */
const ACTIONS: Readonly<Record<string, BoardAction>> = {
  list: {
    usage: "[--json]",
    words: [0, 0],
    options: ["json"],
    run: async (_, given, io) => (await import("./list-boards.ts")).listBoards(given, io),
  },
  show: {
    usage: "NAME [--config FILE] [--json]",
    words: [1, 1],
    options: ["config", "json"],
    run: async (word, given, io) => (await import("./show-board.ts")).showBoard(word, given, io),
  },
  test: {
    usage: "[NAME] [--config FILE] [--wait SECONDS] [--relay --yes] [--json]",
    words: [0, 1],
    options: ["config", "wait", "relay", "yes", "json"],
    run: async (word, given, io) => (await import("./test-board.ts")).testBoard(word, given, io),
  },
};

const OPTIONS = ["config", "wait", "relay", "yes", "json"] as const;

export async function runBoard(given: CommandArguments, io: CommandIo): Promise<number> {
  const [name = "", ...words] = given.words;
  const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
  if (action === undefined) throw usage(`board what? ${notAmong(name, Object.keys(ACTIONS))}`);
  const [least, most] = action.words;
  if (words.length < least || words.length > most) {
    const problem = words.length < least ? "something is missing" : `too much: "${words[most] ?? ""}"`;
    throw usage(`${problem}; use it as: tallystick board ${name} ${action.usage}`);
  }
  const strange = OPTIONS.find((option) => given.flag(option) && !action.options.includes(option));
  if (strange !== undefined) throw usage(`board ${name} does not take --${strange}: ${action.usage}`);
  return await action.run(words[0], given, io);
}

function usage(message: string): CommandError {
  return new CommandError(EXIT.usage, message);
}
