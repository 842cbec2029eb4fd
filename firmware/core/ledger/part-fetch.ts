/** Gathers the pieces of one part of a snapshot, all of them from one gateway: only the whole can be checked. */
import { concatBytes } from "#base/bytes.ts";
import { fail, ok, type Result } from "#base/result.ts";
import { PART_BYTES_MAX, type PartName } from "./snapshot-parts.ts";

export interface PieceFault {
  readonly code: "SNAPSHOT_WRONG_PIECE";
  readonly part: PartName;
  readonly bytes: number;
}

export class PartFetch {
  readonly name: PartName;
  #pieces: Uint8Array[] = [];
  #bytes = 0;
  #from: string | undefined;

  constructor(name: PartName) {
    this.name = name;
  }

  /** Where the next piece begins. */
  get offset(): number {
    return this.#bytes;
  }

  /** Who has sent what is there; whoever goes on with another has to begin again. */
  get from(): string | undefined {
    return this.#from;
  }

  begin(): void {
    this.#pieces = [];
    this.#bytes = 0;
    this.#from = undefined;
  }

  /** The whole part with its last piece; undefined before. */
  take(piece: Uint8Array, total: number, from: string): Result<Uint8Array | undefined, PieceFault> {
    const bytes = this.#bytes + piece.length;
    if (piece.length === 0 || total > PART_BYTES_MAX[this.name] || bytes > total) {
      return fail({ code: "SNAPSHOT_WRONG_PIECE", part: this.name, bytes: Math.max(bytes, total) });
    }
    this.#pieces.push(piece);
    this.#bytes = bytes;
    this.#from = from;
    return ok(bytes === total ? concatBytes(...this.#pieces) : undefined);
  }
}
