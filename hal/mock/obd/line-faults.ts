/** What happens to reply lines on their way out of real adapters; kinds and their frequency are those of recordings. */
import type { SeededRandom } from "../seeded-random.ts";

/** Probabilities, from 0 to 1. The first four are for each line, the others for each request. */
export interface LineFaults {
  readonly lostCharacters?: number;
  readonly lostLine?: number;
  readonly mergedLines?: number;
  readonly receiveError?: number;
  /** The end of the reply before stands in front of this one. */
  readonly leftover?: number;
  /** The beginning of the reply before stands in front of this one. */
  readonly glued?: number;
  /** BUFFER FULL in the middle. */
  readonly bufferFull?: number;
  /** The adapter starts anew in the middle. */
  readonly reboot?: number;
  /** The adapter says nothing until a character stops it. */
  readonly hang?: number;
}

/** The line as it is printed, with its line end, or an empty text. */
export function spoilLine(line: string, lineEnd: string, faults: LineFaults, random: SeededRandom): string {
  if (random.chance(faults.lostLine ?? 0)) return "";
  const shown = random.chance(faults.receiveError ?? 0) ? `${line} <RX ERROR` : line;
  const kept = random.chance(faults.lostCharacters ?? 0) ? cutOut(shown, random) : shown;
  return random.chance(faults.mergedLines ?? 0) ? kept : `${kept}${lineEnd}`;
}

/** Lines of the reply before that come out in front of this one. */
export function staleLines(previous: readonly string[], faults: LineFaults, random: SeededRandom): readonly string[] {
  if (previous.length < 2) return [];
  if (random.chance(faults.leftover ?? 0)) return previous.slice(random.integer(1, previous.length - 1));
  if (random.chance(faults.glued ?? 0)) return previous.slice(0, random.integer(1, previous.length - 1));
  return [];
}

function cutOut(line: string, random: SeededRandom): string {
  const start = random.integer(0, Math.max(0, line.length - 1));
  return line.slice(0, start) + line.slice(start + random.integer(1, 3));
}
