/** What happens to single reply lines on their way out of real adapters; the kinds are those of recordings. */
import type { SeededRandom } from "../seeded-random.ts";

/** Probabilities, from 0 to 1, for each line. */
export interface LineFaults {
  readonly lostCharacters?: number;
  readonly lostLine?: number;
  readonly mergedLines?: number;
  /** `<RX ERROR` behind the line. */
  readonly receiveError?: number;
  /** `<DATA ERROR` behind the line. */
  readonly dataError?: number;
}

export interface FaultChance {
  /** Draws, and counts what fires. */
  fires(fault: string, probability: number | undefined): boolean;
  readonly random: SeededRandom;
}

/** The line as it is printed, with its line end, or an empty text. */
export function spoilLine(line: string, lineEnd: string, faults: LineFaults, chance: FaultChance): string {
  if (chance.fires("lostLine", faults.lostLine)) return "";
  let shown = line;
  if (chance.fires("receiveError", faults.receiveError)) shown += " <RX ERROR";
  if (chance.fires("dataError", faults.dataError)) shown += " <DATA ERROR";
  if (chance.fires("lostCharacters", faults.lostCharacters)) shown = cutOut(shown, chance.random);
  return chance.fires("mergedLines", faults.mergedLines) ? shown : `${shown}${lineEnd}`;
}

function cutOut(line: string, random: SeededRandom): string {
  const start = random.integer(0, Math.max(0, line.length - 1));
  return line.slice(0, start) + line.slice(start + random.integer(1, 3));
}
