/** The tables of all boards against the rules, and each rule against a table that breaks it. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Board, BoardLine, LinePurpose } from "#boards/board.ts";
import { LINE_PURPOSES } from "#boards/board.ts";
import { checkBoard } from "#boards/check-board.ts";
import { HEADER_LINE_NAMES, HEADER_PINS, headerLine, SUPPLY_PINS } from "#boards/header.ts";
import { BOARDS, boardNamed } from "#boards/index.ts";
import { rpi4b } from "#boards/models/rpi4b.ts";
import { BOARD_KEYS } from "#config/board-config.ts";

const test = suite("board tables");

for (const board of BOARDS) {
  test(`${board.name} keeps every rule`, () => {
    assert.equal(checkBoard(board), []);
  });
}

test("boards are found by names that are theirs alone, and by nothing else", () => {
  for (const board of BOARDS) assert.is(boardNamed(board.name), board);
  assert.is(new Set(BOARDS.map(({ name }) => name)).size, BOARDS.length);
  assert.is(boardNamed("toString"), undefined);
});

test("no board's model begins like another's: a machine is one of them", () => {
  const prefixes = BOARDS.flatMap(({ modelPrefix }) => (modelPrefix === undefined ? [] : [modelPrefix]));
  for (const prefix of prefixes) {
    assert.equal(
      prefixes.filter((other) => other.startsWith(prefix)),
      [prefix],
    );
  }
});

test("the header has forty pins, each either a line or a supply", () => {
  const pins = [...Object.values(HEADER_PINS), ...Object.keys(SUPPLY_PINS).map(Number)].sort((a, b) => a - b);
  assert.equal(
    pins,
    Array.from({ length: 40 }, (_, index) => index + 1),
  );
});

test("a line's offset is the number behind GPIO, and 0 to 8 are pulled up", () => {
  assert.is(HEADER_LINE_NAMES.length, 26);
  for (const name of HEADER_LINE_NAMES) {
    const offset = Number(name.replace("GPIO", ""));
    assert.is(headerLine(name)?.offset, offset);
    assert.is(headerLine(name)?.atPowerUp, offset < 9 ? "pull-up" : "pull-down");
  }
  for (const name of ["GPIO0", "GPIO1", "GPIO28", "toString", "", "gpio17"]) assert.is(headerLine(name), undefined);
});

test("a configuration can speak of every purpose there is", () => {
  assert.equal(BOARD_KEYS.map(([, purpose]) => purpose).sort(), [...LINE_PURPOSES].sort());
});

function withLine(purpose: LinePurpose, change: Partial<BoardLine>): Board {
  const lines = rpi4b.lines.map((line) => (line.purpose === purpose ? { ...line, ...change } : line));
  return { ...rpi4b, lines };
}

const plug = { ...lineOf("stop-button"), purpose: "plug-detection", line: "GPIO26", offset: 26 } as const;

function lineOf(purpose: LinePurpose): BoardLine {
  const line = rpi4b.lines.find((each) => each.purpose === purpose);
  if (line === undefined) throw new Error(`no ${purpose}`);
  return line;
}

const BROKEN: readonly (readonly [claim: string, board: Board, problem: RegExp])[] = [
  ["a contactor on a line that is pulled up would close at power-up", withLine("contactor", at(5)), /close by itself/],
  ["a contactor that closes at low closes with a broken board", withLine("contactor", { activeLow: true }), /at high/],
  ["a contactor is no input", withLine("contactor", { direction: "input", bias: "pull-up" }), /an output/],
  ["an output has no bias", withLine("status-lamp", { bias: "pull-up" }), /bias is for inputs/],
  ["an input without a bias floats", withLine("stop-button", { bias: "none" }), /floats/],
  [
    "a torn-off emergency stop demands a stop",
    withLine("emergency-stop", { activeLow: true }),
    /emergency-stop: a torn-off wire must read active/,
  ],
  ["a torn-off stop button is not pressed", withLine("stop-button", { bias: "pull-down" }), /must read inactive/],
  ["a torn-off feedback says open", withLine("contactor-feedback", { activeLow: false }), /must read inactive/],
  ["a torn-off plug detection says unplugged", { ...rpi4b, lines: [{ ...plug, activeLow: false }] }, /inactive/],
  ["a line that is not on the header", withLine("status-lamp", { line: "GPIO33", offset: 33 }), /not on the header/],
  ["an offset of another line", withLine("status-lamp", { offset: 21 }), /is line 22 of the chip, not 21/],
  ["a pull that the chip has not", withLine("status-lamp", { atPowerUp: "pull-up" }), /has a pull-down at power-up/],
  ["one pin for two", withLine("status-lamp", at(23)), /line 23 is used twice/],
  ["two lines for one purpose", { ...rpi4b, lines: [...rpi4b.lines, { ...lineOf("contactor"), ...at(26) }] }, /two li/],
  ["a line of a serial port", withLine("status-lamp", at(14)), /\/dev\/ttyAMA0 takes GPIO14, which is the status-lamp/],
  ["a name that no configuration can say", { ...rpi4b, name: "Pi 4" }, /no name/],
  ["a board of which nobody says how it is known", { ...rpi4b, notes: [] }, /no notes/],
  ["a board without any device", { ...rpi4b, serialPorts: [] }, /no port/],
  [
    "a port that is no device",
    { ...rpi4b, serialPorts: [{ path: "COM3", carries: "rs485", how: "plug" }] },
    /COM3 is no device/,
  ],
  ["one port twice", { ...rpi4b, serialPorts: [...rpi4b.serialPorts, ...rpi4b.serialPorts] }, /is there twice/],
];

function at(offset: number): Pick<BoardLine, "line" | "offset" | "atPowerUp"> {
  return { line: `GPIO${offset}`, offset, atPowerUp: offset < 9 ? "pull-up" : "pull-down" };
}

for (const [claim, board, problem] of BROKEN) {
  test(`refused: ${claim}`, () => {
    const problems = checkBoard(board);
    assert.ok(
      problems.some((said) => problem.test(said)),
      problems.join("\n"),
    );
  });
}

test.run();
