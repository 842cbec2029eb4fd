/** How a chain's finality moves with each block. Everything here was checked before. */
import { assert } from "#base/assert.ts";
import { boundaryBehind } from "#core/governance/advance-governance.ts";
import { CERTIFICATES_PER_BLOCK_MAX } from "#core/limits.ts";
import { isCheckpoint, type Checkpoint } from "./checkpoint.ts";
import {
  CHECKPOINTS_KEPT_MAX,
  isJustified,
  withCommittee,
  type FinalityRules,
  type FinalityState,
} from "./finality-state.ts";
import { placeObjection, saysNew, type QuorumCertificate, type QuorumCertificateBody } from "./quorum-certificate.ts";

export interface FinalityBlock extends Checkpoint {
  readonly certificates: readonly Linked[];
  /** The committee chosen from the state after its facts: there exactly in the boundary checkpoint. */
  readonly chosen?: readonly string[] | undefined;
}

/** A certificate, as far as the course of finality looks at it. */
export interface Linked {
  readonly body: Pick<QuorumCertificateBody, "source" | "target">;
}

/** Whether the block of that serial, the next one of this chain, has to name the next committee. */
export function isBoundary(finality: FinalityState, serial: number): boolean {
  return finality.boundary === serial;
}

/** The finality of the chain that ends in the block. */
export function afterBlock(finality: FinalityState, rules: FinalityRules, block: FinalityBlock): FinalityState {
  const { serial, id, certificates, chosen } = block;
  assert(
    (chosen !== undefined) === isBoundary(finality, serial),
    "a committee is chosen at the boundary and only there",
  );
  const vouched = certificates.reduce((so, certificate) => afterCertificate(so, rules, certificate), finality);
  const reached = isCheckpoint(rules.checkpointBlocks, serial)
    ? { ...vouched, checkpoints: newest([...vouched.checkpoints, { serial, id, epoch: finality.epoch }]) }
    : vouched;
  const named = chosen === undefined ? reached : { ...reached, next: chosen };
  return handedOver(named, rules, serial);
}

/** Justifies its target and, when it goes to the very next checkpoint, makes its source final. */
export function afterCertificate(
  finality: FinalityState,
  { checkpointBlocks }: FinalityRules,
  { body: { source, target } }: Linked,
): FinalityState {
  const justified = isJustified(finality, target)
    ? finality.justified
    : [...finality.justified, target].sort((left, right) => left.serial - right.serial);
  const isFinal = source.serial + checkpointBlocks === target.serial && source.serial > finality.final.serial;
  const final = isFinal ? source : finality.final;
  const isKept = ({ serial }: Checkpoint): boolean => serial >= final.serial;
  return {
    ...finality,
    final,
    justified: newest(justified.filter(isKept)),
    checkpoints: isFinal ? finality.checkpoints.filter(isKept) : finality.checkpoints,
  };
}

/**
 * What a sealer puts into its block of the certificates that it holds, in the order in which they are to stand: lowest
 * target first, since each source must be justified before, and of two for one target the one that may make its source
 * final.
 */
export function selectCertificates(
  finality: FinalityState,
  rules: FinalityRules,
  held: readonly QuorumCertificate[],
): readonly QuorumCertificate[] {
  const waiting = [...held].sort(
    ({ body: left }, { body: right }) =>
      left.target.serial - right.target.serial || right.source.serial - left.source.serial,
  );
  const selected: QuorumCertificate[] = [];
  let reached = finality;
  for (const certificate of waiting) {
    const { body } = certificate;
    if (selected.length === CERTIFICATES_PER_BLOCK_MAX) break;
    if (placeObjection(finality, body) !== undefined) continue;
    if (!isJustified(reached, body.source) || !saysNew(reached, rules, body)) continue;
    selected.push(certificate);
    reached = afterCertificate(reached, rules, certificate);
  }
  return selected;
}

/** A new epoch begins behind the block with which the boundary has become final in this chain. */
function handedOver(finality: FinalityState, rules: FinalityRules, serial: number): FinalityState {
  const { next, committees, epoch } = finality;
  if (next === undefined || finality.final.serial < finality.boundary) return finality;
  return {
    ...finality,
    epoch: epoch + 1,
    // Nobody to hand over to: without a committee nothing would ever be final again.
    committees: withCommittee(committees, next.length === 0 ? (committees.at(-1) ?? []) : next),
    boundary: boundaryBehind(serial, rules),
    next: undefined,
  };
}

function newest<Each>(checkpoints: readonly Each[]): readonly Each[] {
  return checkpoints.length > CHECKPOINTS_KEPT_MAX ? checkpoints.slice(-CHECKPOINTS_KEPT_MAX) : checkpoints;
}
