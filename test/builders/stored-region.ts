/** A chain and the flash of a gateway that takes its blocks one by one, as the ledger service does. */
import { keepingFull } from "../../firmware/assemble-snapshots.ts";
import { LedgerRetention } from "../../firmware/ledger-retention.ts";
import type { LedgerStore } from "../../firmware/ledger-store.ts";
import { openLedgerStore } from "../../firmware/open-ledger-store.ts";
import type { Block } from "#core/ledger/block.ts";
import type { Fact } from "#core/ledger/fact.ts";
import type { FlashCard } from "#hal/mock/flash.ts";
import { SeededRandomness } from "#hal/mock/seeded-random.ts";
import type { Flash } from "#hal/ports/flash.ts";
import type { EmitEvent } from "#services/events.ts";
import { LedgerJournal } from "#services/ledger-journal.ts";
import type { LedgerListener } from "#services/ledger-service.ts";
import { SnapshotKeeper } from "#services/snapshot-keeper.ts";
import { crypto } from "./ledger-actors.ts";
import { EASY_RULES, LedgerBuilder, STATION, VEHICLE } from "./ledger-builder.ts";

export const SNAPSHOT_BLOCKS = 24;
const SEGMENT_BYTES = 16 * 1024;
const DEPTH = 64;

/** Of so many blocks at least a chain has a snapshot. */
export const BLOCKS_TO_SNAPSHOT = SNAPSHOT_BLOCKS + DEPTH + 8;

/** Nobody votes; a charge every few blocks, some of them open for long, some in dispute, one that is taken back. */
export function longRegion(blocks: number): LedgerBuilder {
  const builder = new LedgerBuilder({ rules: { ...EASY_RULES, finality: "off" } });
  builder.chain.believesSignatures = true;
  builder.join(STATION, VEHICLE);
  builder.seal();
  extendRegion(builder, blocks - 1);
  return builder;
}

export function extendRegion(builder: LedgerBuilder, blocks: number): void {
  for (let count = 0; count < blocks; count += 1) {
    const { serial, sealedAt } = builder.state;
    if (serial % 5 === 1) {
      const salt = new Uint8Array(16).fill(serial % 251, 0, 8).fill(serial >> 8, 8);
      const charge = builder.charge(undefined, { salt, startedAt: sealedAt });
      const share = serial % 15 === 1 ? { vehicleShare: 0.5 } : {};
      const said = charge.whole({ milliWh: 5_000_000, ...share });
      builder.submit(...(serial % 20 === 6 ? said.slice(0, 4) : said));
    }
    builder.seal();
  }
}

export interface RunningStore {
  readonly store: LedgerStore;
  readonly flash: Flash;
  take(block: Block): Promise<void>;
  hear(fact: Fact): Promise<void>;
  /** Resolves when no snapshot is being written and nothing is being dropped. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

const refuseEvent: EmitEvent = (name, event) => {
  if (name !== "blocksDropped") throw new Error(`unexpected: ${name} ${JSON.stringify(event)}`);
};

export interface StoreChoice {
  /** Of whom others' charges are kept so long only; without it everything is. */
  readonly retention?: { readonly did: Uint8Array; readonly keepDays: number };
  readonly segmentBytes?: number;
  readonly emit?: EmitEvent;
}

export async function runStore(
  card: FlashCard,
  builder: LedgerBuilder,
  { retention, segmentBytes = SEGMENT_BYTES, emit = refuseEvent }: StoreChoice = {},
): Promise<RunningStore> {
  const flash = await card.open();
  const { genesis } = builder;
  const parts = { crypto, genesis, randomness: new SeededRandomness("salt"), segmentBytes };
  const store = await openLedgerStore({ ...parts, snapshotBlocks: SNAPSHOT_BLOCKS }, flash);
  const { chain, journal, writer, snapshots, log, startedWith } = store;
  chain.believesSignatures = true;
  const listeners: LedgerListener[] = [];
  const keeper = new SnapshotKeeper({
    ...{ writer, log, store: snapshots, startedWith, emit },
    retention:
      retention &&
      new LedgerRetention({
        ...{ ...store, flash, emit, genesis, did: retention.did },
        keepSeconds: retention.keepDays * 86_400,
      }),
    ledger: { listen: (listener) => void listeners.push(listener) },
    keepFull: keepingFull(store),
  });
  keeper.start();
  const written = new LedgerJournal({ chain, journal, stored: journal });
  return {
    store,
    flash,
    settled: () => keeper.settled,
    take: async (block) => {
      const added = chain.addBlock(block, undefined);
      if (!added.ok) throw new Error(`bug of the test: ${JSON.stringify(added.fault)}`);
      if (added.value.known) await written.storeAgain(block);
      else await written.storeBlock(block);
      for (const listener of listeners) listener.onHead(added.value);
    },
    hear: async (fact) => {
      chain.addFact(fact, chain.head.sealedAt);
      await written.storeFact(fact);
    },
    close: async () => {
      await keeper.stop();
      await snapshots.close();
      await log.close();
      await store.register.close();
      await flash.close();
    },
  };
}
