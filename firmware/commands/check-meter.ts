/**
 * `meter check FILE`: whether a table of registers that somebody wrote can be believed, and how a reading would be
 * fetched by it. No meter is asked.
 */
import { resolve } from "node:path";
import { planFetch, type PlannedFetch } from "#hal/meters/fetch-plan.ts";
import { withCounters } from "#hal/meters/choose-counters.ts";
import { finerRegisters, identityRegisters, quantityRegisters, type NamedRegister } from "#hal/meters/map-registers.ts";
import { RtuFraming } from "#hal/protocols/modbus/rtu-framing.ts";
import { TcpFraming } from "#hal/protocols/modbus/tcp-framing.ts";
import type { RegisterMap } from "#hal/protocols/modbus/register-map.ts";
import { fileProblemText, loadMeterModel } from "../load-meter-model.ts";
import type { CommandArguments } from "./command.ts";
import { CommandError } from "./command-error.ts";
import type { CommandIo } from "./command-io.ts";
import { telegramModelLines } from "./describe-telegram-model.ts";
import { EXIT } from "./exit-code.ts";

/** Exit 0 for a good file, 65 for one with mistakes. */
export async function runMeterCheck(given: CommandArguments, io: CommandIo): Promise<number> {
  const [, file] = given.words;
  if (file === undefined) throw new CommandError(EXIT.usage, "check which file? tallystick meter check FILE");
  const loaded = await loadMeterModel(resolve(io.cwd, file));
  if (!loaded.ok) {
    if (given.flag("json")) io.out(JSON.stringify({ file, problems: loaded.fault }));
    else for (const problem of loaded.fault) io.err(`${file}: ${fileProblemText(problem)}`);
    return EXIT.badData;
  }
  if (loaded.value.kind === "telegrams") {
    const { model } = loaded.value;
    for (const line of given.flag("json") ? [JSON.stringify({ file, ...model })] : telegramModelLines(model))
      io.out(line);
    return EXIT.ok;
  }
  const described = describe(loaded.value.map);
  if (given.flag("json")) io.out(JSON.stringify({ file, ...described }));
  else for (const line of reportLines(described)) io.out(line);
  return EXIT.ok;
}

interface Described {
  readonly model: string;
  readonly phases: number;
  readonly serial: Fetching;
  readonly tcp: Fetching;
  /** On a serial line where the meter lacks the finer counters; absent where the table has none. */
  readonly withoutFiner?: Fetching;
  /** Asked once for each opening of the line. */
  readonly identity: Fetching;
}

interface Fetching {
  readonly requests: readonly Request[];
  readonly registers: number;
  readonly bytes: number;
  /** On the wire of a serial line, 8N1, with the silence between frames and the meter's rest, without its own time. */
  readonly lineMs: { readonly at9600: number; readonly at19200: number };
}

interface Request {
  readonly functionCode: 3 | 4;
  readonly address: number;
  readonly count: number;
  /** Keys of the table that it fetches. */
  readonly fetches: readonly string[];
}

function describe(map: RegisterMap): Described {
  const [rtu, tcp] = [new RtuFraming({ echoes: false }), new TcpFraming()];
  const finest = withCounters(map, () => true);
  const coarse = withCounters(map, () => false);
  const fetching = (from: RegisterMap, named: readonly NamedRegister[], bridgedRegistersMax: number): Fetching => {
    const registers = named.map(({ register }) => register);
    return measured(planFetch(from, registers, bridgedRegistersMax), named, map.pauseMs);
  };
  return {
    model: map.model,
    phases: map.quantities.voltage.length,
    serial: fetching(finest, quantityRegisters(finest), rtu.bridgedRegistersMax),
    tcp: fetching(finest, quantityRegisters(finest), tcp.bridgedRegistersMax),
    ...(finerRegisters(map).length === 0
      ? {}
      : { withoutFiner: fetching(coarse, quantityRegisters(coarse), rtu.bridgedRegistersMax) }),
    identity: fetching(map, identityRegisters(map), rtu.bridgedRegistersMax),
  };
}

/** Unit, function, address, count, checksum. */
const REQUEST_BYTES = 8;
/** Unit, function, number of bytes, checksum. */
const ANSWER_BYTES = 5;
/** Modbus over serial line 1.02, section 2.5.1.1: 3.5 characters before each of the two frames. */
const SILENT_CHARACTERS = 7;
const CHARACTER_BITS = 10;

function measured(plan: readonly PlannedFetch[], named: readonly NamedRegister[], pauseMs: number): Fetching {
  const pathOf = new Map(named.map(({ path, register }) => [register, path]));
  const requests = plan.map(({ functionCode, address, count, registers }) => {
    return { functionCode, address, count, fetches: registers.map(({ register }) => pathOf.get(register) ?? "") };
  });
  const registers = requests.reduce((sum, { count }) => sum + count, 0);
  const bytes = requests.length * (REQUEST_BYTES + ANSWER_BYTES) + 2 * registers;
  const characters = bytes + requests.length * SILENT_CHARACTERS;
  const lineMs = (baud: number): number =>
    Math.ceil((1000 * CHARACTER_BITS * characters) / baud) + requests.length * pauseMs;
  return { requests, registers, bytes, lineMs: { at9600: lineMs(9600), at19200: lineMs(19_200) } };
}

function reportLines({ model, phases, serial, tcp, withoutFiner, identity }: Described): readonly string[] {
  return [
    `${model}: good. ${phases === 0 ? "No voltages" : `${phases} voltage${phases === 1 ? "" : "s"}`} a reading.`,
    `A reading on a serial line: ${costText(serial)}`,
    ...serial.requests.map(requestLine),
    ...(withoutFiner === undefined ? [] : [`  where the finer counters are missing: ${costText(withoutFiner)}`]),
    `A reading over TCP: ${countText(tcp)}`,
    ...tcp.requests.map(requestLine),
    identity.requests.length === 0
      ? "It is not asked who it is: a swapped meter is not noticed."
      : `Who it is, once for each opening of the line: ${costText(identity)}`,
    ...identity.requests.map(requestLine),
  ];
}

function costText(fetching: Fetching): string {
  const { bytes, lineMs } = fetching;
  return `${countText(fetching)}, ${bytes} bytes, ${lineMs.at9600} ms at 9600 baud, ${lineMs.at19200} ms at 19200`;
}

function countText({ requests, registers }: Fetching): string {
  return `${requests.length} request${requests.length === 1 ? "" : "s"}, ${registers} registers`;
}

function requestLine({ functionCode, address, count, fetches }: Request): string {
  const hex = (value: number): string => `0x${value.toString(16).padStart(4, "0")}`;
  const range = `${hex(address)} to ${hex(address + count - 1)}`;
  return `  function ${functionCode}, ${range} (${count}): ${fetches.join(", ")}`;
}
