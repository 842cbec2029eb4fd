/** What AT commands set, and what they answer (ELM327 data sheet, "AT Command Descriptions"). */
import type { AdapterPersona } from "./personas.ts";

export interface AdapterSettings {
  readonly echo: boolean;
  readonly linefeeds: boolean;
  readonly spaces: boolean;
  readonly headers: boolean;
  /** 6: 11 bit at 500 kbit/s; 7: 29 bit; others are buses that this car does not have. */
  readonly protocol: string;
  /** Bits 28 to 24 of a 29-bit identifier. */
  readonly priority: number;
  readonly header: number;
  /** Only this identifier is received; null receives all answers. */
  readonly filter: number | null;
  readonly flowMode: number;
  readonly flowHeader: number | null;
  readonly flowData: Uint8Array | null;
  readonly timeoutMs: number;
  readonly extension: number | null;
  readonly tester: number;
}

export function settingsAfterReset(persona: AdapterPersona): AdapterSettings {
  return {
    echo: true,
    linefeeds: persona.startsWithLinefeeds,
    spaces: true,
    headers: false,
    protocol: "6",
    priority: 0x18,
    header: 0x7df,
    filter: null,
    flowMode: 0,
    flowHeader: null,
    flowData: null,
    timeoutMs: 205,
    extension: null,
    tester: 0xf1,
  };
}

export interface AtOutcome {
  readonly settings: AdapterSettings;
  readonly reply: string;
}

/** `command` in capitals and without spaces, with its AT. Undefined when this adapter does not know it. */
export function applyAtCommand(
  settings: AdapterSettings,
  command: string,
  persona: AdapterPersona,
): AtOutcome | undefined {
  if (persona.unknownCommands.some((start) => command.startsWith(start))) return undefined;
  for (const [pattern, apply] of COMMANDS) {
    const match = pattern.exec(command);
    if (match !== null) return apply(settings, match[1] ?? "", persona);
  }
  return undefined;
}

type Apply = (settings: AdapterSettings, argument: string, persona: AdapterPersona) => AtOutcome | undefined;

const COMMANDS: readonly (readonly [RegExp, Apply])[] = [
  [/^ATE([01])$/, (settings, argument) => done({ ...settings, echo: argument === "1" })],
  [/^ATL([01])$/, (settings, argument) => done({ ...settings, linefeeds: argument === "1" })],
  [/^ATS([01])$/, (settings, argument) => done({ ...settings, spaces: argument === "1" })],
  [/^ATH([01])$/, (settings, argument) => done({ ...settings, headers: argument === "1" })],
  [/^AT(?:AL|NL|M[01]|AT[012]|CAF1)$/, (settings) => done(settings)],
  [/^ATST([0-9A-F]{2})$/, (settings, argument) => done({ ...settings, timeoutMs: timeoutOf(argument) })],
  [/^ATSPA?([0-9A-C])$/, (settings, argument) => done({ ...settings, protocol: argument })],
  [/^ATCP([01][0-9A-F])$/, (settings, argument) => done({ ...settings, priority: hex(argument) })],
  [/^ATSH([0-9A-F]{3}|[0-9A-F]{6}|[0-9A-F]{8})$/, setHeader],
  [/^ATCRA([0-9A-F]{3}|[0-9A-F]{8})$/, (settings, argument) => done({ ...settings, filter: hex(argument) })],
  [/^AT(?:CRA|AR)$/, (settings) => done({ ...settings, filter: null })],
  [/^ATCEA([0-9A-F]{2})$/, (settings, argument) => done({ ...settings, extension: hex(argument) })],
  [/^ATCEA$/, (settings) => done({ ...settings, extension: null })],
  [/^ATTA([0-9A-F]{2})$/, (settings, argument) => done({ ...settings, tester: hex(argument) })],
  [/^ATFCSH([0-9A-F]{3}|[0-9A-F]{8})$/, (settings, argument) => done({ ...settings, flowHeader: hex(argument) })],
  [/^ATFCSD((?:[0-9A-F]{2}){1,5})$/, (settings, argument) => done({ ...settings, flowData: bytesOf(argument) })],
  [/^ATFCSM([012])$/, setFlowMode],
  [/^ATD$/, (_settings, _argument, persona) => done(settingsAfterReset(persona))],
  [/^ATI$/, (settings, _argument, persona) => ({ settings, reply: persona.banner })],
  [/^AT@1$/, (settings) => ({ settings, reply: "OBDII to RS232 Interpreter" })],
  [/^ATDPN$/, (settings) => ({ settings, reply: settings.protocol })],
];

function done(settings: AdapterSettings): AtOutcome {
  return { settings, reply: "OK" };
}

function setHeader(settings: AdapterSettings, argument: string): AtOutcome {
  const isWhole = argument.length !== 6;
  return done({ ...settings, header: isWhole ? hex(argument) : settings.priority * 2 ** 24 + hex(argument) });
}

/** Mode 1 needs a header and data, mode 2 data, both set before. */
function setFlowMode(settings: AdapterSettings, argument: string, persona: AdapterPersona): AtOutcome | undefined {
  const mode = Number(argument);
  const isReady = mode === 0 || (settings.flowData !== null && (mode === 2 || settings.flowHeader !== null));
  if (!isReady) return undefined;
  // A copy that does not know the mode says OK all the same, and sends no flow control.
  return done({ ...settings, flowMode: persona.flowModes.includes(mode) ? mode : -1 });
}

/** In steps of 4.096 ms; zero is the default. */
function timeoutOf(argument: string): number {
  return (hex(argument) === 0 ? 0x32 : hex(argument)) * 4.096;
}

function hex(digits: string): number {
  return Number.parseInt(digits, 16);
}

function bytesOf(digits: string): Uint8Array {
  return Uint8Array.from(digits.match(/../g) ?? [], hex);
}
