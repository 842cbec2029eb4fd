/**
 * Whether a fact may stand after the facts before it, and what it changes.
 *
 * Money facts are merge-stable: whatever is valid on one chain is valid on every chain that holds the block to which
 * its OPEN refers (invariant S5). So nothing here asks for the time while a charge is open, and no fact is judged by
 * another session's state.
 */
import { unreachable } from "#base/assert.ts";
import type { Result } from "#base/result.ts";
import { applyCode } from "./apply-code.ts";
import { applyAdjudicate, applyResolve } from "./apply-dispute-fact.ts";
import { applyEvidence } from "./apply-evidence.ts";
import { applyParams, applyReconfig } from "./apply-governance.ts";
import { applyJoin, applyRevoke, applyRotate } from "./apply-membership.ts";
import { applyOpen } from "./apply-open.ts";
import { applyCancel, applyComplete, applyReport } from "./apply-session-fact.ts";
import type { ApplyContext, FactFault } from "./fact-fault.ts";
import type { Fact } from "./fact.ts";
import type { LedgerState } from "./state.ts";

export type { ApplyContext, FactFault } from "./fact-fault.ts";

/** Checks the fact against the state and writes what it changes into the state's top layer; all or nothing. */
export function applyFact(state: LedgerState, fact: Fact, context: ApplyContext): Result<void, FactFault> {
  switch (fact.kind) {
    case "JOIN":
      return applyJoin(state, fact, context);
    case "ROTATE":
      return applyRotate(state, fact, context);
    case "REVOKE":
      return applyRevoke(state, fact, context);
    case "PARAMS":
      return applyParams(state, fact, context);
    case "RECONFIG":
      return applyReconfig(state, fact, context);
    case "CODE":
      return applyCode(state, fact, context);
    case "OPEN":
      return applyOpen(state, fact, context);
    case "EVIDENCE":
      return applyEvidence(state, fact, context);
    case "REPORT":
      return applyReport(state, fact, context);
    case "COMPLETE":
      return applyComplete(state, fact, context);
    case "CANCEL":
      return applyCancel(state, fact, context);
    case "RESOLVE":
      return applyResolve(state, fact, context);
    case "ADJUDICATE":
      return applyAdjudicate(state, fact, context);
    default:
      return unreachable(fact);
  }
}
