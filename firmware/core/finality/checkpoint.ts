/** A checkpoint: every block whose serial is a multiple of `checkpointBlocks`, and the genesis, the first of them. */
import { equalBytes } from "#base/bytes.ts";
import { HASH_BYTES } from "#core/identity/cryptography.ts";
import { bytes, tuple, unsigned, type Shape } from "#core/wire/schema.ts";

export interface Checkpoint {
  readonly serial: number;
  /** Id of the block. */
  readonly id: Uint8Array;
}

const pair = tuple(unsigned, bytes(HASH_BYTES));

/** `[serial, id]` on the wire. */
export const checkpoint: Shape<Checkpoint> = {
  write: ({ serial, id }) => pair.write([serial, id]),
  read: (item) => {
    const [serial, id] = pair.read(item);
    return { serial, id };
  },
};

export function isCheckpoint(checkpointBlocks: number, serial: number): boolean {
  return serial % checkpointBlocks === 0;
}

export function equalCheckpoints(left: Checkpoint, right: Checkpoint): boolean {
  return left.serial === right.serial && equalBytes(left.id, right.id);
}
