/** The AT and ST commands that set something or tell something, and what they answer. */
import { type AdapterSettings, DEFAULT_TIMEOUT_MS, settingsAfterReset } from "./adapter-settings.ts";
import type { AdapterPersona } from "./personas.ts";

export interface AtOutcome {
  readonly settings: AdapterSettings;
  readonly reply: string;
}

/** `command` in capitals and without spaces, with its AT or ST. Undefined when this adapter does not know it. */
export function applyAtCommand(
  settings: AdapterSettings,
  command: string,
  persona: AdapterPersona,
): AtOutcome | undefined {
  const startsWith = (start: string): boolean => command.startsWith(start);
  if (persona.unknownCommands.some(startsWith)) return undefined;
  if (command.startsWith("ST") && persona.stnVersion === null) return undefined;
  const known = find(command);
  if (known !== undefined) return known.apply(settings, known.argument, persona);
  return persona.looseCommands.some(startsWith) ? done(settings) : undefined;
}

interface KnownCommand {
  readonly apply: Apply;
  readonly argument: readonly string[];
}

/** What a text means does not change, and a driver has few of them. */
const FOUND = new Map<string, KnownCommand | undefined>();
const FOUND_MAX = 1_000;

function find(command: string): KnownCommand | undefined {
  if (FOUND.has(command)) return FOUND.get(command);
  let found: KnownCommand | undefined;
  for (const [pattern, apply] of COMMANDS) {
    const match = pattern.exec(command);
    if (match === null) continue;
    found = { apply, argument: match.slice(1) };
    break;
  }
  if (FOUND.size < FOUND_MAX) FOUND.set(command, found);
  return found;
}

type Apply = (settings: AdapterSettings, argument: readonly string[], persona: AdapterPersona) => AtOutcome | undefined;

const COMMANDS: readonly (readonly [RegExp, Apply])[] = [
  [/^ATE([01])$/, (settings, [on]) => done({ ...settings, echo: on === "1" })],
  [/^ATL([01])$/, (settings, [on]) => done({ ...settings, linefeeds: on === "1" })],
  [/^ATS([01])$/, (settings, [on]) => done({ ...settings, spaces: on === "1" })],
  [/^ATH([01])$/, (settings, [on]) => done({ ...settings, headers: on === "1" })],
  [/^AT(?:AL|NL|M[01]|V[01]|R1|PC)$/, (settings) => done(settings)],
  [/^ATCAF([01])$/, (settings, [on]) => done({ ...settings, formatting: on === "1" })],
  [/^ATCFC([01])$/, (settings, [on]) => done({ ...settings, automaticFlow: on === "1" })],
  [/^ATAT0$/, (settings, _, { honorsTimeout }) => done(honorsTimeout ? { ...settings, adaptive: 0 } : settings)],
  [/^ATAT1$/, (settings) => done({ ...settings, adaptive: 1 })],
  [/^ATAT2$/, (settings, _, { honorsTimeout }) => done(honorsTimeout ? { ...settings, adaptive: 2 } : settings)],
  [/^ATST([0-9A-F]{2})$/, setTimeoutSteps],
  [/^STPTO(\d{1,5})$/, (settings, [ms = ""]) => done({ ...settings, timeoutMs: Math.max(1, Number(ms)) })],
  [/^AT(?:SP|TP)A?([0-9A-C])$/, (settings, [protocol = ""]) => done({ ...settings, protocol })],
  [/^ATPB([0-9A-F]{2})([0-9A-F]{2})$/, setUserProtocol],
  [/^ATCP([01][0-9A-F])$/, (settings, [digits = ""]) => done({ ...settings, priority: hex(digits) })],
  [/^ATSH([0-9A-F]{3}|[0-9A-F]{6}|[0-9A-F]{8})$/, setHeader],
  [/^ATCRA([0-9A-F]{3}|[0-9A-F]{8})$/, (settings, [digits = ""]) => done({ ...settings, filter: exactly(digits) })],
  [/^AT(?:CRA|AR)$/, (settings) => done({ ...settings, filter: null })],
  [/^ATCF([0-9A-F]{3}|[0-9A-F]{8})$/, (settings, [digits = ""]) => setFilter(settings, { id: hex(digits) })],
  [/^ATCM([0-9A-F]{3}|[0-9A-F]{8})$/, (settings, [digits = ""]) => setFilter(settings, { mask: hex(digits) })],
  [/^ATCEA([0-9A-F]{2})$/, (settings, [digits = ""]) => done({ ...settings, extension: hex(digits) })],
  [/^ATCEA$/, (settings) => done({ ...settings, extension: null })],
  [/^ATTA([0-9A-F]{2})$/, (settings, [digits = ""]) => done({ ...settings, tester: hex(digits) })],
  [/^ATFCSH([0-9A-F]{3}|[0-9A-F]{8})$/, (settings, [digits = ""]) => done({ ...settings, flowHeader: hex(digits) })],
  [/^ATFCSD((?:[0-9A-F]{2}){1,5})$/, (settings, [digits = ""]) => done({ ...settings, flowData: bytesOf(digits) })],
  [/^ATFCSM([012])$/, setFlowMode],
  [/^STCAFCP([0-9A-F]{3}|[0-9A-F]{8}),([0-9A-F]{3}|[0-9A-F]{8})$/, addFlowPair],
  [/^ATD$/, (_settings, _, persona) => done(settingsAfterReset(persona))],
  [/^ATI$/, (settings, _, persona) => ({ settings, reply: persona.banner })],
  [/^STI$/, (settings, _, persona) => ({ settings, reply: persona.stnVersion ?? "?" })],
  [/^STDI$/, (settings) => ({ settings, reply: "OBDLink r1.0" })],
  [/^AT@1$/, (settings) => ({ settings, reply: "OBDII to RS232 Interpreter" })],
  [/^ATDPN$/, (settings) => ({ settings, reply: settings.protocol })],
];

function done(settings: AdapterSettings): AtOutcome {
  return { settings, reply: "OK" };
}

function setTimeoutSteps(
  settings: AdapterSettings,
  [digits = ""]: readonly string[],
  persona: AdapterPersona,
): AtOutcome {
  // Zero is the default.
  const timeoutMs = hex(digits) === 0 ? DEFAULT_TIMEOUT_MS : hex(digits) * 4.096;
  return done(persona.honorsTimeout ? { ...settings, timeoutMs } : settings);
}

/** Bit 7 of the first byte: identifiers of 11 bits; the second divides 500 kbit/s. */
function setUserProtocol(settings: AdapterSettings, [options = "", divisor = ""]: readonly string[]): AtOutcome {
  const idBits = (hex(options) & 0x80) === 0 ? 29 : 11;
  return done({ ...settings, userProtocol: { idBits, kilobits: 500 / Math.max(1, hex(divisor)) } });
}

function setHeader(
  settings: AdapterSettings,
  [digits = ""]: readonly string[],
  persona: AdapterPersona,
): AtOutcome | undefined {
  const isWhole = digits.length === 8;
  if (isWhole && !persona.takesWholeHeaders) return undefined;
  return done({ ...settings, header: { value: hex(digits), isWhole } });
}

function setFilter(settings: AdapterSettings, part: { readonly id?: number; readonly mask?: number }): AtOutcome {
  const filter = settings.filter ?? { id: 0, mask: 0 };
  return done({ ...settings, filter: { ...filter, ...part } });
}

function exactly(digits: string): { readonly id: number; readonly mask: number } {
  return { id: hex(digits), mask: 0x1fffffff };
}

/** Mode 1 needs a header and data, mode 2 data, both set before. */
function setFlowMode(
  settings: AdapterSettings,
  [digit = ""]: readonly string[],
  persona: AdapterPersona,
): AtOutcome | undefined {
  const mode = Number(digit);
  const isReady = mode === 0 || (settings.flowData !== null && (mode === 2 || settings.flowHeader !== null));
  if (!isReady) return undefined;
  // A copy that does not know the mode says OK all the same, and sends no flow control.
  return done({ ...settings, flowMode: persona.flowModes.includes(mode) ? mode : -1 });
}

function addFlowPair(settings: AdapterSettings, [request = "", answer = ""]: readonly string[]): AtOutcome {
  return done({ ...settings, flowPairs: new Map([...settings.flowPairs, [hex(answer), hex(request)]]) });
}

function hex(digits: string): number {
  return Number.parseInt(digits, 16);
}

function bytesOf(digits: string): Uint8Array {
  return Uint8Array.from(digits.match(/../g) ?? [], hex);
}
