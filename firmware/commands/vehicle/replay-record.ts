/** One line of a file of recorded replies, as far as the driver needs it: who was asked what, and what came back. */
import type { EcuRequest } from "#hal/protocols/obd/decode-reply.ts";
import { requestOfRecording } from "#hal/vehicles/replay-exchange.ts";

export interface ReplayRecord {
  readonly id: string;
  readonly request: EcuRequest;
  /** As it was typed at the adapter. */
  readonly command: string;
  readonly response: readonly string[];
}

/** The record, what is wrong with it in words, or undefined for an empty line. */
export function parseReplayRecord(line: string): ReplayRecord | string | undefined {
  if (line.trim() === "") return undefined;
  const parsed = parseJson(line);
  if (parsed === undefined) return "is no JSON";
  if (!isObject(parsed)) return `${kindOf(parsed)} in place of an object`;
  const { id, request, response } = parsed;
  if (typeof id !== "string" || id.length === 0 || id.length > ID_MAX)
    return `id: found ${kindOf(id)}, expected a name`;
  if (!isObject(request)) return `request: found ${kindOf(request)}, expected an object`;
  if (!isResponse(response)) return `response: found ${kindOf(response)}, expected at most ${LINES_MAX} lines of text`;
  const fields = readFields(request);
  if (typeof fields === "string") return fields;
  const asked = requestOfRecording(fields);
  if (!asked.ok) return asked.fault.reason;
  return { id, request: asked.value, command: `${fields.service}${fields.did}`.toUpperCase(), response };
}

const ID_MAX = 256;
/** Many times the longest message's. */
const LINES_MAX = 10_000;

const FIELDS = ["service", "did", "tx", "rx"] as const;
const OPTIONAL_FIELDS = ["ext", "priority", "tester"] as const;

type Fields = Record<(typeof FIELDS)[number], string> & Record<(typeof OPTIONAL_FIELDS)[number], string | null>;

function readFields(request: Readonly<Record<string, unknown>>): Fields | string {
  const fields: Fields = { service: "", did: "", tx: "", rx: "", ext: null, priority: null, tester: null };
  for (const name of FIELDS) {
    const value = request[name];
    if (typeof value !== "string") return `request.${name}: found ${kindOf(value)}, expected hex digits`;
    fields[name] = value;
  }
  for (const name of OPTIONAL_FIELDS) {
    const value = request[name] ?? null;
    if (value !== null && typeof value !== "string") {
      return `request.${name}: found ${kindOf(value)}, expected hex digits or null`;
    }
    fields[name] = value;
  }
  return fields;
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isResponse(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length <= LINES_MAX && value.every((line) => typeof line === "string");
}

function kindOf(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeof value === "string" ? `"${value.slice(0, 40)}"` : `a ${typeof value}`;
}
