/** Tells data from the adapter's own words. */
import { ADAPTER_TEXTS, type AdapterTrouble, PROGRESS_TEXT } from "./adapter-texts.ts";

export type AdapterReply =
  | { readonly kind: "lines"; readonly lines: readonly string[] }
  | { readonly kind: "trouble"; readonly trouble: AdapterTrouble; readonly text: string };

/** `command` as it was sent, without its CR: where the echo is on, it stands in front of the reply. */
export function readReply(text: string, command: string): AdapterReply {
  const shown = text.toUpperCase();
  if (!HAS_WORDS.test(shown)) return { kind: "lines", lines: withoutEcho(linesOf(shown), command) };
  const trouble = ADAPTER_TEXTS.find(({ pattern }) => pattern.test(shown))?.trouble;
  if (trouble !== undefined) return { kind: "trouble", trouble, text: oneLine(text) };
  return { kind: "lines", lines: withoutEcho(linesOf(shown.replace(PROGRESS_TEXT, "")), command) };
}

/** Every text of an adapter's own has a letter that is no hexadecimal digit, or is a question mark. */
const HAS_WORDS = /[G-Z?]/;

function linesOf(text: string): readonly string[] {
  const lines = text.split(LINE_ENDS).filter((line) => line !== "");
  return SPACES.test(text) ? lines.map((line) => line.replaceAll(ALL_SPACES, "")).filter((line) => line !== "") : lines;
}

const LINE_ENDS = /[\r\n]+/;
const SPACES = /[ \t]/;
const ALL_SPACES = /[ \t]/g;

function withoutEcho(lines: readonly string[], command: string): readonly string[] {
  const [first] = lines;
  return first === command.toUpperCase() ? lines.slice(1) : lines;
}

/** Right after a reset the echo is still on, so OK may stand behind the command itself. */
export function isOk(text: string, command: string): boolean {
  const reply = readReply(text, command);
  return reply.kind === "lines" && reply.lines.at(-1) === "OK";
}

export function isUnknownCommand(text: string, command: string): boolean {
  return isTrouble(text, command, "unknown-command");
}

export function isTrouble(text: string, command: string, trouble: AdapterTrouble): boolean {
  const reply = readReply(text, command);
  return reply.kind === "trouble" && reply.trouble === trouble;
}

export function isBanner(text: string): boolean {
  return bannerOf(text) !== undefined;
}

/** The adapter's name and version out of the text around it, or undefined. */
export function bannerOf(text: string): string | undefined {
  return /ELM32[79][^\r\n>]*/i.exec(text)?.[0].trim();
}

/** The 12 V system as ATRV tells it, such as `12.6V`; about 0.1 V fine and not calibrated. */
export function supplyVoltageOf(text: string, command = "ATRV"): number | undefined {
  const reply = readReply(text, command);
  const digits = reply.kind === "lines" ? /^(\d{1,2}(?:\.\d{1,2})?)V?$/.exec(reply.lines.at(-1) ?? "")?.[1] : undefined;
  const volts = digits === undefined ? Number.NaN : Number(digits);
  return volts > 0 && volts <= SUPPLY_MAX_V ? volts : undefined;
}

/** More than a lorry's supply is no reading. */
const SUPPLY_MAX_V = 36;

/** A reply as one line for people. */
export function oneLine(text: string): string {
  return text
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line.length > 0)
    .join(" | ")
    .slice(0, 120);
}
