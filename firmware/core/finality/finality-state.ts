/**
 * What one chain says about finality: which of its checkpoints are justified and final by the certificates in its
 * blocks, and who votes. A part of the ledger's state, so a function of the blocks and nothing else.
 */
import type { Governance } from "#core/governance/governance.ts";
import { COMMITTEE_SEATS_MAX } from "#core/limits.ts";
import { equalCheckpoints, type Checkpoint } from "./checkpoint.ts";

/** Older checkpoints that never became final are not looked up any more: votes for them are of no use. */
export const CHECKPOINTS_KEPT_MAX = 4096;
/** An epoch that voters of a kept checkpoint can belong to: the present one, the one before, and its rear committee. */
const COMMITTEES_KEPT = 3;

/** Two committees vote where one hands over to the next. */
export const SEATS_MAX = 2 * COMMITTEE_SEATS_MAX;

/** The rules of the genesis that the course of finality follows. */
export interface FinalityRules {
  /** C: every so many blocks there is a checkpoint. */
  readonly checkpointBlocks: number;
  /** E: a committee votes for at least so many checkpoints before the next one is chosen. */
  readonly epochCheckpoints: number;
}

export interface EpochCheckpoint extends Checkpoint {
  /** The epoch of the chain before this block: whose committees vote for it. */
  readonly epoch: number;
}

/**
 * Two committees, by dids in hex in seat order, vote for the checkpoints of an epoch; a link needs a quorum of each.
 */
export interface Committees {
  readonly forward: readonly string[];
  /** The committee of the epoch before; in epoch 0 the same one, and where governors have begun it who is left. */
  readonly rear: readonly string[];
  /** Where governors have begun the epoch: who is left of the rear committee of the one before, if anybody. */
  readonly former?: readonly string[] | undefined;
}

export interface FinalityState {
  /** From `final` on, in the order of their serials; the last is the highest. */
  readonly justified: readonly Checkpoint[];
  /** The highest that is final by what is in this chain; the genesis at first. */
  readonly final: Checkpoint;
  /** All of this chain from `final` on, the newest `CHECKPOINTS_KEPT_MAX` of them, in the order of their serials. */
  readonly checkpoints: readonly EpochCheckpoint[];
  readonly epoch: number;
  /** The newest is last: that of `epoch`. Before it those of the epochs before, as far as they can still be needed. */
  readonly committees: readonly (readonly string[])[];
  /** Serial of the checkpoint whose state names the next committee. */
  readonly boundary: number;
  /** The next committee, which waits for the boundary to be final; there from the boundary on. */
  readonly next: readonly string[] | undefined;
  /** What the region's governors have decided; absent where the genesis names none. */
  readonly governance?: Governance | undefined;
}

/** @param committee the one of epoch 0; when it is empty nothing ever becomes final. */
export function finalityOfGenesis(
  rules: FinalityRules,
  genesisId: Uint8Array,
  committee: readonly string[],
): FinalityState {
  const genesis = { serial: 0, id: genesisId };
  return {
    justified: [genesis],
    final: genesis,
    checkpoints: [{ ...genesis, epoch: 0 }],
    epoch: 0,
    committees: [committee],
    boundary: rules.epochCheckpoints * rules.checkpointBlocks,
    next: undefined,
  };
}

/** The committees that vote for checkpoints of an epoch; undefined for one that is over or to come. */
export function committeesOf(finality: FinalityState, epoch: number): Committees | undefined {
  const place = finality.committees.length - 1 - (finality.epoch - epoch);
  const forward = finality.committees[place];
  if (forward === undefined) return undefined;
  const named = finality.governance?.reconfigs.find((each) => each.epoch === epoch);
  const rear = named?.rear ?? (epoch === 0 ? forward : finality.committees[place - 1]);
  const former = named?.former ?? [];
  return rear && { forward, rear, ...(former.length > 0 && { former }) };
}

/** Those that each need a quorum of their own. */
export function committeesIn({ forward, rear, former }: Committees): readonly (readonly string[])[] {
  return former === undefined ? [forward, rear] : [forward, rear, former];
}

/** Everybody who votes in an epoch: the forward committee, then who is in the rear one only. Seats have this order. */
export function seatsOf({ forward, rear }: Committees): readonly string[] {
  return [...forward, ...rear.filter((did) => !forward.includes(did))];
}

/** Votes that a committee of so many needs; two quorums share more than a third of it. One without members has none. */
export function quorum(members: number): number {
  return Math.floor((2 * members) / 3) + 1;
}

/** How many of a committee may lie or fail without harm. */
export function faultsBorne(members: number): number {
  return Math.max(0, Math.floor((members - 1) / 3));
}

export function highestJustified(finality: FinalityState): Checkpoint {
  return finality.justified.at(-1) ?? finality.final;
}

/** The checkpoint as this chain has it; undefined when it has another one there, or has forgotten it. */
export function findCheckpoint(finality: FinalityState, wanted: Checkpoint): EpochCheckpoint | undefined {
  return finality.checkpoints.find((each) => equalCheckpoints(each, wanted));
}

export function isJustified(finality: FinalityState, wanted: Checkpoint): boolean {
  return finality.justified.some((each) => equalCheckpoints(each, wanted));
}

/** The committees with the one of a new epoch, and no more of them than can still be needed. */
export function withCommittee(
  committees: readonly (readonly string[])[],
  next: readonly string[],
): readonly (readonly string[])[] {
  return [...committees, next].slice(-COMMITTEES_KEPT);
}
