/**
 * Whether a RESOLVE or an ADJUDICATE may stand. Both may from the OPEN on, whatever has become of the charge by then:
 * they are read where a dispute is settled, and what is read there must not depend on which block came first. Only when
 * the healing window is over, or when nothing was charged at all, there is nothing left to say.
 */
import { equalBytes, toHex } from "#base/bytes.ts";
import { ok, type Result } from "#base/result.ts";
import { adjudicateBody, resolveBody } from "#core/session/facts.ts";
import { encodeShape } from "#core/wire/schema.ts";
import { objectionToSaying } from "./contract-program.ts";
import {
  conflicts,
  isSignedBy,
  KNOWN,
  refersUnknown,
  refuse,
  type ApplyContext,
  type FactFault,
} from "./fact-fault.ts";
import type { AdjudicateFact, ResolveFact } from "./fact.ts";
import { isRevokedAt, mayJudge } from "./membership.ts";
import type { LedgerState } from "./state.ts";
import {
  changeTransaction,
  isSignedBySide,
  lookAgainAt,
  objectionToTime,
  transactionAt,
} from "./transaction-change.ts";

export function applyResolve(state: LedgerState, fact: ResolveFact, context: ApplyContext): Result<void, FactFault> {
  const proposal = fact.body;
  const { role, number } = proposal;
  const found = transactionAt(state, proposal.address);
  if (!found.ok) return found;
  const transaction = found.value;
  const own = transaction.proposals[role];
  const known = own.find((each) => each.number === number);
  if (known !== undefined) {
    return equalBytes(encodeShape(resolveBody, known), fact.payload) ? KNOWN : conflicts("proposal", role);
  }
  const objection = objectionToSaying(transaction, "resolve", role) ?? objectionToTime(state, transaction, context.now);
  if (objection !== undefined) return refuse(objection);
  if (!isSignedBySide(state, transaction, fact, context)) return refuse({ code: "FACT_BAD_SIGNATURE", signer: role });
  const inOrder = [...own, proposal].sort((left, right) => left.number - right.number);
  // A charge that was settled by comparison is looked at no more, until both propose to settle it otherwise.
  lookAgainAt(state, { ...transaction, proposals: { ...transaction.proposals, [role]: inOrder } });
  return ok(undefined);
}

export function applyAdjudicate(
  state: LedgerState,
  fact: AdjudicateFact,
  context: ApplyContext,
): Result<void, FactFault> {
  const { address } = fact.body;
  const found = transactionAt(state, address);
  if (!found.ok) return found;
  const transaction = found.value;
  const { ruling } = transaction;
  if (ruling !== undefined) {
    return equalBytes(encodeShape(adjudicateBody, ruling), fact.payload) ? KNOWN : conflicts("ruling", "arbiter");
  }
  const { arbiter } = transaction.open.terms;
  if (arbiter === null) return refuse({ code: "FACT_NO_ARBITER", address: toHex(address) });
  const objection =
    objectionToSaying(transaction, "adjudicate", "arbiter") ?? objectionToTime(state, transaction, context.now);
  if (objection !== undefined) return refuse(objection);
  const signer = state.members.get(toHex(arbiter));
  if (signer === undefined) return refersUnknown("member", arbiter);
  // The terms can name any device. One that trades or seals has an interest in how others' charges end.
  if (signer.role !== "arbiter") return refuse({ code: "FACT_WRONG_ROLE", did: toHex(arbiter), expected: "arbiter" });
  if (isRevokedAt(state, toHex(arbiter), context.now)) return refuse({ code: "FACT_REVOKED", did: toHex(arbiter) });
  if (!mayJudge(state, signer, transaction.open.startedAt)) {
    return refuse({ code: "FACT_NOT_CERTIFIED", did: toHex(arbiter), right: "arbiter" });
  }
  // Nobody is bound by a ruling that an arbiter could not sign again with the key that it has now.
  if (!isSignedBy(fact, [signer.publicKey], context)) return refuse({ code: "FACT_BAD_SIGNATURE", signer: "arbiter" });
  changeTransaction(state, { ...transaction, ruling: fact.body });
  return ok(undefined);
}
