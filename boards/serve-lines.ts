/**
 * The lines of a board as one gateway uses them: the board's own table, with what a configuration has moved to another
 * line or left out.
 */
import { fail, ok, type Result } from "#base/result.ts";
import { LINE_PURPOSES, type Board, type BoardLine, type LinePurpose } from "./board.ts";
import { checkLine } from "./check-board.ts";
import { HEADER_LINE_NAMES, headerLine } from "./header.ts";

/** A line's name, or `off` where nothing of that kind is wired. */
export type LineOverrides = Readonly<Partial<Record<LinePurpose, string>>>;

export const OFF = "off";

export interface OverrideFault {
  readonly purpose: LinePurpose;
  readonly found: string;
  readonly expected: string;
}

export interface ServedBoard {
  readonly board: Board;
  readonly lines: readonly BoardLine[];
}

/**
 * @param serialPaths devices that the gateway uses: a line that one of them takes is not free
 * @returns the first override that cannot be, with what can.
 */
export function serveLines(
  board: Board,
  overrides: LineOverrides,
  serialPaths: readonly string[] = [],
): Result<ServedBoard, OverrideFault> {
  const moved: BoardLine[] = [];
  const taken = new Map<string, string>(
    board.serialPorts
      .filter(({ path }) => serialPaths.includes(path))
      .flatMap(({ path, lines = [] }) => lines.map((line) => [line, path] as const)),
  );
  for (const line of board.lines) {
    const wanted = overrides[line.purpose] ?? line.line;
    if (wanted === OFF) continue;
    const place = headerLine(wanted);
    const refused = (expected: string): Result<never, OverrideFault> =>
      fail({ purpose: line.purpose, found: wanted, expected });
    if (place === undefined) return refused(`${OFF} or one of ${HEADER_LINE_NAMES.join(", ")}`);
    const holder = taken.get(wanted);
    if (holder !== undefined) return refused(`another line: ${wanted} is the ${holder}`);
    taken.set(wanted, line.purpose);
    const served = { ...line, line: wanted, offset: place.offset, atPowerUp: place.atPowerUp };
    const [problem] = checkLine(served);
    if (problem !== undefined) return refused(`another line: ${problem}`);
    moved.push(served);
  }
  const strange = strangeOverride(board, overrides);
  return strange === undefined ? ok({ board, lines: moved }) : fail(strange);
}

/** A purpose for which the board's table has no line cannot be moved: nobody says which way up it is. */
function strangeOverride(board: Board, overrides: LineOverrides): OverrideFault | undefined {
  for (const purpose of LINE_PURPOSES) {
    const found = overrides[purpose] ?? OFF;
    if (found === OFF || board.lines.some((line) => line.purpose === purpose)) continue;
    const offered = board.lines.map((line) => line.purpose).join(", ");
    return { purpose, found, expected: `${OFF}: ${board.name} has lines for ${offered}` };
  }
  return undefined;
}
