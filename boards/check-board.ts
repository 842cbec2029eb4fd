/**
 * What is wrong with the table of a board, in sentences; a table that says nothing wrong may be wired.
 *
 * The rules that matter most are about what happens without any program: until the gateway holds its lines, and when a
 * wire is torn off, nothing may flow.
 */
import type { Board, BoardLine, LinePurpose } from "./board.ts";
import { headerLine } from "./header.ts";

export function checkBoard(board: Board): readonly string[] {
  return [
    ...(/^[a-z][a-z0-9-]{0,31}$/.test(board.name) ? [] : [`"${board.name}" is no name for a configuration`]),
    ...(board.title === "" ? ["it has no title"] : []),
    ...(board.notes.length === 0 ? ["it has no notes: how is it known?"] : []),
    ...repeated(board.lines.map(({ purpose }) => purpose)).map((purpose) => `two lines serve as ${purpose}`),
    ...repeated(board.lines.map(({ offset }) => String(offset))).map((offset) => `line ${offset} is used twice`),
    ...board.lines.flatMap((line) => checkLine(line).map((problem) => `${line.purpose}: ${problem}`)),
    ...checkSerialPorts(board),
  ];
}

/** What a line of this purpose is, on every board. */
const DIRECTIONS: Readonly<Record<LinePurpose, BoardLine["direction"]>> = {
  contactor: "output",
  "contactor-feedback": "input",
  "status-lamp": "output",
  "attention-lamp": "output",
  "stop-button": "input",
  "emergency-stop": "input",
  "plug-detection": "input",
};

/** What a torn-off wire says. A stop that cannot be demanded any more is demanded; the rest is as if at rest. */
const WHEN_TORN_OFF: Readonly<Partial<Record<LinePurpose, "active" | "inactive">>> = {
  "contactor-feedback": "inactive",
  "stop-button": "inactive",
  "emergency-stop": "active",
  "plug-detection": "inactive",
};

/** A line as it is served, from the table or after a configuration has moved it. */
export function checkLine(line: BoardLine): readonly string[] {
  const { purpose, direction, bias, activeLow, atPowerUp } = line;
  const wanted = DIRECTIONS[purpose];
  if (direction !== wanted) return [`it is an ${wanted}`];
  return [...checkPlace(line), ...(wanted === "input" ? checkInput(line) : checkOutput())];

  function checkOutput(): readonly string[] {
    if (bias !== "none") return ["a bias is for inputs"];
    if (purpose !== "contactor") return [];
    if (activeLow) return ["it closes at high, so that a relay board without a signal is open"];
    return atPowerUp === "pull-down" ? [] : [`${line.line} is not pulled down at power-up: it would close by itself`];
  }
}

function checkPlace({ line, offset, atPowerUp }: BoardLine): readonly string[] {
  const place = headerLine(line);
  if (place === undefined) return [`${line} is not on the header`];
  return [
    ...(place.offset === offset ? [] : [`${line} is line ${place.offset} of the chip, not ${offset}`]),
    ...(place.atPowerUp === atPowerUp ? [] : [`${line} has a ${place.atPowerUp} at power-up`]),
  ];
}

function checkInput({ purpose, bias, activeLow }: BoardLine): readonly string[] {
  if (bias === "none") return ["an input without a bias floats when its wire is torn off"];
  const floats = (bias === "pull-up") === activeLow ? "inactive" : "active";
  const wanted = WHEN_TORN_OFF[purpose];
  return wanted === undefined || floats === wanted ? [] : [`a torn-off wire must read ${wanted}, and reads ${floats}`];
}

function checkSerialPorts({ serialPorts, lines, served }: Board): readonly string[] {
  const used = new Map(lines.map(({ line, purpose }) => [line, purpose]));
  return [
    ...repeated(serialPorts.map(({ path, carries }) => `${path} for ${carries}`)).map(
      (port) => `${port} is there twice`,
    ),
    ...serialPorts.filter(({ path }) => !path.startsWith("/dev/")).map(({ path }) => `${path} is no device`),
    ...serialPorts.filter(({ how }) => how === "").map(({ path }) => `${path}: how does one get it?`),
    ...serialPorts.flatMap(({ path, lines: taken = [] }) =>
      taken.flatMap((line) => {
        if (headerLine(line) === undefined) return [`${path}: ${line} is not on the header`];
        const purpose = used.get(line);
        return purpose === undefined ? [] : [`${path} takes ${line}, which is the ${purpose}`];
      }),
    ),
    ...(served === "bench" || serialPorts.some(({ carries }) => carries !== "uart") ? [] : ["no port for any device"]),
  ];
}

function repeated(words: readonly string[]): readonly string[] {
  return [...new Set(words.filter((word, index) => words.indexOf(word) !== index))];
}
