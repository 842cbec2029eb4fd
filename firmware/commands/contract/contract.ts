/** `contract check | explain | simulate`: contracts as somebody writes them, before anybody signs one. */
import { notAmong, type CommandArguments } from "../command.ts";
import { CommandError } from "../command-error.ts";
import type { CommandIo } from "../command-io.ts";
import { EXIT } from "../exit-code.ts";
import { checkContract } from "./check-contract.ts";
import { explainContract } from "./explain-contract.ts";
import { loadContract, problemText } from "./load-contract.ts";
import { simulateContract } from "./simulate-contract.ts";

/** Exit 0 for a good contract, 65 for one with mistakes, or for inputs that it cannot run on. */
export async function runContract(given: CommandArguments, io: CommandIo): Promise<number> {
  const [action = "", file, ...inputs] = given.words;
  const known = ["check", "explain", "simulate"];
  if (!known.includes(action)) throw new CommandError(EXIT.usage, `contract what? ${notAmong(action, known)}`);
  if (file === undefined) {
    throw new CommandError(EXIT.usage, `${action} which contract? tallystick contract ${action} FILE, or energy-v1`);
  }
  if (action !== "simulate" && inputs.length > 0) {
    throw new CommandError(EXIT.usage, `too much: "${inputs.join(" ")}"; contract ${action} takes one file`);
  }
  const loaded = await loadContract(io.cwd, file);
  if (!loaded.ok) {
    if (given.flag("json")) io.out(JSON.stringify({ file, problems: loaded.fault }));
    else for (const problem of loaded.fault) io.err(`${file}:${problemText(problem)}`);
    return EXIT.badData;
  }
  if (action === "simulate") return await simulateContract(loaded.value, { given, io, inputs });
  const lines = action === "check" ? checkContract : explainContract;
  for (const line of lines(loaded.value, given.flag("json"))) io.out(line);
  return EXIT.ok;
}
