/**
 * Writes down a state now and then, so that a start need not begin with the genesis. Which state: that before a
 * checkpoint whose header has its root, so that whoever reads it can hold it against a block; and one that no branch
 * goes back behind: a final one, or where nobody votes one that lies deep.
 */
import { concatBytes, fromHex } from "#base/bytes.ts";
import type { Chain, ChainLink } from "./chain.ts";
import type { RecordPlace } from "./record-archive.ts";
import type { LedgerState } from "./state.ts";
import { headOf } from "./state-head.ts";
import { ROOTED_TABLES } from "./state-tables.ts";
import {
  encodeEntries,
  encodeFinality,
  encodeIds,
  encodeMark,
  ENTRIES_PER_FRAME,
  IDS_PER_FRAME,
  LATER_BLOCKS_MAX,
  MARKED_CERTIFICATES_MAX,
  UNCOUNTED_MAX,
  type SnapshotEntry,
} from "./snapshot-frame.ts";

/** Blocks from one snapshot to the next; a start applies so many again, and those of `DEPTH`. */
export const SNAPSHOT_BLOCKS = 512;
/** What an entry takes, a charge with long terms included; most take less. */
const ENTRY_BYTES = 1024;
/** Where nobody votes: branches that begin deeper are rare, and then old states are computed from the genesis. */
const DEPTH = 64;

export interface Snapshot {
  readonly serial: number;
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
  #serial: number;
  /** The state with which the generation ends that is being written. */
  #written: LedgerState | undefined;

  /** @param written the state from which the chain was started, if it is what the newest generation ends with */
  constructor(chain: Chain, written?: LedgerState, every = SNAPSHOT_BLOCKS) {
    this.#chain = chain;
    this.#every = every;
    this.#serial = chain.base.serial;
    this.#written = written;
  }

  /** Whether one is due, as far as can be told without looking at states. */
  get isDue(): boolean {
    return (this.#checkpoint()?.serial ?? 0) >= this.#serial + this.#every;
  }

  /**
   * What is to be written down of the present chain; undefined when there is nothing. `changes` since what was written
   * last, if that is known.
   *
   * @param place all records before it are told by the chain
   */
  take(place: RecordPlace, content: "all" | "changes"): Snapshot | undefined {
    const checkpoint = this.#checkpoint();
    const parent = checkpoint?.parent;
    if (checkpoint === undefined || parent === undefined || !this.#chain.hasStateOf(parent)) return undefined;
    const { state } = parent;
    const before = content === "all" ? undefined : this.#written;
    if (content === "changes" && before === undefined) return undefined;
    const mark = this.#markOf(checkpoint, state, place);
    if (mark === undefined) return undefined;
    const { serial } = checkpoint;
    const ids = this.#idFrames(before === undefined ? 0 : before.serial + 1, serial);
    this.#serial = serial;
    this.#written = undefined;
    return {
      serial,
      frames: framesOf(before, state, [...ids, mark]),
      bytes: ROOTED_TABLES.reduce((sum, name) => sum + state[name].size * ENTRY_BYTES, 0) + serial * 40 + mark.length,
      written: () => {
        this.#written = state;
      },
    };
  }

  #checkpoint(): ChainLink | undefined {
    const { head, final, genesis } = this.#chain;
    if (genesis.body.rules.finality !== "off") return final.serial > 0 ? final : undefined;
    const { checkpointBlocks } = genesis.body.rules;
    const serial = Math.floor((head.serial - DEPTH) / checkpointBlocks) * checkpointBlocks;
    return serial > this.#chain.base.serial ? this.#chain.at(serial) : undefined;
  }

  #markOf(checkpoint: ChainLink, state: LedgerState, place: RecordPlace): Uint8Array | undefined {
    const { head, genesis, mempool } = this.#chain;
    const later = this.#idsOf(checkpoint.serial + 1, head.serial + 1);
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

  #idFrames(from: number, to: number): readonly Uint8Array[] {
    const frames: Uint8Array[] = [];
    for (let serial = from; serial < to; serial += IDS_PER_FRAME) {
      frames.push(encodeIds(serial, this.#idsOf(serial, Math.min(to, serial + IDS_PER_FRAME))));
    }
    return frames;
  }

  #idsOf(from: number, to: number): Uint8Array {
    const ids = Array.from({ length: Math.max(0, to - from) }, (_, place) => {
      return fromHex(this.#chain.idAt(from + place) ?? "") ?? new Uint8Array();
    });
    return concatBytes(...ids);
  }
}

function* framesOf(
  before: LedgerState | undefined,
  state: LedgerState,
  last: readonly Uint8Array[],
): Generator<Uint8Array> {
  for (const [number, name] of ROOTED_TABLES.entries()) {
    const table = state[name];
    const former = before === undefined ? table.emptied() : before[name];
    let entries: SnapshotEntry[] = [];
    // Each table is only ever compared with a former version of itself.
    for (const { key, encoded } of table.changesSince(former as never)) {
      entries.push([table.form.keyBytes(key), encoded ?? null]);
      if (entries.length < ENTRIES_PER_FRAME) continue;
      yield encodeEntries(number, entries);
      entries = [];
    }
    if (entries.length > 0) yield encodeEntries(number, entries);
  }
  yield* last;
}
