/** `submit`: signed facts from files, for a running gateway to put on the chain. */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { toHex } from "#base/bytes.ts";
import type { CommandArguments } from "../command.ts";
import { CommandError } from "../command-error.ts";
import type { CommandIo } from "../command-io.ts";
import { ask, say } from "../control.ts";
import { EXIT } from "../exit-code.ts";
import { SUBMITTED_BYTES_MAX } from "./answer-membership.ts";

/** All files are read before the first is given; one that is refused does not hold up those after it. */
export async function runSubmit(given: CommandArguments, io: CommandIo): Promise<number> {
  const facts = await Promise.all(given.words.map(async (file) => ({ file, bytes: await readFact(file, io) })));
  let code: number = EXIT.ok;
  for (const { file, bytes } of facts) {
    const name = facts.length === 1 ? "" : `${file}: `;
    try {
      const told = await giveFact(bytes, given, io, name);
      if (told !== EXIT.ok) code = told;
    } catch (refused) {
      if (!(refused instanceof CommandError) || facts.length === 1) throw refused;
      io.err(`${name}${refused.message}`);
      code = refused.exitCode;
    }
  }
  return code;
}

async function readFact(file: string, io: CommandIo): Promise<Uint8Array> {
  const bytes = await readFile(resolve(io.cwd, file));
  if (bytes.length > SUBMITTED_BYTES_MAX) throw new CommandError(EXIT.badData, `${file}: longer than any such fact`);
  return bytes;
}

/** @param name what the answer begins with, where there are several */
export async function giveFact(fact: Uint8Array, given: CommandArguments, io: CommandIo, name = ""): Promise<number> {
  const answer = await ask(given, io, { command: "submit", fact: toHex(fact) });
  return say(answer, given, io, ({ kind, isNew }) => [
    `${name}${String(kind)} is ${isNew === true ? "stored, and on its way to the others" : "known already"}`,
  ]);
}
