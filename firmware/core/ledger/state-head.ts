/** What of the state is in no table, as bytes: where the chain stands, and what it says about finality. */
import { CHECKPOINTS_KEPT_MAX, type FinalityState } from "#core/finality/finality-state.ts";
import { checkpoint } from "#core/finality/checkpoint.ts";
import { HASH_BYTES } from "#core/identity/cryptography.ts";
import { COMMITTEE_SEATS_MAX } from "#core/limits.ts";
import { role } from "#core/session/facts.ts";
import {
  bytes,
  field,
  list,
  nullable,
  optional,
  record,
  signed,
  tuple,
  unsigned,
  type Shape,
} from "#core/wire/schema.ts";
import { did } from "./did-shape.ts";
import { governanceShape } from "./governance-form.ts";
import type { LedgerState } from "./state.ts";
import type { UncountedSession } from "./uncounted-sessions.ts";

export type StateHead = Pick<LedgerState, "serial" | "id" | "sealedAt" | "log" | "lastMiners">;

const hash = bytes(HASH_BYTES);
/** The peaks of a log are as many as its size has bits that are set. */
const PEAKS_MAX = 53;
const MINERS_MAX = 100;

export const stateHead: Shape<StateHead> = record({
  serial: field(1, unsigned),
  /** Of the block. */
  id: field(2, hash),
  sealedAt: field(3, unsigned),
  log: field(4, record({ size: field(1, unsigned), peaks: field(2, list(hash, PEAKS_MAX)) })),
  lastMiners: field(5, list(did, MINERS_MAX)),
});

/** Just these fields of a state. */
export function headOf({ serial, id, sealedAt, log, lastMiners }: LedgerState): StateHead {
  return { serial, id, sealedAt, log, lastMiners };
}

const epochCheckpoint = tuple(unsigned, hash, unsigned);
const committee = list(did, COMMITTEE_SEATS_MAX);
const written = record({
  justified: field(1, list(checkpoint, CHECKPOINTS_KEPT_MAX + 1)),
  final: field(2, checkpoint),
  checkpoints: field(3, list(epochCheckpoint, CHECKPOINTS_KEPT_MAX + 1)),
  epoch: field(4, unsigned),
  committees: field(5, list(committee, 8)),
  boundary: field(6, unsigned),
  next: field(7, nullable(committee)),
  governance: optional(8, governanceShape),
});

export const finalityShape: Shape<FinalityState> = {
  write: ({ checkpoints, next, governance, ...finality }) =>
    written.write({
      ...finality,
      checkpoints: checkpoints.map(({ serial, id, epoch }) => [serial, id, epoch] as const),
      next: next ?? null,
      ...(governance && { governance }),
    }),
  read: (item) => {
    const { checkpoints, next, ...finality } = written.read(item);
    return {
      ...finality,
      checkpoints: checkpoints.map(([serial, id, epoch]) => ({ serial, id, epoch })),
      next: next ?? undefined,
    };
  },
};

const bias = tuple(signed, signed, tuple(unsigned, unsigned));
const uncounted = record({
  serial: field(1, unsigned),
  station: field(2, did),
  vehicle: field(3, did),
  startedAt: field(4, unsigned),
  countsFor: field(5, list(role, 2)),
  /** Difference and expanded uncertainty in ppm, and the allowances of station and vehicle. */
  bias: field(6, nullable(bias)),
});

export const uncountedSession: Shape<UncountedSession> = {
  write: ({ bias: said, ...session }) => {
    const { differencePpm, expandedPpm, allowancePpm } = said ?? {};
    const isSaid = differencePpm !== undefined && expandedPpm !== undefined && allowancePpm !== undefined;
    const allowed = isSaid ? ([allowancePpm.station, allowancePpm.vehicle] as const) : undefined;
    return uncounted.write({ ...session, bias: isSaid && allowed ? [differencePpm, expandedPpm, allowed] : null });
  },
  read: (item) => {
    const { bias: said, ...session } = uncounted.read(item);
    if (said === null) return { ...session, bias: undefined };
    const [differencePpm, expandedPpm, [station, vehicle]] = said;
    return { ...session, bias: { differencePpm, expandedPpm, allowancePpm: { station, vehicle } } };
  },
};
