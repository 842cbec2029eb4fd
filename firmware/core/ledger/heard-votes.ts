/**
 * Votes and certificates that were heard and stand in no block (yet): whether they hold on the branch of their target,
 * and what certificates the votes give together.
 */
import { toHex } from "#base/bytes.ts";
import { fail, ok, type Result } from "#base/result.ts";
import { committeesOf, seatsOf, type FinalityState } from "#core/finality/finality-state.ts";
import {
  checkLink,
  makeCertificate,
  placeObjection,
  type QuorumCertificate,
  type QuorumFault,
} from "#core/finality/quorum-certificate.ts";
import { isSignedBy, type Vote, type VoteBody } from "#core/finality/vote.ts";
import { VotePool, type VotePoolChange } from "#core/finality/vote-pool.ts";
import { quorumContextOf } from "./apply-certificates.ts";
import type { LedgerContext } from "./apply-block.ts";
import type { Link } from "./link.ts";
import type { LedgerState } from "./state.ts";

/** Certificates that wait for a block to which they lead. */
const WAITING_CERTIFICATES_MAX = 64;

export type HeardFault =
  | QuorumFault
  /** In this region nobody votes. */
  | { readonly code: "VOTE_WITHOUT_FINALITY" }
  /** Its target is not here; it may come. */
  | { readonly code: "VOTE_UNKNOWN_TARGET"; readonly serial: number }
  /** Something as high is final, or nobody looks at that branch any more. */
  | { readonly code: "VOTE_TOO_OLD"; readonly serial: number; readonly final: number }
  /** Whoever signed it has no seat in the committees of its epoch. */
  | { readonly code: "VOTE_WITHOUT_SEAT"; readonly member: string }
  | { readonly code: "VOTE_BAD_SIGNATURE"; readonly member: string };

/** The tree that the votes are about. */
export interface VotedTree {
  readonly final: Link;
  readonly head: Link;
  link(key: string): Link | undefined;
  isOfHead(link: Link): boolean;
}

export interface HeardVote {
  readonly pool: VotePoolChange;
  /** With this vote there is a quorum. */
  readonly certificate: QuorumCertificate | undefined;
}

export class HeardVotes {
  readonly pool = new VotePool();
  readonly #tree: VotedTree;
  readonly #context: LedgerContext;
  readonly #waiting = new Map<string, QuorumCertificate>();
  #forgottenBelow = 0;

  constructor(tree: VotedTree, context: LedgerContext) {
    this.#tree = tree;
    this.#context = context;
  }

  /** Takes a vote of anybody's making. */
  addVote(vote: Vote): Result<HeardVote, HeardFault> {
    const { epoch } = vote.body;
    const finality = this.#finalityAt(vote.body);
    if (!finality.ok) return finality;
    const objection = placeObjection(finality.value, vote.body);
    if (objection !== undefined) return fail(objection);
    const committees = committeesOf(finality.value, epoch);
    const member = toHex(vote.body.member);
    if (committees === undefined || !seatsOf(committees).includes(member)) {
      return fail({ code: "VOTE_WITHOUT_SEAT", member });
    }
    const { crypto, keysOf } = quorumContextOf(this.#state, this.#context);
    if (!isSignedBy(crypto, vote, keysOf(member))) return fail({ code: "VOTE_BAD_SIGNATURE", member });
    const pool = this.pool.add(vote);
    if (pool === "known" || pool === "refused") return ok({ pool, certificate: undefined });
    const certificate = makeCertificate(finality.value, this.pool.votesFor(vote.body, epoch));
    return ok({ pool, certificate });
  }

  /** Whether the certificate holds. One whose target is not here yet is kept until it comes. */
  check(certificate: QuorumCertificate): Result<void, HeardFault> {
    const finality = this.#finalityAt(certificate.body);
    if (finality.ok) return checkLink(quorumContextOf(this.#state, this.#context), finality.value, certificate);
    if (finality.fault.code === "VOTE_UNKNOWN_TARGET") this.#keep(certificate);
    return finality;
  }

  /** Those that have waited for the block and hold on its branch. */
  takeWaitingFor(link: Link): readonly QuorumCertificate[] {
    const meant = [...this.#waiting].filter(([, { body }]) => toHex(body.target.id) === link.key);
    for (const [key] of meant) this.#waiting.delete(key);
    return meant.map(([, certificate]) => certificate).filter((certificate) => this.check(certificate).ok);
  }

  /**
   * Votes for what is below the final one are of no use any more, nor is a certificate that waits for a block of its
   * height or below: what is not here of those stands beside it.
   */
  forget(finalSerial: number): void {
    if (finalSerial <= this.#forgottenBelow) return;
    this.#forgottenBelow = finalSerial;
    this.pool.forget(finalSerial);
    for (const [key, { body }] of this.#waiting) if (body.target.serial <= finalSerial) this.#waiting.delete(key);
  }

  /** Which keys speak for a member: what all branches agree on in the end stands in the head's. */
  get #state(): LedgerState {
    return this.#tree.head.state;
  }

  /** What a branch with the target says of its checkpoints and committees. */
  #finalityAt({ target, epoch }: Pick<VoteBody, "target" | "epoch">): Result<FinalityState, HeardFault> {
    const { final, head } = this.#tree;
    if (head.state.rules.finality === "off") return fail({ code: "VOTE_WITHOUT_FINALITY" });
    const { serial } = target;
    if (serial <= final.serial) return fail({ code: "VOTE_TOO_OLD", serial, final: final.serial });
    const link = this.#tree.link(toHex(target.id));
    if (link === undefined) return fail({ code: "VOTE_UNKNOWN_TARGET", serial });
    const { finality } = head.state;
    // Behind a RECONFIG the head may have forgotten who votes for the target, which the target's own state says.
    const isForgotten = committeesOf(finality, epoch) === undefined && link.hasState;
    if (this.#tree.isOfHead(link) && !isForgotten) return ok(finality);
    // The state of an old block of another branch would have to be computed again, for whoever names it.
    return link.hasState ? ok(link.state.finality) : fail({ code: "VOTE_TOO_OLD", serial, final: final.serial });
  }

  #keep(certificate: QuorumCertificate): void {
    this.#waiting.set(toHex(this.#context.crypto.sha256(certificate.bytes)), certificate);
    const [oldest] = this.#waiting.keys();
    if (this.#waiting.size > WAITING_CERTIFICATES_MAX && oldest !== undefined) this.#waiting.delete(oldest);
  }
}
