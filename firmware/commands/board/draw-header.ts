/** The 40-pin header in ASCII, pin 1 at the top left: a star for each pin to which something is soldered, and what. */
import { PURPOSES, type BoardLine } from "#boards/board.ts";
import { GROUND_PINS, RELAY_SUPPLY_PIN } from "#boards/diagram/draw-wiring.ts";
import { HEADER_PINS, SUPPLY_PINS, headerLine } from "#boards/header.ts";

const ROWS = 20;
const NAME_WIDTH = 7;

export function drawHeader(lines: readonly BoardLine[]): readonly string[] {
  const soldered = solderedTo(lines);
  const width = Math.max(...[...soldered].filter(([pin]) => pin % 2 === 1).map(([, what]) => what.length), 0);
  return Array.from({ length: ROWS }, (_, row) => {
    const [left, right] = [2 * row + 1, 2 * row + 2];
    const [leftMark, rightMark] = [markOf(left, soldered), markOf(right, soldered)];
    return [
      `  ${(soldered.get(left) ?? "").padStart(width)}`,
      nameOf(left).padStart(NAME_WIDTH),
      `${String(left).padStart(2)} ${leftMark}${rightMark} ${String(right).padEnd(2)}`,
      nameOf(right).padEnd(NAME_WIDTH),
      soldered.get(right) ?? "",
    ]
      .join(" ")
      .trimEnd();
  });
}

function markOf(pin: number, soldered: ReadonlyMap<number, string>): string {
  return soldered.has(pin) ? "*" : "o";
}

function nameOf(pin: number): string {
  return NAMES.get(pin) ?? SUPPLY_PINS[pin] ?? "";
}

const NAMES: ReadonlyMap<number, string> = new Map(Object.entries(HEADER_PINS).map(([name, pin]) => [pin, name]));

function solderedTo(lines: readonly BoardLine[]): ReadonlyMap<number, string> {
  return new Map(
    lines.flatMap(({ line, purpose }): readonly (readonly [number, string])[] => {
      const name = PURPOSES[purpose];
      const supply = purpose === "contactor" ? [[RELAY_SUPPLY_PIN, `${name}, VCC`] as const] : [];
      const pin = headerLine(line)?.pin;
      const signal = pin === undefined ? [] : [[pin, name] as const];
      return [...signal, [GROUND_PINS[purpose], `${name}, GND`], ...supply];
    }),
  );
}
