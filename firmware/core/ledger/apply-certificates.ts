/**
 * What the certificates in a block do to the chain, and what its header must say of them. They come after the facts and
 * results: what they make final counts for the histories, and by these the next committee is chosen.
 */
import { fail, ok, type Result } from "#base/result.ts";
import { afterCertificate, isBoundary, selectCertificates } from "#core/finality/advance.ts";
import { checkpoint } from "#core/finality/checkpoint.ts";
import { chooseCommittee, committeeHash } from "#core/finality/committee.ts";
import { highestJustified } from "#core/finality/finality-state.ts";
import {
  checkCertificate,
  type QuorumCertificate,
  type QuorumContext,
  type QuorumFault,
} from "#core/finality/quorum-certificate.ts";
import { encodeCbor } from "#core/wire/cbor.ts";
import type { LedgerContext } from "./apply-block.ts";
import type { HeaderBody } from "./block.ts";
import { keysHeard } from "./membership.ts";
import { merkleRoot, type Hash } from "./merkle-tree.ts";
import { countFinal } from "./reputation.ts";
import type { LedgerState } from "./state.ts";

export interface BadCertificate {
  readonly code: "BLOCK_BAD_CERTIFICATE";
  readonly place: number;
  readonly fault:
    | QuorumFault
    | { readonly code: "QUORUM_NO_VOTES" }
    /** Other voters are named for what is final now: a block that does that moves nothing of it. */
    | { readonly code: "QUORUM_BESIDE_RECONFIG" };
}

/** Fields of the header that are there or not by the rules of the region; undefined for one that must be absent. */
export interface FinalityFields {
  readonly justify: HeaderBody["justify"];
  readonly nextCommittee: HeaderBody["nextCommittee"];
  readonly linksRoot: HeaderBody["linksRoot"];
}

export interface AppliedCertificates {
  readonly fields: FinalityFields;
  /** The next committee, in the block that has to name it. */
  readonly chosen: readonly string[] | undefined;
}

/**
 * Judges the certificates of a block, in the order in which they stand there.
 *
 * @param parent the state before the block
 * @param state the layer with its facts and results, into which is written what has come to count
 */
export function applyCertificates(
  parent: LedgerState,
  state: LedgerState,
  certificates: readonly QuorumCertificate[],
  context: Pick<LedgerContext, "crypto" | "network">,
): Result<AppliedCertificates, BadCertificate> {
  const { rules } = parent;
  if (rules.finality === "off") {
    const isEmpty = certificates.length === 0;
    return isEmpty
      ? ok(NO_VOTES)
      : fail({ code: "BLOCK_BAD_CERTIFICATE", place: 0, fault: { code: "QUORUM_NO_VOTES" } });
  }
  if (certificates.length > 0 && state.finality.governance?.reconfigs.at(-1)?.serial === parent.serial + 1) {
    return fail({ code: "BLOCK_BAD_CERTIFICATE", place: 0, fault: { code: "QUORUM_BESIDE_RECONFIG" } });
  }
  const checking = { ...quorumContextOf(parent, context), checkpointBlocks: rules.checkpointBlocks };
  let { finality } = parent;
  for (const [place, certificate] of certificates.entries()) {
    const checked = checkCertificate(checking, finality, certificate);
    if (!checked.ok) return fail({ code: "BLOCK_BAD_CERTIFICATE", place, fault: checked.fault });
    finality = afterCertificate(finality, rules, certificate);
  }
  if (finality.final.serial > parent.finality.final.serial) countFinal(state, finality.final.serial);
  const hash: Hash = (message) => context.crypto.sha256(message);
  // The state has the id and the time of the block before still: what a block names cannot depend on its own id.
  const chosen = isBoundary(parent.finality, parent.serial + 1) ? chooseCommittee(hash, state) : undefined;
  return ok({
    chosen,
    fields: {
      justify: highestJustified(finality),
      nextCommittee: chosen && committeeHash(hash, chosen),
      linksRoot: certificates.length === 0 ? undefined : linksRootOf(hash, certificates),
    },
  });
}

const NO_VOTES: AppliedCertificates = {
  fields: { justify: undefined, nextCommittee: undefined, linksRoot: undefined },
  chosen: undefined,
};

/**
 * Of a sealer's certificates those that may stand in a block on the state; what was good elsewhere need not be here.
 */
export function standingCertificates(
  parent: LedgerState,
  held: readonly QuorumCertificate[],
  context: Pick<LedgerContext, "crypto" | "network">,
): readonly QuorumCertificate[] {
  const checking = { ...quorumContextOf(parent, context), checkpointBlocks: parent.rules.checkpointBlocks };
  const standing: QuorumCertificate[] = [];
  let { finality } = parent;
  for (const certificate of held) {
    if (!checkCertificate(checking, finality, certificate).ok) continue;
    standing.push(certificate);
    finality = afterCertificate(finality, parent.rules, certificate);
  }
  return standing;
}

/** Of all that are known those that a block on the state is to carry. */
export function certificatesOn(
  parent: LedgerState,
  known: { certificatesAbove(serial: number): readonly QuorumCertificate[] },
  context: Pick<LedgerContext, "crypto" | "network">,
): readonly QuorumCertificate[] {
  const { rules, finality } = parent;
  if (rules.finality === "off") return [];
  const held = known.certificatesAbove(finality.final.serial);
  return standingCertificates(parent, selectCertificates(finality, rules, held), context);
}

/** Root of what the certificates certify; who has signed it they show by themselves. */
export function linksRootOf(hash: Hash, certificates: readonly QuorumCertificate[]): Uint8Array {
  const links = certificates.map(({ body: { epoch, source, target } }) =>
    encodeCbor([epoch, checkpoint.write(source), checkpoint.write(target)]),
  );
  return merkleRoot(hash, links);
}

/** A vote speaks with the key in force, or with one that was replaced lately. */
export function quorumContextOf(
  state: LedgerState,
  { crypto, network }: Pick<LedgerContext, "crypto" | "network">,
): QuorumContext {
  const keysOf = (did: string): readonly Uint8Array[] => {
    const member = state.members.get(did);
    return member === undefined ? [] : keysHeard(member, state.sealedAt);
  };
  return { crypto, network, keysOf };
}
