/** `tallystick vehicle ACTION …`: what is done with a car, its OBD adapter or its recorded replies. */
import { type CommandArguments, notAmong } from "../command.ts";
import { CommandError } from "../command-error.ts";
import type { CommandIo } from "../command-io.ts";
import { EXIT } from "../exit-code.ts";

export interface VehicleAction {
  readonly name: string;
  /** What stands behind the name. */
  readonly usage: string;
  /** How many words that is: least and most. */
  readonly words: readonly [number, number];
  /** `words` are those behind the name. Resolves with the exit code. */
  run(words: readonly string[], given: CommandArguments, io: CommandIo): Promise<number>;
}

/** Files are loaded when called. An option of an action stands with those of the command, in `commands.ts`. */
const ACTIONS: readonly VehicleAction[] = [
  {
    name: "probe",
    usage: "[OPTION…]",
    words: [0, 0],
    run: async (_words, given, io) => (await import("./run-probe.ts")).runProbe(given, io),
  },
  {
    name: "watch",
    usage: "[OPTION…]",
    words: [0, 0],
    run: async (_words, given, io) => (await import("./watch.ts")).runVehicleWatch(given, io),
  },
  {
    name: "check",
    usage: "FILE [--json]",
    words: [1, 1],
    run: async (words, given, io) => (await import("../check-vehicle.ts")).runVehicleCheck(words[0] ?? "", given, io),
  },
  {
    name: "replay",
    usage: "FILE|- [--json]",
    words: [1, 1],
    run: async (words, given, io) => (await import("./replay.ts")).runReplay(words[0] ?? "-", given, io),
  },
];

export async function runVehicle(given: CommandArguments, io: CommandIo): Promise<number> {
  const [name = "", ...words] = given.words;
  const action = ACTIONS.find((each) => each.name === name);
  if (action === undefined) {
    const names = ACTIONS.map((each) => each.name);
    throw new CommandError(EXIT.usage, `vehicle what? ${notAmong(name, names)}`);
  }
  const [least, most] = action.words;
  if (words.length < least || words.length > most) {
    const problem = words.length < least ? "something is missing" : `too much: "${words[most] ?? ""}"`;
    throw new CommandError(EXIT.usage, `${problem}; use it as: tallystick vehicle ${name} ${action.usage}`);
  }
  return await action.run(words, given, io);
}
