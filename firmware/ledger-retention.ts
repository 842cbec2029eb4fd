/**
 * Drops from the ledger on flash what is older than its owner keeps it: one segment after the other, each only when
 * what outlives it is durable beside it. A power cut at any write leaves a store that opens.
 */
import {
  partsOf,
  placeOf,
  removeSegmentsBefore,
  type FlashArchive,
  type KeptStore,
} from "#adapters/flash-store/index.ts";
import type { Chain } from "#core/ledger/chain.ts";
import { droppableUpTo } from "#core/ledger/droppable.ts";
import type { Genesis } from "#core/ledger/genesis.ts";
import { droppedMarkRecord, factRecord, genesisRecord } from "#core/ledger/journal-record.ts";
import { chargesShown, factsInUse, KeptRecords } from "#core/ledger/kept-records.ts";
import type { RecordPlace } from "#core/ledger/record-archive.ts";
import { GENESIS_KEY } from "#core/ledger/record-keys.ts";
import type { SnapshotStart } from "#core/ledger/snapshot-writer.ts";
import { horizonOf, unfinalFacts } from "#core/ledger/stored-blocks.ts";
import type { Flash } from "#hal/ports/flash.ts";
import type { EmitEvent } from "#services/events.ts";
import type { Retention } from "#services/snapshot-keeper.ts";

export interface LedgerRetentionParts {
  readonly flash: Flash;
  readonly archive: FlashArchive;
  readonly kept: KeptStore;
  readonly chain: Chain;
  readonly genesis: Genesis;
  /** Whose charges are kept for ever. */
  readonly did: Uint8Array;
  readonly keepSeconds: number;
  readonly emit: EmitEvent;
}

/** Some ten milliseconds of a small board. */
const RECORDS_AT_ONCE = 32;

export class LedgerRetention implements Retention {
  readonly #parts: LedgerRetentionParts;

  constructor(parts: LedgerRetentionParts) {
    this.#parts = parts;
  }

  due(below: number): RecordPlace | undefined {
    const { chain, archive, keepSeconds } = this.#parts;
    const serial = droppableUpTo(chain, { keepSeconds, below });
    const key = serial === undefined ? undefined : chain.idAt(serial);
    const place = key === undefined ? undefined : archive.find(key);
    if (place === undefined) return undefined;
    // Whole segments go: what stands in one beside the newest block that may is not looked at.
    const segment = Math.min(partsOf(place).segment, archive.endOfFull);
    return segment > archive.firstSegment ? placeOf(segment, 0) : undefined;
  }

  async drop(upTo: RecordPlace, starts: readonly SnapshotStart[], isOver: () => boolean): Promise<void> {
    const { archive, chain, kept, did } = this.#parts;
    const end = Math.min(partsOf(upTo).segment, archive.endOfFull);
    if (end <= archive.firstSegment) return;
    const from = Math.min(...starts.map(({ serial }) => serial));
    const states = starts.map(({ state }) => state);
    const [inUse, shown] = [factsInUse(chain, from), chargesShown(chain)];
    const choice = new KeptRecords({ chain, did, kept: kept.archive, states, inUse, shown });
    await kept.begin();
    try {
      while (archive.firstSegment < end && !isOver()) await this.#dropFirst(choice);
    } finally {
      await kept.end();
    }
  }

  /** The first segment that is there. */
  async #dropFirst(choice: KeptRecords): Promise<void> {
    const { archive, chain, kept, genesis, flash, emit } = this.#parts;
    const segment = archive.firstSegment;
    const records = await archive.recordsOf(segment);
    if (!kept.archive.has(GENESIS_KEY)) await kept.append(genesisRecord(genesis));
    await this.#keepOf(records, choice);
    // What has come to wait again since.
    for (let late = this.#late(segment); late.length > 0; late = this.#late(segment)) {
      await Promise.all(late.map((record) => kept.append(record)));
    }
    archive.leave(segment + 1);
    const serial = this.#horizon(segment + 1);
    const sealedAt = chain.at(serial)?.sealedAt ?? 0;
    await kept
      .append(droppedMarkRecord({ place: placeOf(segment + 1, 0), serial, sealedAt }))
      .catch((failure: unknown) => {
        archive.leave(segment);
        throw failure;
      });
    archive.drop(segment + 1);
    await removeSegmentsBefore(flash, segment + 1);
    emit("blocksDropped", { before: serial, until: sealedAt });
  }

  /** In parts: others of this process must not wait until all of a segment is judged. */
  async #keepOf(records: readonly Uint8Array[], choice: KeptRecords): Promise<void> {
    const { kept, flash } = this.#parts;
    const appends: Promise<void>[] = [];
    for (let at = 0; at < records.length; at += RECORDS_AT_ONCE) {
      for (const record of choice.choose(records.slice(at, at + RECORDS_AT_ONCE))) {
        const append = kept.append(record);
        // Is told below, when all have been begun.
        append.catch(() => undefined);
        appends.push(append);
      }
      // Any call that waits for the machine lets the others run.
      await flash.list();
    }
    await Promise.all(appends);
  }

  #late(segment: number): readonly Uint8Array[] {
    const { archive, chain, kept } = this.#parts;
    const isLeft = (key: string): boolean => partsOf(archive.find(key) ?? Infinity).segment <= segment;
    return unfinalFacts(chain)
      .filter(({ key }) => isLeft(key) && !kept.archive.has(key))
      .map(factRecord);
  }

  /** The first block that is whole when the segments before that one are gone. */
  #horizon(segment: number): number {
    const { archive, chain } = this.#parts;
    const isThere = (serial: number): boolean => {
      const key = chain.idAt(serial);
      const place = key === undefined ? undefined : archive.find(key);
      return place !== undefined && partsOf(place).segment >= segment;
    };
    let [low, high] = [horizonOf(chain), chain.base.serial];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (isThere(middle)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
