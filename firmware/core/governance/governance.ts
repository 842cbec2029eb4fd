/**
 * What the governors of a region have decided, as one chain says it: the rules in force and to come, and the committees
 * that they have named. A part of what the chain says of its finality, since both change with its epochs.
 */
import { SEATS_MAX } from "#core/limits.ts";
import type { Checkpoint } from "#core/finality/checkpoint.ts";
import type { Committees, FinalityState } from "#core/finality/finality-state.ts";
import type { LedgerRules, RuleChanges } from "#core/ledger/rules.ts";

/** The newest version of the code that this software seals and judges blocks by; the first of every region is 1. */
export const CODE_VERSION = 1;
/** PARAMS that have not come into force yet. */
export const PENDING_PARAMS_MAX = 8;
/** Ids of the newest PARAMS, by which one that comes again is told from one that contradicts it. */
export const PARAMS_IDS_MAX = 64;
/** An older one is of no committee that can still be asked for. */
export const RECONFIGS_KEPT = 2;
/** Two committees twice. */
export const SET_ASIDE_MAX = 2 * SEATS_MAX;

/** A PARAMS that stands and is not in force yet. */
export interface PendingParams {
  readonly id: Uint8Array;
  readonly activeFromEpoch: number;
  readonly changes: RuleChanges;
  readonly codeVersion: number | undefined;
}

/** Whom governors have left out of a committee: no seat of a later one is theirs before they have shown to be there. */
export interface SetAside {
  /** In hex. */
  readonly did: string;
  /** Of the block with the RECONFIG: a block of theirs in a later one shows it. */
  readonly slot: number;
}

/** A committee that governors have named. */
export interface Reconfigured {
  /** Of the RECONFIG. */
  readonly id: Uint8Array;
  /** On which it stands. */
  readonly checkpoint: Checkpoint;
  /** Of the block that holds it. */
  readonly serial: number;
  /** Begins behind that block. */
  readonly epoch: number;
  /** Dids in hex, in the order of the seats. */
  readonly committee: readonly string[];
  /** Who votes beside it: those of the committee before who are in it, or where there are none it itself. */
  readonly rear: readonly string[];
  /** And those of the rear committee before who are in it: a chain may not have recorded the handoff from it. */
  readonly former: readonly string[];
}

export interface Governance {
  /** Of the last PARAMS that stands; 0 without one. */
  readonly number: number;
  /** Of the newest PARAMS, the last one last. */
  readonly paramsIds: readonly Uint8Array[];
  /** By which the rules in force differ from those of the genesis. */
  readonly changes: RuleChanges;
  readonly codeVersion: number;
  /** In the order of their numbers, and so of their epochs. */
  readonly pending: readonly PendingParams[];
  /** The newest, the last one last. */
  readonly reconfigs: readonly Reconfigured[];
  /** The newest, the last one last. */
  readonly setAside: readonly SetAside[];
}

/** Of a region whose governors have not decided anything. */
export const NO_DECISIONS: Governance = {
  number: 0,
  paramsIds: [],
  changes: {},
  codeVersion: 1,
  pending: [],
  reconfigs: [],
  setAside: [],
};

/** The rules by which the next block is sealed and judged. */
export function rulesInForce(ofGenesis: LedgerRules, governance: Governance | undefined): LedgerRules {
  return governance === undefined || Object.keys(governance.changes).length === 0
    ? ofGenesis
    : { ...ofGenesis, ...governance.changes };
}

/** The version of the code that the next block is sealed and judged by. */
export function codeVersionIn({ governance }: Pick<FinalityState, "governance">): number {
  return governance?.codeVersion ?? 1;
}

/** Who votes beside the committee of an epoch that governors have begun: who is left of those before. */
export function votersBeside(
  { forward, rear }: Committees,
  committee: readonly string[],
): Pick<Reconfigured, "rear" | "former"> {
  const leftOf = (before: readonly string[]): readonly string[] => committee.filter((did) => before.includes(did));
  const survivors = leftOf(forward);
  return { rear: survivors.length > 0 ? survivors : committee, former: leftOf(rear) };
}

/** Whether governors have taken a member for gone, and it has sealed nothing since. */
export function isSetAside(governance: Governance | undefined, did: string, lastSlot: number): boolean {
  return governance?.setAside.some((each) => each.did === did && lastSlot <= each.slot) === true;
}

/** The same for who knows the committees before and no chain. */
export function committeesNamed(before: Committees, committee: readonly string[]): Committees {
  const { rear, former } = votersBeside(before, committee);
  return { forward: committee, rear, ...(former.length > 0 && { former }) };
}
