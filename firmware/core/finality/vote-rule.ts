/**
 * When an honest member votes. The source never goes back and the target always goes up: this excludes both that two
 * of its votes are for one height and that one of them reaches around the other (S8).
 */
import type { Checkpoint } from "./checkpoint.ts";

/** What has to be durable before the vote is signed that it stands for. Serials; both 0 before the first vote. */
export interface VoteRegister {
  readonly lastSource: number;
  readonly lastTarget: number;
}

export const NO_VOTES: VoteRegister = { lastSource: 0, lastTarget: 0 };

/** What a member sees: the last checkpoint of the chain that it follows, and the highest justified one below it. */
export interface VoteView {
  readonly target: Checkpoint | undefined;
  readonly source: Checkpoint | undefined;
}

export interface Link {
  readonly source: Checkpoint;
  readonly target: Checkpoint;
}

/** The vote to cast now; undefined when the register or the view allows none. */
export function nextVote(register: VoteRegister, { source, target }: VoteView): Link | undefined {
  if (source === undefined || target === undefined) return undefined;
  if (target.serial <= source.serial) return undefined;
  if (source.serial < register.lastSource) return undefined;
  if (target.serial <= register.lastTarget) return undefined;
  return { source, target };
}

/** The register that has to be durable before the vote is signed. */
export function registerOf({ source, target }: Link): VoteRegister {
  return { lastSource: source.serial, lastTarget: target.serial };
}
