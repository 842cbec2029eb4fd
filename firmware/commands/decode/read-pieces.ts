/** A file in pieces, as a line might deliver it; never more of it in memory than one piece. */
import { open } from "node:fs/promises";
import { SeededRandom } from "#hal/mock/seeded-random.ts";

/**
 * In the largest pieces there are, or with a seed in random ones, the same for the same seed.
 *
 * @throws the system's error when the file cannot be opened or read.
 */
export async function* readPieces(path: string, seed?: string): AsyncGenerator<Uint8Array, void, undefined> {
  const random = seed === undefined ? undefined : new SeededRandom(seed);
  const file = await open(path);
  try {
    const buffer = new Uint8Array(READ_BYTES);
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, READ_BYTES, null);
      if (bytesRead === 0) return;
      yield* cut(buffer.slice(0, bytesRead), random);
    }
  } finally {
    await file.close();
  }
}

function* cut(bytes: Uint8Array, random: SeededRandom | undefined): Generator<Uint8Array, void, undefined> {
  let start = 0;
  while (start < bytes.length) {
    const end = random === undefined ? bytes.length : start + random.integer(1, random.pick(RANDOM_PIECE_BYTES_MAX));
    yield bytes.subarray(start, end);
    start = end;
  }
}

const READ_BYTES = 64 * 1024;
/** Some pieces hold whole telegrams, some only a few bytes of one. */
const RANDOM_PIECE_BYTES_MAX = [3, 40, 400] as const;
