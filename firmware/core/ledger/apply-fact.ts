/**
 * Whether a fact may stand after the facts before it, and what it changes.
 *
 * Money facts are merge-stable: whatever is valid on one chain is valid on every chain that holds the block to which
 * its OPEN refers (invariant S5). So nothing here asks for the time while a charge is open, and no fact is judged by
 * another session's state.
 */
import { toHex } from "#base/bytes.ts";
import { unreachable } from "#base/assert.ts";
import { ok, type Result } from "#base/result.ts";
import { decodeJoin } from "#core/identity/join.ts";
import { encodeSigned } from "#core/wire/signed.ts";
import { applyCode } from "./apply-code.ts";
import { applyAdjudicate, applyResolve } from "./apply-dispute-fact.ts";
import { applyOpen } from "./apply-open.ts";
import { applyCancel, applyComplete, applyReport } from "./apply-session-fact.ts";
import { KNOWN, refuse, type ApplyContext, type FactFault } from "./fact-fault.ts";
import type { Fact, JoinFact } from "./fact.ts";
import type { LedgerState } from "./state.ts";

export type { ApplyContext, FactFault } from "./fact-fault.ts";

/** Checks the fact against the state and writes what it changes into the state's top layer; all or nothing. */
export function applyFact(state: LedgerState, fact: Fact, context: ApplyContext): Result<void, FactFault> {
  switch (fact.kind) {
    case "JOIN":
      return applyJoin(state, fact, context);
    case "CODE":
      return applyCode(state, fact, context);
    case "OPEN":
      return applyOpen(state, fact, context);
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

function applyJoin(state: LedgerState, fact: JoinFact, context: ApplyContext): Result<void, FactFault> {
  const join = decodeJoin(encodeSigned(fact.payload, fact.signatures), context.crypto, context.network);
  if (!join.ok) return refuse({ code: "FACT_BAD_JOIN", reason: join.fault.code });
  context.verified.add(fact);
  const { deviceId, inception, organisation } = join.value;
  const key = toHex(deviceId);
  if (state.members.get(key) !== undefined) return KNOWN;
  state.members.set(key, { did: deviceId, role: inception.role, publicKey: inception.publicKey, organisation });
  return ok(undefined);
}
