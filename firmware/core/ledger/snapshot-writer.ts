/**
 * Writes down a state now and then, so that a start need not begin with the genesis. Which state: that before a
 * checkpoint whose header has its root, so that whoever reads it can hold it against a block; and one that no branch
 * goes back behind: a final one, or where nobody votes one that lies deep.
 */
import { concatBytes } from "#base/bytes.ts";
import { idsOf } from "./block-ids.ts";
import type { Chain, ChainLink } from "./chain.ts";
import type { RecordPlace } from "./record-archive.ts";
import type { LedgerState } from "./state.ts";
import { headOf } from "./state-head.ts";
import { ROOTED_TABLES } from "./state-tables.ts";
import { encodeFinality, encodeMark } from "./snapshot-frame.ts";
import { LATER_BLOCKS_MAX, MARKED_CERTIFICATES_MAX, UNCOUNTED_MAX } from "./snapshot-frame.ts";
import { framesOf, handoffFrames, idFrames } from "./snapshot-frames.ts";
import type { ReadSnapshot } from "./snapshot-reader.ts";
import { SNAPSHOT_BLOCKS, SnapshotPoints, type SnapshotPoint } from "./snapshot-points.ts";

/** What an entry takes, a charge with long terms included; most take less. */
const ENTRY_BYTES = 1024;
/** Where nobody votes: branches that begin deeper are rare, and then old states are computed from the genesis. */
const DEPTH = 64;

/** With which a start may begin. */
export interface SnapshotStart {
  /** Of the block behind the state. */
  readonly serial: number;
  readonly state: LedgerState;
  /** From there on it reads the journal. */
  readonly place: RecordPlace;
}

export interface Snapshot extends SnapshotStart {
  /** Made one by one: nobody has to wait until all of a large state is written down. */
  readonly frames: Iterable<Uint8Array>;
  /** A little more than that of all frames together, as far as it can be told before. */
  readonly bytes: number;
  /** To be called when the frames are durable; else what has changed since is not known, and all is written again. */
  readonly written: () => void;
}

export class SnapshotWriter {
  readonly #chain: Chain;
  readonly #every: number;
  /** Where blocks become final: the states that are written down, and offered. */
  readonly points: SnapshotPoints;
  #serial: number;
  /** Those that the generation has. */
  #handoffs: readonly Uint8Array[];
  /** The state with which the generation ends that is being written. */
  #written: LedgerState | undefined;

  /** @param written that from which the chain was started, if it is what the newest generation ends with */
  constructor(chain: Chain, written?: Pick<ReadSnapshot, "state" | "handoffs">, every = SNAPSHOT_BLOCKS) {
    this.#chain = chain;
    this.#every = every;
    this.#serial = chain.base.serial;
    // The chain may have come to others since, which were read from the journal.
    this.#handoffs = written?.handoffs ?? [];
    this.#written = written?.state;
    this.points = new SnapshotPoints(chain, every);
    if (written !== undefined) this.points.begin(written.state);
  }

  /** Whether one is due, as far as can be told without looking at states. */
  get isDue(): boolean {
    const { rules } = this.#chain.genesis.body;
    const serial = (rules.finality === "off" ? this.#deep()?.serial : this.points.newest?.checkpoint.serial) ?? 0;
    return serial >= this.#serial + (rules.finality === "off" ? this.#every : 1);
  }

  /**
   * What is to be written down of the present chain; undefined when there is nothing. `changes` since what was written
   * last, if that is known.
   *
   * @param place all records before it are told by the chain
   */
  take(place: RecordPlace, content: "all" | "changes"): Snapshot | undefined {
    const point = this.#point();
    if (point === undefined) return undefined;
    const { checkpoint, state } = point;
    const { handoffs } = this.#chain;
    if (handoffs.epoch < state.finality.epoch) return undefined;
    const before = content === "all" ? undefined : this.#written;
    if (content === "changes" && before === undefined) return undefined;
    const mark = this.#markOf(checkpoint, state, place);
    if (mark === undefined) return undefined;
    const { serial } = checkpoint;
    const ids = idFrames(before === undefined ? 0 : before.serial + 1, serial, (from, to) => {
      return idsOf(this.#chain, from, to);
    });
    const known = before === undefined ? [] : this.#handoffs;
    const way = handoffs.from(0);
    const since = way.findIndex((each, epoch) => each !== known[epoch]);
    const ways = since < 0 ? [] : handoffFrames(since, way.slice(since));
    this.#serial = serial;
    this.#handoffs = way;
    this.#written = undefined;
    return {
      ...{ serial, state, place },
      frames: framesOf(before, state, [...ids, ...ways, mark]),
      bytes:
        ROOTED_TABLES.reduce((sum, name) => sum + state[name].size * ENTRY_BYTES, 0) +
        serial * 40 +
        lengthOf(ways) +
        mark.length,
      written: () => {
        this.#written = state;
      },
    };
  }

  /** The generation that is written to now ends with this state, before the block with which the chain begins. */
  adopt(state: LedgerState): void {
    this.#serial = state.serial + 1;
    this.#handoffs = this.#chain.handoffs.from(0);
    this.#written = state;
    this.points.begin(state);
  }

  /** The next one has to be whole: what has changed since the last one would stand behind something else. */
  beginAnew(): void {
    this.#written = undefined;
  }

  #point(): SnapshotPoint | undefined {
    if (this.#chain.genesis.body.rules.finality !== "off") return this.points.newest;
    const checkpoint = this.#deep();
    const parent = checkpoint?.parent;
    if (checkpoint === undefined || parent === undefined || !parent.hasState) return undefined;
    return { checkpoint, state: parent.state };
  }

  #deep(): ChainLink | undefined {
    const { head, genesis, base } = this.#chain;
    const { checkpointBlocks } = genesis.body.rules;
    const serial = Math.floor((head.serial - DEPTH) / checkpointBlocks) * checkpointBlocks;
    return serial > base.serial ? this.#chain.at(serial) : undefined;
  }

  #markOf(checkpoint: ChainLink, state: LedgerState, place: RecordPlace): Uint8Array | undefined {
    const { head, genesis, mempool } = this.#chain;
    const later = concatBytes(...idsOf(this.#chain, checkpoint.serial + 1, head.serial + 1));
    const uncounted = state.uncounted.entries();
    const certificates = this.#chain.certificatesAbove(checkpoint.serial).map((each) => each.bytes);
    const isTooMuch =
      head.serial - checkpoint.serial > LATER_BLOCKS_MAX ||
      uncounted.length > UNCOUNTED_MAX ||
      certificates.length > MARKED_CERTIFICATES_MAX;
    if (isTooMuch) return undefined;
    return encodeMark({
      ...{ version: 1, genesisId: genesis.id, head: headOf(state), finality: encodeFinality(state.finality) },
      ...{ uncounted, checkpoint: { serial: checkpoint.serial, id: checkpoint.id }, score: checkpoint.score },
      ...{ later, certificates, place },
      waiting: concatBytes(...[...mempool.facts(), ...mempool.parked()].map(({ id }) => id)),
    });
  }
}

function lengthOf(frames: readonly Uint8Array[]): number {
  return frames.reduce((sum, frame) => sum + frame.length, 0);
}
