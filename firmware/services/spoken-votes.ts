/**
 * What each member was heard to vote for, alone or in a certificate, also on branches that nobody looks at any more:
 * two votes that contradict each other may meet long after the pool has let one of them go.
 */
import { toHex } from "#base/bytes.ts";
import { contradict } from "#core/finality/contradiction.ts";
import type { Vote } from "#core/finality/vote.ts";
import { POOL_MEMBERS_MAX } from "#core/finality/vote-pool.ts";

/** Of one member, the last that were heard: an honest one casts one each few blocks. */
export const SPOKEN_VOTES_MAX = 64;

export class SpokenVotes {
  /** By did in hex, then by the key of the vote; both with those that were heard last at the end. */
  readonly #byMember = new Map<string, Map<string, Vote>>();

  /** Remembers a vote that its member has signed. The one that it contradicts, if it is new here. */
  hear(vote: Vote): Vote | undefined {
    const member = toHex(vote.body.member);
    const held = this.#byMember.get(member) ?? new Map<string, Vote>();
    if (held.has(vote.key)) return undefined;
    const contradicted = [...held.values()].find(({ body }) => contradict(body, vote.body));
    held.set(vote.key, vote);
    const [oldest] = held.keys();
    if (held.size > SPOKEN_VOTES_MAX && oldest !== undefined) held.delete(oldest);
    this.#byMember.delete(member);
    this.#byMember.set(member, held);
    const [silent] = this.#byMember.keys();
    if (this.#byMember.size > POOL_MEMBERS_MAX && silent !== undefined) this.#byMember.delete(silent);
    return contradicted;
  }
}
