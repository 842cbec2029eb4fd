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

interface Spoken {
  /** By key; those that were heard last at the end. */
  readonly votes: Map<string, Vote>;
  /** The highest serials of any that was heard. */
  source: number;
  target: number;
}

export class SpokenVotes {
  /** By did in hex; those that were heard last at the end. */
  readonly #byMember = new Map<string, Spoken>();

  /** Remembers a vote that its member has signed. The one that it contradicts, if it is new here. */
  hear(vote: Vote): Vote | undefined {
    const member = toHex(vote.body.member);
    const spoken = this.#byMember.get(member) ?? { votes: new Map<string, Vote>(), source: 0, target: 0 };
    const { votes } = spoken;
    if (votes.has(vote.key)) return undefined;
    const contradicted = firstAgainst(vote, spoken);
    votes.set(vote.key, vote);
    spoken.source = Math.max(spoken.source, vote.body.source.serial);
    spoken.target = Math.max(spoken.target, vote.body.target.serial);
    const [oldest] = votes.keys();
    if (votes.size > SPOKEN_VOTES_MAX && oldest !== undefined) votes.delete(oldest);
    this.#byMember.delete(member);
    this.#byMember.set(member, spoken);
    const [silent] = this.#byMember.keys();
    if (this.#byMember.size > POOL_MEMBERS_MAX && silent !== undefined) this.#byMember.delete(silent);
    return contradicted;
  }
}

/** What honest members say goes up, and what goes up from everything before contradicts none of it. */
function firstAgainst({ body }: Vote, { votes, source, target }: Spoken): Vote | undefined {
  if (body.target.serial > target && body.source.serial >= source) return undefined;
  for (const each of votes.values()) if (contradict(each.body, body)) return each;
  return undefined;
}
