/**
 * The wiring of a vehicle gateway: the car's 12 V through a fuse and a converter to the board, and the adapter in the
 * diagnostic socket. Nothing here touches the car's high voltage.
 */
import type { Board, SerialPort } from "../board.ts";
import { box, FIVE_VOLTS, GROUND, heading, picture, text, wire, type Point } from "./svg.ts";

const WIDTH = 1010;
const HEIGHT = 392;
const BOX_HEIGHT = 84;
const SUPPLY_Y = 96;
const ADAPTER_Y = 250;
const STRAND_STEP = 36;

const TWELVE_VOLTS = "#c2410c";
const LINK = "#0369a1";

interface Part {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly name: string;
  readonly hints: readonly string[];
}

export function drawVehicleWiring(board: Board): string {
  const port = board.serialPorts.find(({ carries }) => carries === "obd");
  if (port === undefined) throw new Error(`${board.name} has no port for an OBD adapter`);
  const battery = supplyPart(30, 190, "12 V of the car", ["permanent, and its ground", "rests at 11 to 15 V"]);
  const fuse = supplyPart(300, 130, "fuse 3 A", ["close to the tap"]);
  const converter = supplyPart(510, 200, "12 V to 5 V, 3 A", ["automotive: stands 40 V peaks", "and a drop to 6 V"]);
  const gateway = { ...supplyPart(790, 190, board.title, ["5 V at its power socket"]), height: 238 };
  const socket = { ...supplyPart(30, 190, "diagnostic socket", ["J1962, 16 pins"]), y: ADAPTER_Y };
  const adapter = { ...supplyPart(370, 250, "OBD adapter", ["fed by the socket: pins 16, 4, 5"]), y: ADAPTER_Y };
  return picture({ width: WIDTH, height: HEIGHT }, `Wiring of ${board.title} in a vehicle`, [
    ...heading(
      `${board.title}: vehicle gateway`,
      "Only the 12 V side of the car. Orange cables carry its high voltage.",
    ),
    ...strand(battery, fuse, 0, { colour: TWELVE_VOLTS, label: "+12 V" }),
    ...strand(fuse, converter, 0, { colour: TWELVE_VOLTS, label: "+12 V" }),
    ...underneath(battery, converter),
    ...strand(converter, gateway, 0, { colour: FIVE_VOLTS, label: "5 V" }),
    ...strand(converter, gateway, 1, { colour: GROUND, label: "GND" }),
    ...strand(socket, adapter, 0, { colour: LINK, label: "CAN: pins 6 and 14" }),
    ...strand(adapter, gateway, 0, { colour: LINK, label: linkName(port), isDashed: isRadio(port) }),
    ...[battery, fuse, converter, socket, adapter].flatMap((part) => shapesOf(part, BOX_HEIGHT)),
    ...shapesOf(gateway, gateway.height),
    text({ x: socket.x, y: HEIGHT - 22 }, `${port.path}: ${port.how}`, 'font-size="11" fill="#555"'),
  ]);
}

function supplyPart(x: number, width: number, name: string, hints: readonly string[]): Part {
  return { x, y: SUPPLY_Y, width, name, hints };
}

function isRadio({ path }: SerialPort): boolean {
  return path.includes("rfcomm");
}

function linkName(port: SerialPort): string {
  return isRadio(port) ? "Bluetooth" : "USB";
}

interface Strand {
  readonly colour: string;
  readonly label: string;
  readonly isDashed?: boolean;
}

/** From the right side of one part to the left side of the next. */
function strand(from: Part, to: Part, index: number, { colour, label, isDashed = false }: Strand): readonly string[] {
  const y = from.y + 26 + index * STRAND_STEP;
  const [start, end] = [
    { x: from.x + from.width, y },
    { x: to.x, y },
  ];
  const line = isDashed ? dashes(start, end, colour) : [wire([start, end], colour)];
  return [...line, text({ x: start.x + 8, y: y - 7 }, label, 'font-size="11"')];
}

const DASH = 12;

/** Nothing is soldered for a radio link. */
function dashes(start: Point, end: Point, colour: string): readonly string[] {
  const count = Math.floor((end.x - start.x) / (2 * DASH));
  return Array.from({ length: count }, (_, index) => {
    const x = start.x + DASH / 2 + index * 2 * DASH;
    return wire(
      [
        { x, y: start.y },
        { x: x + DASH, y: start.y },
      ],
      colour,
    );
  });
}

/** The ground goes past the fuse. */
function underneath(from: Part, to: Part): readonly string[] {
  const below = SUPPLY_Y + BOX_HEIGHT + 24;
  const [fromX, toX] = [from.x + from.width / 2, to.x + to.width / 2];
  const points = [
    { x: fromX, y: SUPPLY_Y + BOX_HEIGHT },
    { x: fromX, y: below },
    { x: toX, y: below },
    { x: toX, y: SUPPLY_Y + BOX_HEIGHT },
  ];
  return [wire(points, GROUND), text({ x: fromX + 8, y: below - 7 }, "GND", 'font-size="11"')];
}

function shapesOf({ x, y, width, name, hints }: Part, height: number): readonly string[] {
  return [
    box({ x, y }, { width, height }, "#f8fafc"),
    text({ x: x + 12, y: y + 26 }, name, 'font-weight="bold"'),
    ...hints.map((hint, index) => text({ x: x + 12, y: y + 48 + index * 18 }, hint, 'font-size="11" fill="#555"')),
  ];
}
