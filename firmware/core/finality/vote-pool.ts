/**
 * Votes that were heard and whose signatures were verified: what certificates are made of, and double votes found in.
 */
import { toHex } from "#base/bytes.ts";
import { COMMITTEE_SEATS_MAX } from "#core/limits.ts";
import { equalCheckpoints } from "./checkpoint.ts";
import { contradict } from "./contradiction.ts";
import type { Link } from "./vote-rule.ts";
import type { Vote } from "./vote.ts";

/** Votes kept of one member, those with the highest targets: whoever casts more only pushes out its own. */
export const VOTES_PER_MEMBER_MAX = 8;
/** Members of the committees of two branches, at a handoff in both. */
export const POOL_MEMBERS_MAX = 4 * COMMITTEE_SEATS_MAX;

/** `refused`: there is no room for one more member, or the member has newer ones enough. */
export type VotePoolChange = "new" | "known" | "refused" | { readonly contradicts: Vote };

export class VotePool {
  /** By did in hex; each list in the order of the targets, highest first. */
  readonly #byMember = new Map<string, readonly Vote[]>();

  /** Takes a vote of somebody who has a seat. A contradicting one is kept, too: it may make a quorum as well. */
  add(vote: Vote): VotePoolChange {
    const member = toHex(vote.body.member);
    const held = this.#byMember.get(member) ?? [];
    if (held.some(({ key }) => key === vote.key)) return "known";
    if (held.length === 0 && this.#byMember.size >= POOL_MEMBERS_MAX) return "refused";
    const contradicts = held.find(({ body }) => contradict(body, vote.body));
    const kept = [...held, vote].sort(byTarget).slice(0, VOTES_PER_MEMBER_MAX);
    this.#byMember.set(member, kept);
    if (contradicts !== undefined) return { contradicts };
    return kept.includes(vote) ? "new" : "refused";
  }

  /** All votes for a link in an epoch. */
  votesFor({ source, target }: Link, epoch: number): readonly Vote[] {
    return this.votes().filter(
      ({ body }) =>
        body.epoch === epoch && equalCheckpoints(body.source, source) && equalCheckpoints(body.target, target),
    );
  }

  /** Of each member the vote with the highest target, and of several such the one that came first. */
  newest(): readonly Vote[] {
    return [...this.#byMember.values()].flatMap(([first]) => first ?? []);
  }

  votes(): readonly Vote[] {
    return [...this.#byMember.values()].flat();
  }

  /** Drops votes whose targets are below: nothing can come of them any more. */
  forget(belowTargetSerial: number): void {
    for (const [member, held] of this.#byMember) {
      const kept = held.filter(({ body }) => body.target.serial >= belowTargetSerial);
      if (kept.length === 0) this.#byMember.delete(member);
      else this.#byMember.set(member, kept);
    }
  }
}

function byTarget(left: Vote, right: Vote): number {
  return right.body.target.serial - left.body.target.serial;
}
