/** `key`: the keys of a gateway. Each verb has its file. */
import type { CommandArguments } from "../command.ts";
import type { CommandIo } from "../command-io.ts";
import { runVerb, type Verb } from "../run-verb.ts";
import { runPseudonyms } from "./pseudonyms.ts";
import { rotateKey } from "./rotate-key.ts";

const VERBS: Readonly<Record<string, Verb>> = {
  rotate: { options: ["config", "lost", "json"], words: [0, 0], run: rotateKey },
  pseudonyms: { options: ["config", "count", "json"], words: [0, 0], run: runPseudonyms },
};

export function runKey(given: CommandArguments, io: CommandIo): Promise<number> {
  return runVerb({ name: "key", verbs: VERBS, missing: "something is missing; see key --help" }, given, io);
}
