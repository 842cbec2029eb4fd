/**
 * Which states are written down and offered to those who join: the same ones everywhere, so that whoever has begun to
 * fetch one from somebody can go on with somebody else. Of each window of so many blocks it is that before the first
 * checkpoint that is final, and not between the naming of a committee and its beginning: with such a state one could
 * not show how that one took over.
 */
import type { Chain, ChainLink } from "./chain.ts";
import type { LedgerState } from "./state.ts";

/** Blocks from one snapshot to the next; a start applies so many again, and those of `DEPTH`. */
export const SNAPSHOT_BLOCKS = 512;
/** The newest, and the one before for those who have begun with it. */
const POINTS_KEPT = 2;

export interface SnapshotPoint {
  /** Final; its header has the root of the state. */
  readonly checkpoint: ChainLink;
  /** Before the checkpoint: that of its parent. */
  readonly state: LedgerState;
}

export class SnapshotPoints {
  readonly #chain: Chain;
  readonly #every: number;
  #points: readonly SnapshotPoint[] = [];

  constructor(chain: Chain, every: number) {
    this.#chain = chain;
    this.#every = every;
  }

  get newest(): SnapshotPoint | undefined {
    return this.#points.at(-1);
  }

  /** The oldest that is still offered. */
  get oldest(): SnapshotPoint | undefined {
    return this.#points[0];
  }

  /** The one whose checkpoint has the id in hex. */
  find(key: string): SnapshotPoint | undefined {
    return this.#points.find(({ checkpoint: { block } }) => block?.key === key);
  }

  /** One that was read back, or proven, and is where the chain begins now. */
  begin(state: LedgerState): void {
    const checkpoint = this.#chain.base;
    if (checkpoint.serial === state.serial + 1) this.#points = [{ checkpoint, state }];
  }

  /** Looks whether one has been reached. Where its state is no longer at hand, that window has none here. */
  follow(): void {
    const { final, genesis } = this.#chain;
    const { checkpointBlocks } = genesis.body.rules;
    const from = Math.floor(final.serial / this.#every) * this.#every;
    if (from === 0 || from <= (this.newest?.checkpoint.serial ?? 0)) return;
    for (let serial = roundUp(from, checkpointBlocks); serial <= final.serial; serial += checkpointBlocks) {
      const checkpoint = this.#chain.at(serial);
      const parent = checkpoint?.parent;
      if (checkpoint === undefined || parent === undefined || !parent.hasState) return;
      if (parent.state.finality.next !== undefined) continue;
      this.#points = [...this.#points, { checkpoint, state: parent.state }].slice(-POINTS_KEPT);
      return;
    }
  }
}

function roundUp(serial: number, step: number): number {
  return Math.ceil(serial / step) * step;
}
