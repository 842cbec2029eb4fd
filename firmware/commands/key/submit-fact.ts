/** `submit`: a signed fact from a file, for a running gateway to put on the chain. */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { toHex } from "#base/bytes.ts";
import type { CommandArguments } from "../command.ts";
import { CommandError } from "../command-error.ts";
import type { CommandIo } from "../command-io.ts";
import { ask, say } from "../control.ts";
import { EXIT } from "../exit-code.ts";
import { SUBMITTED_BYTES_MAX } from "./answer-membership.ts";

export async function runSubmit(given: CommandArguments, io: CommandIo): Promise<number> {
  const [file = ""] = given.words;
  const bytes = await readFile(resolve(io.cwd, file));
  if (bytes.length > SUBMITTED_BYTES_MAX) throw new CommandError(EXIT.badData, `${file}: longer than any such fact`);
  const answer = await ask(given, io, { command: "submit", fact: toHex(bytes) });
  return say(answer, given, io, ({ kind, isNew }) => [
    isNew === true ? `${String(kind)} is stored, and on its way to the others` : `${String(kind)} is known already`,
  ]);
}
