/** Damage and cuts for fuzzing: what a serial line does to telegrams. */
import * as fc from "fast-check";
import { concatBytes } from "#base/bytes.ts";

/** One of these telegrams with bytes changed, lost, or put in. */
export function mutated(telegram: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const change = fc.record({ at: fc.nat(200), lost: fc.nat(3), put: fc.uint8Array({ maxLength: 3 }) });
  return fc.tuple(telegram, fc.array(change, { minLength: 1, maxLength: 3 })).map(([bytes, changes]) =>
    changes.reduce((damaged: Uint8Array, { at, lost, put }) => {
      const start = at % (damaged.length + 1);
      return concatBytes(damaged.subarray(0, start), put, damaged.subarray(start + lost));
    }, bytes),
  );
}

/** Piece sizes from a list, over and over. */
export function chunksOf(sizes: readonly number[]): () => number {
  let next = 0;
  return () => sizes[next++ % sizes.length] ?? 1;
}
