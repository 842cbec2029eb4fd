/** What goes wrong between a meter and its reader: telegrams that are lost, cut, damaged, or not sent at all. */
import type { SeededRandom } from "#hal/mock/seeded-random.ts";

export interface TelegramFaults {
  /** It sends nothing until told otherwise. */
  silent: boolean;
  /** Shares of the telegrams that are lost, end early, or have some bits turned over. */
  dropped: number;
  cut: number;
  flipped: number;
  /** Shares of the telegrams before which bytes come that belong to nothing. */
  noisy: number;
}

export function noTelegramFaults(): TelegramFaults {
  return { silent: false, dropped: 0, cut: 0, flipped: 0, noisy: 0 };
}

export const FLIPS_MAX = 3;
const NOISE_BYTES_MAX = 40;

/** What of a telegram reaches the line; undefined for nothing. */
export function damaged(telegram: Uint8Array, faults: TelegramFaults, random: SeededRandom): Uint8Array | undefined {
  if (faults.silent || random.chance(faults.dropped)) return undefined;
  let bytes = telegram.slice();
  if (random.chance(faults.cut)) bytes = bytes.subarray(0, random.integer(0, bytes.length - 1));
  if (random.chance(faults.flipped)) flipBits(bytes, random);
  return random.chance(faults.noisy) ? withNoise(bytes, random) : bytes;
}

function flipBits(bytes: Uint8Array, random: SeededRandom): void {
  if (bytes.length === 0) return;
  for (let flips = random.integer(1, FLIPS_MAX); flips > 0; flips -= 1) {
    const at = random.integer(0, bytes.length - 1);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random.integer(0, 7));
  }
}

function withNoise(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  const noise = random.integer(1, NOISE_BYTES_MAX);
  const all = new Uint8Array(noise + bytes.length);
  for (let at = 0; at < noise; at += 1) all[at] = random.integer(0, 255);
  all.set(bytes, noise);
  return all;
}
