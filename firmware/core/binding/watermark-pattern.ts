/**
 * The pattern of the physical binding: which of sixteen chips are low, from the handshake's key `wm`.
 *
 * Not every word of sixteen bits will do. A constant, a step and a slow wave are what cars and grids do by themselves,
 * and a change with every chip is more than a slow charger follows. So the key draws one of the words that have as many
 * low chips as high ones, at most three alike in a row, and five to ten changes; a station whose power stays as it is,
 * rises, falls, or is switched once is none of them.
 */
import { assert } from "#base/assert.ts";

export const CHIPS = 16;
const RUN_MAX = 3;
const CHANGES_MIN = 5;
const CHANGES_MAX = 10;

/** For each chip whether it is low. */
export type WatermarkPattern = readonly boolean[];

/** @param key of 32 bytes that nobody but the two sides knows */
export function watermarkPattern(key: Uint8Array): WatermarkPattern {
  assert(key.length >= DRAWN_BYTES, "a key has bytes enough to draw from");
  const drawn = key.subarray(0, DRAWN_BYTES).reduce((sum, byte) => sum * 256 + byte, 0);
  // 2^48 over some thousand words: no word is likelier than another by more than 1 in 10^10.
  const word = WATERMARK_WORDS[drawn % WATERMARK_WORDS.length] ?? 0;
  return chipsOf(word);
}

const DRAWN_BYTES = 6;

/** All words that may be drawn, in rising order: the first chip is the highest bit, a one is low. */
export const WATERMARK_WORDS: readonly number[] = Array.from({ length: 2 ** CHIPS }, (_, word) => word).filter((word) =>
  isFit(chipsOf(word)),
);

function chipsOf(word: number): WatermarkPattern {
  return Array.from({ length: CHIPS }, (_, chip) => ((word >> (CHIPS - 1 - chip)) & 1) === 1);
}

function isFit(chips: WatermarkPattern): boolean {
  if (chips.filter(Boolean).length !== CHIPS / 2) return false;
  let [changes, run, longest] = [0, 1, 1];
  for (let chip = 1; chip < CHIPS; chip += 1) {
    const isSame = chips[chip] === chips[chip - 1];
    run = isSame ? run + 1 : 1;
    if (!isSame) changes += 1;
    longest = Math.max(longest, run);
  }
  return longest <= RUN_MAX && changes >= CHANGES_MIN && changes <= CHANGES_MAX;
}
