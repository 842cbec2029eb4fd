/**
 * The one order in which a block lists its facts: by kind as in `FACT_KINDS`, PARAMS by number, reports by address,
 * role and sequence, everything else by id. Reports cannot stand by id alone: each must follow the one that it names
 * as previous.
 */
import { compareBytes } from "#base/bytes.ts";
import { FACT_KINDS, type Fact } from "./fact.ts";

export function compareFacts(left: Fact, right: Fact): number {
  const byKind = FACT_KINDS.indexOf(left.kind) - FACT_KINDS.indexOf(right.kind);
  if (byKind !== 0) return byKind;
  if (left.kind === "REPORT" && right.kind === "REPORT") {
    const byLog =
      compareBytes(left.body.address, right.body.address) ||
      Number(left.body.role === "vehicle") - Number(right.body.role === "vehicle") ||
      left.body.sequence - right.body.sequence;
    if (byLog !== 0) return byLog;
  }
  // Each is the next of the one before.
  if (left.kind === "PARAMS" && right.kind === "PARAMS" && left.body.number !== right.body.number) {
    return left.body.number - right.body.number;
  }
  return compareBytes(left.id, right.id);
}

/** The first place at which facts leave that order, counting a repeated fact as leaving it; -1 when none does. */
export function firstMisplaced(facts: readonly Fact[]): number {
  return facts.findIndex((fact, place) => {
    const before = facts[place - 1];
    return before !== undefined && compareFacts(before, fact) >= 0;
  });
}
