/** `provision`: many gateways from a list. Each verb has its file. */
import { notAmong, type CommandArguments } from "../command.ts";
import { CommandError } from "../command-error.ts";
import type { CommandIo } from "../command-io.ts";
import { EXIT } from "../exit-code.ts";
import { certifyCards } from "./certify-cards.ts";
import { listCards } from "./list-cards.ts";
import { printStickers } from "./print-stickers.ts";
import { writeCards } from "./write-cards.ts";

type Verb = (given: CommandArguments, io: CommandIo) => Promise<number>;

const VERBS: Readonly<Record<string, Verb>> = {
  cards: writeCards,
  certify: certifyCards,
  stickers: printStickers,
  status: listCards,
};

export async function runProvision(given: CommandArguments, io: CommandIo): Promise<number> {
  const [name = ""] = given.words;
  const verb = Object.hasOwn(VERBS, name) ? VERBS[name] : undefined;
  if (verb === undefined) throw new CommandError(EXIT.usage, `provision what? ${notAmong(name, Object.keys(VERBS))}`);
  return await verb(given, io);
}
