/** Which board a command is about: the one that is named, the configuration's, or the one that it runs on. */
import { readFile } from "node:fs/promises";
import type { Board } from "#boards/board.ts";
import { BOARDS, boardNamed } from "#boards/index.ts";
import type { ServedBoard } from "#boards/serve-lines.ts";
import { configuredBoard, serialPathsOf } from "../../configured-board.ts";
import { notAmong, type CommandArguments } from "../command.ts";
import { CommandError } from "../command-error.ts";
import type { CommandIo } from "../command-io.ts";
import { configProblem, readConfigFile } from "../config-file.ts";
import { EXIT } from "../exit-code.ts";

export interface ChosenBoard extends ServedBoard {
  /** Devices that the configuration names; none without one. */
  readonly serialPaths: readonly string[];
}

const MODEL_FILE = "/proc/device-tree/model";

/** Rejects with a CommandError: no such board, none configured, or a machine that is none of them. */
export async function chosenBoard(
  name: string | undefined,
  given: CommandArguments,
  io: CommandIo,
): Promise<ChosenBoard> {
  const board = name === undefined ? undefined : boardNamed(name);
  if (name !== undefined && board === undefined) {
    const names = BOARDS.map((each) => each.name);
    throw new CommandError(EXIT.usage, `no such board: ${notAmong(name, names)}`);
  }
  const file = given.text("config");
  if (file !== undefined) return await fromConfig(file, board, io);
  const chosen = board ?? boardOfModel(await machineModel());
  if (chosen !== undefined) return { board: chosen, lines: chosen.lines, serialPaths: [] };
  throw new CommandError(
    EXIT.unavailable,
    "this machine is none of the boards with GPIO that are known here; name one of " +
      `${BOARDS.map((each) => each.name).join(", ")}, where bench is simulated`,
  );
}

async function fromConfig(file: string, named: Board | undefined, io: CommandIo): Promise<ChosenBoard> {
  const { config } = await readConfigFile(io.cwd, file);
  const served = configuredBoard(config);
  if (!served.ok) throw new CommandError(EXIT.configuration, `${file}: ${configProblem(served.fault)}`);
  if (served.value === undefined) {
    throw new CommandError(EXIT.configuration, `${file}: it has no [board] with a name`);
  }
  if (named !== undefined && named !== served.value.board) {
    const { name } = served.value.board;
    throw new CommandError(EXIT.usage, `${file} is for the board ${name}, and ${named.name} was named`);
  }
  return { ...served.value, serialPaths: serialPathsOf(config) };
}

/** What the device tree calls this machine; undefined on machines without one. */
export async function machineModel(): Promise<string | undefined> {
  const text = await readFile(MODEL_FILE, "utf8").catch(() => undefined);
  return text?.replace(/\0+$/, "").trim();
}

export function boardOfModel(model: string | undefined): Board | undefined {
  return BOARDS.find(({ modelPrefix }) => modelPrefix !== undefined && model?.startsWith(modelPrefix) === true);
}
