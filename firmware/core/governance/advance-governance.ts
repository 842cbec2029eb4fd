/** What the governors have decided, taken further by a block. Everything here was checked before. */
import type { FinalityRules, FinalityState } from "#core/finality/finality-state.ts";
import { withCommittee } from "#core/finality/finality-state.ts";
import type { Governance } from "./governance.ts";

/**
 * The finality of a chain behind a block whose facts and certificates are in it.
 *
 * What PARAMS say comes into force where a handoff begins its epoch: by then the boundary below it is final in this
 * chain. A committee that a RECONFIG of this block names begins behind it; that brings no PARAMS into force, because
 * nothing new is final by it.
 *
 * @param epochBefore of the block's parent
 */
export function afterGovernors(
  finality: FinalityState,
  rules: FinalityRules,
  { serial, epochBefore }: { readonly serial: number; readonly epochBefore: number },
): FinalityState {
  const { governance } = finality;
  if (governance === undefined) return finality;
  const named = governance.reconfigs.at(-1);
  if (named?.serial === serial) {
    const { epoch, committee } = named;
    return {
      ...finality,
      ...{ epoch, committees: withCommittee(finality.committees, committee), next: undefined },
      boundary: boundaryBehind(serial, rules),
    };
  }
  if (finality.epoch === epochBefore) return finality;
  const isDue = governance.pending.some(({ activeFromEpoch }) => activeFromEpoch <= finality.epoch);
  return isDue ? { ...finality, governance: inForce(governance, finality.epoch) } : finality;
}

/** The checkpoint that names the next committee, when an epoch begins behind a block: at least an epoch above it. */
export function boundaryBehind(serial: number, { checkpointBlocks, epochCheckpoints }: FinalityRules): number {
  const least = serial + epochCheckpoints * checkpointBlocks;
  return Math.ceil(least / checkpointBlocks) * checkpointBlocks;
}

function inForce(governance: Governance, epoch: number): Governance {
  let { changes, codeVersion } = governance;
  for (const params of governance.pending) {
    if (params.activeFromEpoch > epoch) break;
    changes = { ...changes, ...params.changes };
    codeVersion = params.codeVersion ?? codeVersion;
  }
  return {
    ...governance,
    ...{ changes, codeVersion },
    pending: governance.pending.filter(({ activeFromEpoch }) => activeFromEpoch > epoch),
  };
}
