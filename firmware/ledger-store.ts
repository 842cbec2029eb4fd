/** The ledger's part of the flash, opened: what is needed for it, and what comes of it. */
import type {
  ArchivedLog,
  Finding,
  FlashArchive,
  KeptStore,
  SegmentLog,
  SnapshotFiles,
} from "#adapters/flash-store/index.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import type { Chain } from "#core/ledger/chain.ts";
import type { FactContext } from "#core/ledger/fact.ts";
import type { Genesis } from "#core/ledger/genesis.ts";
import { recordKeys } from "#core/ledger/record-keys.ts";
import type { SafetyRegister } from "#core/ledger/record-log.ts";
import type { LeftRecords } from "#core/ledger/resumed-journal.ts";
import type { SnapshotStart, SnapshotWriter } from "#core/ledger/snapshot-writer.ts";
import type { Randomness } from "#hal/ports/randomness.ts";
import { GatewayError } from "./gateway-error.ts";

export interface LedgerStoreParts {
  readonly crypto: Cryptography;
  readonly genesis: Genesis;
  readonly randomness: Randomness;
  readonly segmentBytes?: number;
  /** Blocks from one snapshot to the next, where it is not the usual number. */
  readonly snapshotBlocks?: number;
}

export interface LedgerStore {
  readonly log: SegmentLog;
  readonly journal: ArchivedLog;
  readonly archive: FlashArchive;
  /** What outlives dropped records. */
  readonly kept: KeptStore;
  readonly snapshots: SnapshotFiles;
  readonly writer: SnapshotWriter;
  readonly register: SafetyRegister & { close(): Promise<void> };
  /** Undefined when the register surely holds the last value that was acknowledged. */
  readonly doubt: string | undefined;
  readonly chain: Chain;
  /** Serial of the block with which it began: 0 when the whole journal was read. */
  readonly startedFrom: number;
  /** With what the next start could begin again, if that is where snapshots go on. */
  readonly startedWith: SnapshotStart | undefined;
  /** Durable bytes that have changed, as far as they were read: what stood there has to be had from others. */
  readonly damages: readonly Finding[];
  /** Why the log could not be read in its order although no byte of it has changed; a code. */
  readonly disorder?: string | undefined;
  /** What of it is whole and builds on what has rotted. */
  readonly left: LeftRecords;
}

/** The log, and the chain that it tells. */
export type OpenedLog = Pick<
  LedgerStore,
  "log" | "archive" | "chain" | "writer" | "startedFrom" | "startedWith" | "damages" | "disorder" | "left"
> & {
  readonly hasRecords: boolean;
};

/** Where the whole journal was read. */
export const FROM_GENESIS = { startedFrom: 0, startedWith: undefined } as const;

export function ofAnotherRegion(): GatewayError {
  return new GatewayError("GENESIS_OF_ANOTHER_REGION", "the flash folder holds the chain of another region");
}

export function optionsOf({
  randomness,
  segmentBytes,
}: LedgerStoreParts): Pick<LedgerStoreParts, "randomness" | "segmentBytes"> {
  return { randomness, ...(segmentBytes === undefined ? {} : { segmentBytes }) };
}

export function keysIn(parts: LedgerStoreParts): (record: Uint8Array) => readonly string[] {
  return (record) => recordKeys(contextOf(parts), record);
}

export function contextOf({ crypto, genesis }: LedgerStoreParts): FactContext {
  return { crypto, network: genesis.network };
}
