/** A simulated adapter in a simulated car, typed at as from a terminal. */
import { toHex } from "#base/bytes.ts";
import { type CarModel, carModels } from "#hal/mock/obd/car-model.ts";
import type { ControlUnit } from "#hal/mock/obd/cars/control-unit.ts";
import { type ObdBench, type ObdBenchSettings, plugObdAdapter } from "#hal/mock/obd/obd-bench.ts";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import { TestBattery } from "./test-battery.ts";

export interface ObdTerminal {
  readonly bench: ObdBench;
  readonly battery: TestBattery;
  readonly clock: SimulatedClock;
  /** Types the text and returns what was printed within the time. */
  readonly type: (text: string, withinMs?: number) => Promise<string>;
  /** Each piece as it arrived since the last `type`, with its time. */
  readonly pieces: readonly { readonly atMs: number; readonly text: string }[];
}

export function openTerminal(settings: Partial<ObdBenchSettings> = {}, battery = new TestBattery()): ObdTerminal {
  const clock = new SimulatedClock();
  const pieces: { atMs: number; text: string }[] = [];
  const write = (bytes: Uint8Array): void => {
    pieces.push({ atMs: clock.monotonicMs(), text: String.fromCharCode(...bytes) });
  };
  const bench = plugObdAdapter({ clock, battery, write }, { model: "hyundai-kona", ...settings });
  const type = async (text: string, withinMs = 1500): Promise<string> => {
    pieces.length = 0;
    bench.adapter.receive(new TextEncoder().encode(text));
    await clock.runFor(withinMs);
    return pieces.map((piece) => piece.text).join("");
  };
  return { bench, battery, clock, type, pieces };
}

/** Set up as a driver does it, for the unit of the car that is asked. */
export async function setUp(terminal: ObdTerminal, unit: ControlUnit, without: readonly string[] = []): Promise<void> {
  for (const command of ["ATE0", "ATL0", "ATS0", "ATH1", ...contextCommands(unit)]) {
    if (!without.some((start) => command.startsWith(start))) await terminal.type(`${command}\r`);
  }
}

export function contextCommands(unit: ControlUnit): readonly string[] {
  const request = idText(unit.requestId, unit.idBits);
  const front = unit.extension === undefined ? "" : byteText(unit.extension.unit);
  return [
    `ATSP${unit.idBits === 11 ? "6" : "7"}`,
    ...(unit.extension === undefined ? [] : [`ATCEA${front}`, `ATTA${byteText(unit.extension.tester)}`]),
    ...(unit.idBits === 29 ? [`ATCP${request.slice(0, 2)}`, `ATSH${request.slice(2)}`] : [`ATSH${request}`]),
    `ATCRA${idText(unit.responseId, unit.idBits)}`,
    `ATFCSH${request}`,
    `ATFCSD${front}300000`,
    "ATFCSM1",
  ];
}

/** The unit that listens there, and where addresses are extended has this one. */
export function unitOf(model: CarModel, requestId: number, extension?: number): ControlUnit {
  const units: readonly ControlUnit[] = carModels[model].units;
  const found = units.find((unit) => unit.requestId === requestId && unit.extension?.unit === extension);
  if (found === undefined) throw new Error(`${model} has no unit at ${requestId.toString(16)}`);
  return found;
}

export function requestText(service: number, id: number): string {
  return (
    byteText(service) +
    id
      .toString(16)
      .toUpperCase()
      .padStart(service === 0x21 ? 2 : 4, "0")
  );
}

/** The data bytes of a reply with headers and without spaces, put together without any check. */
export function payloadOf(reply: string, unit: ControlUnit): string {
  const header = idText(unit.responseId, unit.idBits);
  const front = unit.extension === undefined ? 0 : 2;
  const contents = reply
    .split("\r")
    .filter((line) => line.startsWith(header))
    .map((line) => line.slice(header.length + front));
  const [first = ""] = contents;
  if (first.startsWith("0")) return first.slice(2, 2 + 2 * Number.parseInt(first.slice(0, 2), 16));
  const length = Number.parseInt(first.slice(1, 4), 16);
  const all =
    first.slice(4) +
    contents
      .slice(1)
      .map((content) => content.slice(2))
      .join("");
  return all.slice(0, 2 * length);
}

export function idText(id: number, idBits: 11 | 29): string {
  return id
    .toString(16)
    .toUpperCase()
    .padStart(idBits === 11 ? 3 : 8, "0");
}

export function encodedText(model: CarModel, battery: TestBattery, service: number, id: number): string {
  const units: readonly ControlUnit[] = carModels[model].units;
  const identifiers = units.flatMap((unit) => unit.identifiers);
  const found = identifiers.find((each) => each.service === service && each.id === id);
  if (found === undefined) throw new Error(`${model} has no ${requestText(service, id)}`);
  return toHex(found.encode(battery.now())).toUpperCase();
}

function byteText(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, "0");
}
