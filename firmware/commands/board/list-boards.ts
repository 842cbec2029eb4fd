/** `board list`: the boards with what each can be and how it gets there. */
import type { Board } from "#boards/board.ts";
import { BOARDS } from "#boards/index.ts";
import type { CommandArguments } from "../command.ts";
import type { CommandIo } from "../command-io.ts";
import { EXIT } from "../exit-code.ts";
import { boardOfModel, machineModel } from "./chosen-board.ts";

export async function listBoards(given: CommandArguments, io: CommandIo): Promise<number> {
  const here = boardOfModel(await machineModel());
  if (given.flag("json")) {
    for (const board of BOARDS) {
      const { name, title, served } = board;
      io.out(JSON.stringify({ name, title, roles: rolesOf(board), served, isThisMachine: board === here }));
    }
    return EXIT.ok;
  }
  const rows = [
    ["NAME", "ROLE", "SERVED BY", "BOARD"],
    ...BOARDS.map((board) => [
      board.name,
      rolesOf(board).join(", "),
      SERVED[board.served],
      board === here ? `${board.title} (this machine)` : board.title,
    ]),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  for (const row of rows)
    io.out(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    );
  return EXIT.ok;
}

export const SERVED: Readonly<Record<Board["served"], string>> = {
  image: "image to flash",
  package: "Debian package",
  bench: "nothing to install",
};

/** A charger needs a line to its meter, a vehicle one to its adapter; the bench makes both. */
export function rolesOf({ served, serialPorts }: Board): readonly ("charger" | "vehicle")[] {
  const carries = (what: string): boolean => served === "bench" || serialPorts.some((port) => port.carries === what);
  return [...(carries("rs485") ? ["charger" as const] : []), ...(carries("obd") ? ["vehicle" as const] : [])];
}
