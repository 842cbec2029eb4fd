/** Votes of one member that an honest one never casts both of: they are proof against it (evidence E2). */
import { equalBytes } from "#base/bytes.ts";
import { equalCheckpoints } from "./checkpoint.ts";
import type { VoteBody } from "./vote.ts";

/** Whether two votes of one member of one network cannot both be honest, whatever it knew and in whichever order. */
export function contradict(left: VoteBody, right: VoteBody): boolean {
  return clash(left, right) && equalBytes(left.member, right.member) && equalBytes(left.network, right.network);
}

function clash(left: VoteBody, right: VoteBody): boolean {
  if (left.target.serial === right.target.serial) return !isSame(left, right);
  const [lower, higher] = left.target.serial < right.target.serial ? [left, right] : [right, left];
  return higher.source.serial < lower.source.serial;
}

function isSame(left: VoteBody, right: VoteBody): boolean {
  return (
    left.epoch === right.epoch &&
    equalCheckpoints(left.source, right.source) &&
    equalCheckpoints(left.target, right.target)
  );
}
