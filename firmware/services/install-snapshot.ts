/**
 * From a state that was fetched and proven to a ledger that goes on from it. It is durable first, in one step: a power
 * cut leaves what was there before, or all of it.
 */
import { concatBytes, fromHex } from "#base/bytes.ts";
import { blockRecordOf, factRecord } from "#core/ledger/journal-record.ts";
import type { RecordPlace } from "#core/ledger/record-archive.ts";
import { encodeFinality, encodeMark } from "#core/ledger/snapshot-frame.ts";
import { framesOf, handoffFrames, idFrames, recordFrames } from "#core/ledger/snapshot-frames.ts";
import type { FetchedSnapshot } from "#core/ledger/snapshot-fetch.ts";
import type { SnapshotWriter } from "#core/ledger/snapshot-writer.ts";
import { headOf } from "#core/ledger/state-head.ts";
import type { TrustedCommittee } from "#core/ledger/trusted-committee.ts";
import type { LedgerService } from "./ledger-service.ts";
import type { SnapshotKeeper } from "./snapshot-keeper.ts";

export interface InstallParts {
  readonly ledger: LedgerService;
  readonly keeper: SnapshotKeeper;
  readonly writer: SnapshotWriter;
  /** Behind the last durable record of the journal. */
  readonly log: { readonly end: RecordPlace };
}

/** What frames, marks and keys add at most to what is in them, as a share. */
const OVERHEAD = 1.2;

/** Rejects when it cannot be stored; then nothing has changed. */
export async function installSnapshot(
  { ledger, keeper, writer, log }: InstallParts,
  fetched: FetchedSnapshot,
  trust: Pick<TrustedCommittee, "epoch">,
): Promise<void> {
  const { chain } = ledger;
  const { before, after, block, ids, facts } = fetched;
  const handoffs = [...chain.handoffs.from(0).slice(0, trust.epoch), ...fetched.handoffs];
  const records = [...[...facts, ...block.facts].map(factRecord), blockRecordOf(block)];
  const place = log.end;
  const mark = encodeMark({
    ...{ version: 1, genesisId: chain.genesis.id, head: headOf(before), finality: encodeFinality(before.finality) },
    ...{ uncounted: before.uncounted.entries(), checkpoint: { serial: block.header.serial, id: block.id } },
    // Branches are compared from here on only.
    ...{ score: 0, later: NOTHING, certificates: [], place },
    waiting: concatBytes(...ledger.unfinal.map(({ key }) => fromHex(key) ?? NOTHING)),
  });
  const last = [...idFrames(0, ids.size, (from, to) => [ids.slice(from, to)]), ...handoffFrames(0, handoffs), mark];
  const first = recordFrames(records);
  const bytes = fetched.bytes + [...first, ...last].reduce((sum, { length }) => sum + length, 0);
  let restarted: Promise<void> | undefined;
  const use = (): void => {
    restarted = ledger.restart({ block, state: after, score: 0, ids }, { handoffs, facts });
    writer.adopt(before);
  };
  const start = { serial: block.header.serial, state: before, place };
  const frames = framesOf(undefined, before, last, first);
  await keeper.install({ frames, bytes: Math.ceil(bytes * OVERHEAD) }, start, use);
  await restarted;
}

const NOTHING = new Uint8Array();
