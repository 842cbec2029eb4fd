/** What writes down states, offers them to others and takes theirs: one set for each gateway. */
import { partsOf } from "#adapters/flash-store/index.ts";
import { contentOf } from "#core/ledger/journal-record.ts";
import { SnapshotServer } from "#core/ledger/snapshot-server.ts";
import type { RecordPlace } from "#core/ledger/record-archive.ts";
import type { TipBody } from "#core/mesh/sync-messages.ts";
import type { Flash } from "#hal/ports/flash.ts";
import type { Randomness } from "#hal/ports/randomness.ts";
import type { EmitEvent } from "#services/events.ts";
import { installSnapshot } from "#services/install-snapshot.ts";
import type { LedgerService } from "#services/ledger-service.ts";
import type { MeshService } from "#services/mesh-service.ts";
import { SnapshotKeeper } from "#services/snapshot-keeper.ts";
import { SnapshotSync } from "#services/snapshot-sync.ts";
import type { WorldTime } from "#services/world-time.ts";
import { LedgerRetention } from "./ledger-retention.ts";
import type { LedgerStore } from "./ledger-store.ts";

export interface SnapshotParts {
  readonly store: LedgerStore;
  readonly ledger: LedgerService;
  readonly mesh: MeshService;
  readonly clock: WorldTime;
  readonly randomness: Randomness;
  readonly emit: EmitEvent;
  readonly peers: () => ReadonlyMap<string, TipBody>;
  readonly blocksBehindMax?: number | undefined;
  /** The folder of the ledger. */
  readonly flash: Flash;
  /** Whose charges are kept for ever. */
  readonly did: Uint8Array;
  /** How long the blocks of others' charges are kept, in days of block time; without it, for ever. */
  readonly keepDays: number | undefined;
}

export interface Snapshots {
  readonly keeper: SnapshotKeeper;
  readonly sync: SnapshotSync;
}

const SECONDS_PER_DAY = 86_400;

export function assembleSnapshots({ store, keepDays, ...parts }: SnapshotParts): Snapshots {
  const { ledger, emit } = parts;
  const { writer, snapshots, log, archive, chain, startedWith } = store;
  const keepFull = keepingFull(store);
  const retention =
    keepDays === undefined
      ? undefined
      : new LedgerRetention({
          ...{ ...store, ...parts, genesis: chain.genesis },
          keepSeconds: keepDays * SECONDS_PER_DAY,
        });
  const keeper = new SnapshotKeeper({
    ...{ ledger, writer, store: snapshots, log, keepFull, startedWith, retention, emit },
  });
  const factBytes = (key: string): Uint8Array | undefined => {
    const record = archive.read(key);
    return record === undefined ? undefined : contentOf(record);
  };
  const server = new SnapshotServer({ chain, points: writer.points, factBytes });
  const sync = new SnapshotSync({
    ...parts,
    server,
    install: (fetched, trust) => installSnapshot({ ledger, keeper, writer, log }, fetched, trust),
  });
  return { keeper, sync };
}

/**
 * Has what is in memory about records before a place, and about final blocks before the states that are offered, found
 * on flash from then on: neither grows with the time that a gateway runs.
 */
export function keepingFull({
  archive,
  chain,
  writer: { points },
}: Pick<LedgerStore, "archive" | "chain" | "writer">): (place: RecordPlace) => Promise<void> {
  return async (place) => {
    await archive.keepFull(partsOf(place).segment);
    const first = points.oldest?.checkpoint;
    // Where nobody votes a branch may begin at any block, and none of them is final.
    const isFinal = first !== undefined && first.serial <= chain.final.serial;
    if (!isFinal || first.serial <= chain.base.serial) return;
    // What the card has let rot is had from others first.
    if (first.hasState && first.block !== undefined) chain.beginWith(first);
  };
}
