/** Telegram decoders over recorded bytes: whole, in pieces, damaged; and what the recordings' own list expects. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";

import type { DecodedTelegram, TelegramDecoder } from "#hal/protocols/telegram.ts";
import type { SeededRandom } from "#hal/mock/seeded-random.ts";

export type MakeDecoder = () => TelegramDecoder;

/** A recorded value: `raw` between the brackets; `value` and `unit` where it is a number with a unit. */
export interface ExpectedValue {
  readonly raw: string;
  readonly value?: string;
  readonly unit?: string;
}

/** Recordings lie beside the checkout, in `shared/data`; undefined when they are not there. */
export function recordingsFolder(name: string): string | undefined {
  const folder = fileURLToPath(new URL(`../../../shared/data/${name}/`, import.meta.url));
  return existsSync(folder) ? folder : undefined;
}

/** The list of what is expected of each file; the caller says which form its protocol's entries have. */
export function readExpected(folder: string): Readonly<Record<string, unknown>> {
  const list = JSON.parse(readFileSync(`${folder}expected.json`, "utf8")) as {
    readonly files: Readonly<Record<string, unknown>>;
  };
  return list.files;
}

export function readRecording(folder: string, file: string): Uint8Array {
  return new Uint8Array(readFileSync(folder + file));
}

/** All recordings in a folder of which something is expected; none where there is no folder. */
export function readRecordings(folder: string | undefined): readonly Uint8Array[] {
  return folder === undefined ? [] : Object.keys(readExpected(folder)).map((file) => readRecording(folder, file));
}

/** Everything a decoder finds in these bytes, cut into pieces of the sizes that `pieceBytes` gives. */
export function decodeAll(
  make: MakeDecoder,
  bytes: Uint8Array,
  pieceBytes: () => number = () => bytes.length,
): readonly DecodedTelegram[] {
  const decoder = make();
  const found: DecodedTelegram[] = [];
  for (let start = 0; start < bytes.length;) {
    const end = start + Math.max(1, pieceBytes());
    found.push(...decoder.push(bytes.subarray(start, end)));
    start = end;
  }
  return [...found, ...decoder.end()];
}

/**
 * Asserts that the same is read whole, byte by byte and, so many times, in pieces of the sizes that `pieceBytes` gives.
 *
 * @returns what is read
 */
export function readAlike<Read>(
  read: (pieceBytes?: () => number) => Read,
  pieceBytes: () => number,
  { runs }: { readonly runs: number },
): Read {
  const whole = read();
  const byteByByte = read(() => 1);
  assert.equal(byteByByte, whole);
  for (let run = 0; run < runs; run += 1) assert.equal(read(pieceBytes), whole);
  return whole;
}

/** Everything that tells how a stream was read, a line a telegram. */
export function readingLines(telegrams: readonly DecodedTelegram[]): readonly string[] {
  return telegrams.map(
    (telegram) =>
      `${telegram.offset}+${telegram.lengthBytes} ${telegram.problem?.code ?? ""} ${valueLines([telegram]).join(" ")}`,
  );
}

/** The same bytes with `flips` bits turned over, each somewhere from `from` to before `to`. */
export function withFlippedBits(
  bytes: Uint8Array,
  random: SeededRandom,
  { flips = 1, from = 0, to = bytes.length }: { flips?: number; from?: number; to?: number } = {},
): Uint8Array {
  const damaged = bytes.slice();
  for (let flip = 0; flip < flips; flip += 1) {
    const at = random.integer(from, to - 1);
    damaged[at] = (damaged[at] ?? 0) ^ (1 << random.integer(0, 7));
  }
  return damaged;
}

/** Values as lines, to be compared with one `equal`. */
export function valueLines(telegrams: readonly DecodedTelegram[]): readonly string[] {
  return telegrams.flatMap(({ values }) => values.map(({ code, value, unit }) => `${code}=${value} ${unit ?? ""}`));
}
