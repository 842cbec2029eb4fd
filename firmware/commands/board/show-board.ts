/** `board show`: pins and devices of a board, how sure they are, and its header as one sees it from above. */
import { PURPOSES, type BoardLine } from "#boards/board.ts";
import { headerLine } from "#boards/header.ts";
import type { CommandArguments } from "../command.ts";
import type { CommandIo } from "../command-io.ts";
import { EXIT } from "../exit-code.ts";
import { chosenBoard, type ChosenBoard } from "./chosen-board.ts";
import { drawHeader } from "./draw-header.ts";
import { rolesOf, SERVED } from "./list-boards.ts";

export async function showBoard(name: string | undefined, given: CommandArguments, io: CommandIo): Promise<number> {
  const chosen = await chosenBoard(name, given, io);
  const lines = given.flag("json") ? [jsonOf(chosen)] : textOf(chosen);
  for (const line of lines) io.out(line);
  return EXIT.ok;
}

function jsonOf({ board, lines }: ChosenBoard): string {
  return JSON.stringify({ ...board, lines: lines.map((line) => ({ ...line, pin: headerLine(line.line)?.pin })) });
}

function textOf({ board, lines }: ChosenBoard): readonly string[] {
  const { name, title, served, memoryMb, gpioChip, serialPorts, notes } = board;
  return [
    `${name}: ${title}`,
    `${rolesOf(board).join(" or ")}; ${SERVED[served]}${memoryMb === 0 ? "" : `; ${memoryMb} MB`}; chip ${gpioChip}`,
    "",
    ...lines.map((line) => `  ${PURPOSES[line.purpose].padEnd(PURPOSE_WIDTH)}${placeOf(line)}, ${wiringOf(line)}`),
    "",
    "header from above, * is wired",
    ...drawHeader(lines),
    ...(serialPorts.length === 0 ? [] : ["", "devices"]),
    ...serialPorts.map(({ path, carries, how }) => `  ${path}  ${carries}: ${how}`),
    "",
    "notes",
    ...notes.map(({ text, certainty }) => `  ${CERTAINTY[certainty]}: ${text}`),
    "",
    "Extra-low voltage only: no mains wire comes to this board. An emergency stop breaks the contactor's coil itself.",
  ];
}

const PURPOSE_WIDTH = 2 + Math.max(...Object.values(PURPOSES).map((purpose) => purpose.length));

const CERTAINTY = {
  read: "known    ",
  recall: "to check ",
} as const;

function placeOf({ line }: BoardLine): string {
  return `pin ${String(headerLine(line)?.pin ?? 0).padStart(2)} (${line})`;
}

function wiringOf({ direction, activeLow, bias, atPowerUp }: BoardLine): string {
  const active = `active ${activeLow ? "low" : "high"}`;
  return direction === "output" ? `${active}, ${atPowerUp} at power-up` : `${active}, with ${bias}`;
}
