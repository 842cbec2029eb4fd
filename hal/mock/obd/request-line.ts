/** What an adapter makes of a line that is no AT command: bytes for the bus, and how many lines to wait for. */
import type { AdapterPersona } from "./personas.ts";

export interface RequestLine {
  readonly bytes: readonly number[];
  readonly framesMax: number;
  /** STPX names its own request identifier. */
  readonly header: number | null;
}

/** Undefined when this adapter answers it with a question mark. */
export function readRequestLine(line: string, persona: AdapterPersona, isFormatting: boolean): RequestLine | undefined {
  if (line.startsWith("STPX")) return persona.stnVersion === null ? undefined : readStpx(line);
  const match = /^((?:[0-9A-F]{2})+)([0-9A-F]?)$/.exec(line);
  if (match === null) return undefined;
  const [, digits = "", countDigit = ""] = match;
  const bytes = bytesOf(digits);
  if (bytes.length > (isFormatting ? 7 : 8)) return undefined;
  if (countDigit !== "" && persona.countDigit === "refused") return undefined;
  const counts = countDigit !== "" && persona.countDigit === "honored";
  return {
    bytes: bytes.slice(0, persona.requestBytesKept),
    framesMax: counts ? Math.max(1, Number.parseInt(countDigit, 16)) : Infinity,
    header: null,
  };
}

/** STN1100 family reference: `STPX H:7E4,D:220101,R:9`, in any order. */
function readStpx(line: string): RequestLine | undefined {
  const parts = new Map(line.slice("STPX".length).split(",").map(pair));
  const digits = parts.get("D") ?? "";
  if (!/^(?:[0-9A-F]{2}){1,7}$/.test(digits)) return undefined;
  const count = parts.get("R");
  const header = parts.get("H");
  return {
    bytes: bytesOf(digits),
    framesMax: count === undefined ? Infinity : Math.max(1, Number.parseInt(count, 10)),
    header: header === undefined ? null : Number.parseInt(header, 16),
  };
}

function pair(text: string): readonly [string, string] {
  const [name = "", value = ""] = text.split(":");
  return [name, value];
}

function bytesOf(digits: string): readonly number[] {
  return (digits.match(/../g) ?? []).map((digit) => Number.parseInt(digit, 16));
}
