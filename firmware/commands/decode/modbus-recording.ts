/**
 * Modbus exchanges that somebody wrote down as JSON: `{"exchanges": [{"request": "2a03…", "response": "2a03…"}, …]}`,
 * each frame in hexadecimal with its CRC. Further fields are comments.
 */
import { concatBytes, fromHex } from "#base/bytes.ts";
import type { Finding } from "./finding.ts";
import { readExchange } from "./modbus-exchange.ts";

/** The findings, one an exchange; undefined when the bytes are not such a recording. */
export function readModbusRecording(file: Uint8Array): readonly Finding[] | undefined {
  const exchanges = exchangesOf(file);
  let offset = 0;
  return exchanges?.map((exchange) => {
    const finding = findingOf(exchange, offset);
    offset += finding.lengthBytes;
    return finding;
  });
}

function exchangesOf(file: Uint8Array): readonly unknown[] | undefined {
  let recording: unknown;
  try {
    recording = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(file));
  } catch {
    return undefined;
  }
  const exchanges = fieldOf(recording, "exchanges");
  return Array.isArray(exchanges) ? exchanges : undefined;
}

function findingOf(exchange: unknown, offset: number): Finding {
  const request = frameOf(fieldOf(exchange, "request"));
  const answer = frameOf(fieldOf(exchange, "response"));
  if (request !== undefined && answer !== undefined) return readExchange({ offset, request, answer });
  const which = request === undefined ? "request" : "response";
  const lengthBytes = concatBytes(request ?? new Uint8Array(0), answer ?? new Uint8Array(0)).length;
  const problem = { code: "TELEGRAM_MALFORMED", reason: `the ${which} is not written in hexadecimal` };
  return { offset, lengthBytes, problem, values: [] };
}

/** None at all is a frame without bytes. */
function frameOf(value: unknown): Uint8Array | undefined {
  if (value === undefined || value === null) return new Uint8Array(0);
  return typeof value === "string" ? fromHex(value.replace(/\s/g, "")) : undefined;
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return Object.entries(value).find(([key]) => key === name)?.[1];
}
