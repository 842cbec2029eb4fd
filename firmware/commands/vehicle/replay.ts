/**
 * `vehicle replay`: recorded replies of cars through the driver's own way from bytes to values, one result a record.
 *
 * Of a record only `id`, `request` and `response` are used; whatever else it says, such as the right payload, is not
 * looked at.
 */
import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import { toHex } from "#base/bytes.ts";
import { replayExchange, type ReplayVerdict } from "#hal/vehicles/replay-exchange.ts";
import type { CommandArguments } from "../command.ts";
import type { CommandIo } from "../command-io.ts";
import { EXIT } from "../exit-code.ts";
import { readLines } from "./read-lines.ts";
import { parseReplayRecord, type ReplayRecord } from "./replay-record.ts";
import { ReplaySummary } from "./replay-summary.ts";
import { type RecordValues, valuesOfPayload } from "./replay-values.ts";

export interface ReplayResult {
  readonly id: string;
  readonly outcome: ReplayVerdict["outcome"];
  /** The whole message in hex, from the service byte on. */
  readonly payload?: string;
  /** Why it is asked again, or why there are no values. */
  readonly reason?: string;
  /**
   * By the profiles that ask this; null where none of them believes the reply. Absent where no profile asks this.
   */
  readonly values?: RecordValues["values"];
  readonly profiles?: RecordValues["profiles"];
  readonly others?: RecordValues["others"];
}

/** `path`: a file with one record a line, or `-` for standard input. */
export async function runReplay(path: string, given: CommandArguments, io: CommandIo): Promise<number> {
  const stop = new AbortController();
  io.onStop(() => {
    stop.abort();
  });
  const summary = new ReplaySummary();
  for await (const line of readLines(openInput(path, io.cwd))) {
    if (stop.signal.aborted) break;
    const record = line.text === undefined ? line.fault : parseReplayRecord(line.text);
    if (record === undefined) continue;
    if (typeof record === "string") {
      summary.addBadLine();
      if (summary.badLines <= BAD_LINES_TOLD_MAX) io.err(`line ${line.number}: ${record}`);
      continue;
    }
    const result = replayRecord(record);
    summary.add(result);
    if (given.flag("json")) io.out(JSON.stringify(result));
  }
  if (!given.flag("json")) for (const line of summary.lines()) io.out(line);
  const untold = summary.badLines - BAD_LINES_TOLD_MAX;
  if (untold > 0) io.err(`${untold} further lines are no records either`);
  return summary.badLines > 0 ? EXIT.badData : EXIT.ok;
}

/** A file that is no recording has as many bad lines as it likes. */
const BAD_LINES_TOLD_MAX = 100;

export function replayRecord({ id, request, command, response }: ReplayRecord): ReplayResult {
  // As an adapter prints it: each line with its end, an empty line and the prompt.
  const bytes = new TextEncoder().encode(`${response.map((line) => `${line}\r`).join("")}\r>`);
  const verdict = replayExchange(request, command, [bytes]);
  const reason = verdict.reason === undefined ? {} : { reason: verdict.reason };
  if (verdict.payload === undefined) return { id, outcome: verdict.outcome, ...reason };
  const payload = toHex(verdict.payload).toUpperCase();
  const isRefusal = verdict.reason !== undefined;
  const values = isRefusal ? undefined : valuesOfPayload(request, verdict.payload);
  return { id, outcome: verdict.outcome, payload, ...reason, ...values };
}

const STANDARD_INPUT = 0;

function openInput(path: string, cwd: string): AsyncIterable<Uint8Array> {
  return path === "-"
    ? createReadStream("", { fd: STANDARD_INPUT, autoClose: false })
    : createReadStream(resolve(cwd, path));
}
