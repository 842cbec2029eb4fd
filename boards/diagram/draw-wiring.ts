/** The wiring of a charger gateway on a board with the 40-pin header, drawn from the board's table. */
import { PURPOSES, type Board, type BoardLine, type LinePurpose } from "../board.ts";
import { HEADER_PINS, SUPPLY_PINS } from "../header.ts";
import { box, dot, FIVE_VOLTS, GROUND, heading, picture, text, wire, type Point } from "./svg.ts";

const ROW = 28;
const TOP = 96;
const LEFT_PIN_X = 150;
const RIGHT_PIN_X = 182;
const CHANNEL_X = 320;
const CHANNEL_STEP = 15;
const DEVICE_X = 600;
const DEVICE_WIDTH = 380;
const TERMINAL_STEP = 22;
const WIDTH = 1010;

const COLOURS: Readonly<Record<LinePurpose, string>> = {
  contactor: "#c2410c",
  "contactor-feedback": "#7c3aed",
  "status-lamp": "#15803d",
  "attention-lamp": "#dc2626",
  "stop-button": "#0369a1",
  "emergency-stop": "#be185d",
  "plug-detection": "#4d7c0f",
};

interface Terminal {
  readonly label: string;
  readonly pin: number;
  readonly colour: string;
}

/** 5 V for the coil of the relay board. */
export const RELAY_SUPPLY_PIN = 2;

/** Each device has a ground pin of its own near its line. */
export const GROUND_PINS: Readonly<Record<LinePurpose, number>> = {
  contactor: 9,
  "contactor-feedback": 14,
  "status-lamp": 6,
  "attention-lamp": 20,
  "stop-button": 25,
  "emergency-stop": 30,
  "plug-detection": 34,
};

const HINTS: Readonly<Record<LinePurpose, string>> = {
  contactor: "relay board with opto-coupler; 10 kΩ from IN to GND",
  "contactor-feedback": "closed while the contactor is closed",
  "status-lamp": "through 330 Ω",
  "attention-lamp": "through 330 Ω",
  "stop-button": "closes when pressed",
  "emergency-stop": "opens when pressed; a second contact breaks the coil",
  "plug-detection": "closed while a plug is in",
};

export function drawWiring(board: Board): string {
  const shapes = [
    ...heading(`${board.title}: charger gateway`, "Extra-low voltage only. No mains wire comes to this board."),
  ];
  let y = TOP - 8;
  let channel = 0;
  const wires: string[] = [];
  for (const line of board.lines) {
    const terminals = terminalsOf(line);
    const height = 28 + terminals.length * TERMINAL_STEP;
    shapes.push(box({ x: DEVICE_X, y }, { width: DEVICE_WIDTH, height }, "#f8fafc"));
    shapes.push(text({ x: DEVICE_X + 64, y: y + 22 }, PURPOSES[line.purpose], 'font-weight="bold"'));
    shapes.push(text({ x: DEVICE_X + 64, y: y + 42 }, HINTS[line.purpose], 'font-size="11" fill="#555"'));
    for (const [index, terminal] of terminals.entries()) {
      const at = { x: DEVICE_X, y: y + 26 + index * TERMINAL_STEP };
      wires.push(wire(route(terminal.pin, at, CHANNEL_X + channel * CHANNEL_STEP), terminal.colour));
      shapes.push(text({ x: at.x + 10, y: at.y + 5 }, terminal.label));
      channel += 1;
    }
    y += height + 12;
  }
  const belowY = Math.max(y + 16, TOP + 20 * ROW + 24);
  return picture({ width: WIDTH, height: belowY + 94 }, `Wiring of ${board.title}`, [
    ...wires,
    ...header(board.lines),
    ...shapes,
    ...meterLine(board, belowY),
  ]);
}

function terminalsOf(line: BoardLine): readonly Terminal[] {
  const { purpose } = line;
  const signal = { label: purpose === "contactor" ? "IN" : "1", pin: pinOf(line), colour: COLOURS[purpose] };
  const ground = { label: purpose === "contactor" ? "GND" : "2", pin: GROUND_PINS[purpose], colour: GROUND };
  return purpose === "contactor"
    ? [signal, { label: "VCC", pin: RELAY_SUPPLY_PIN, colour: FIVE_VOLTS }, ground]
    : [signal, ground];
}

function pinOf({ line }: BoardLine): number {
  const pin = HEADER_PINS[line];
  if (pin === undefined) throw new Error(`${line} is not on the 40-pin header`);
  return pin;
}

/** Pins with odd numbers stand in the left column: their wires leave through the gap below their row. */
function route(pin: number, end: Point, channelX: number): readonly Point[] {
  const from = pinAt(pin);
  const leavesAt = pin % 2 === 1 ? from.y + ROW / 2 : from.y;
  const first = pin % 2 === 1 ? [from, { x: from.x, y: leavesAt }] : [from];
  return [...first, { x: channelX, y: leavesAt }, { x: channelX, y: end.y }, end];
}

function pinAt(pin: number): Point {
  return { x: pin % 2 === 1 ? LEFT_PIN_X : RIGHT_PIN_X, y: TOP + Math.floor((pin - 1) / 2) * ROW };
}

function header(lines: readonly BoardLine[]): readonly string[] {
  const used = new Map(lines.map((line) => [pinOf(line), line]));
  const names = new Map(Object.entries(HEADER_PINS).map(([name, pin]) => [pin, name]));
  const shapes = [
    box({ x: LEFT_PIN_X - 16, y: TOP - 16 }, { width: RIGHT_PIN_X - LEFT_PIN_X + 32, height: 19 * ROW + 32 }, "none"),
  ];
  for (let pin = 1; pin <= 40; pin += 1) {
    const at = pinAt(pin);
    const line = used.get(pin);
    shapes.push(dot(at, line === undefined ? fillOf(pin) : COLOURS[line.purpose]));
    const name = names.get(pin) ?? SUPPLY_PINS[pin] ?? "";
    const weight = line === undefined ? 'font-size="11" fill="#666"' : 'font-size="12" font-weight="bold"';
    const label =
      pin % 2 === 1
        ? text({ x: at.x - 24, y: at.y + 4 }, `${name}  ${pin}`, `text-anchor="end" ${weight}`)
        : text({ x: at.x + 20, y: at.y - 4 }, `${pin}  ${name}`, weight);
    shapes.push(label);
  }
  return shapes;
}

function fillOf(pin: number): string {
  const supply = SUPPLY_PINS[pin];
  if (supply === "GND") return GROUND;
  if (supply === "5V" || supply === "3V3") return FIVE_VOLTS;
  return "#fff";
}

/** What hangs on the serial line, below the header. */
function meterLine(board: Board, y: number): readonly string[] {
  const port = board.serialPorts.find(({ carries }) => carries === "rs485");
  if (port === undefined) return [];
  const size = { width: 250, height: 64 };
  const [first, second] = [
    { x: 30, y },
    { x: 600, y },
  ];
  const strands = ["A", "B", "GND"].map((strand, index) => {
    const at = y + 14 + index * 18;
    return (
      wire(
        [
          { x: first.x + size.width, y: at },
          { x: second.x, y: at },
        ],
        ["#0369a1", "#b45309", GROUND][index] ?? GROUND,
      ) + text({ x: first.x + size.width + 12, y: at - 4 }, strand, 'font-size="11"')
    );
  });
  return [
    box(first, size, "#eff6ff"),
    text({ x: first.x + 12, y: y + 26 }, "RS-485", 'font-weight="bold"'),
    text({ x: first.x + 12, y: y + 46 }, port.path, 'font-size="12"'),
    ...strands,
    box(second, { width: 360, height: 64 }, "#eff6ff"),
    text({ x: second.x + 12, y: y + 26 }, "energy meter, and the charge controller", 'font-weight="bold"'),
    text({ x: second.x + 12, y: y + 46 }, "twisted pair, 120 Ω at both ends of a long line", 'font-size="11"'),
  ];
}
