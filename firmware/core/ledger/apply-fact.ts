/**
 * Whether a fact may stand after the facts before it, and what it changes.
 *
 * Money facts are merge-stable: whatever is valid on one chain is valid on every chain that holds the block to which
 * its OPEN refers (invariant S5). So nothing here asks for the time, and no fact is judged by another session's state.
 */
import { equalBytes, toHex } from "#base/bytes.ts";
import { unreachable } from "#base/assert.ts";
import { fail, ok, type Result } from "#base/result.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import { decodeJoin } from "#core/identity/join.ts";
import { checkTerms } from "#core/contract/check-terms.ts";
import { transactionAddress } from "#core/handshake/transaction-address.ts";
import { readingsOf, type Role } from "#core/session/facts.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { encodeSigned, toBeSigned } from "#core/wire/signed.ts";
import type { CancelFact, CompleteFact, Fact, JoinFact, OpenFact, ReportFact } from "./fact.ts";
import { isTrading, type LedgerState, type RoleLog, type Transaction } from "./state.ts";

export type FactFault =
  /** It stands already; nothing is wrong. */
  | { readonly code: "FACT_KNOWN" }
  /** What it refers to is not here yet; it may be later. */
  | { readonly code: "FACT_REFERS_UNKNOWN"; readonly what: string; readonly key: string }
  | { readonly code: "FACT_BAD_SIGNATURE"; readonly signer: string }
  | { readonly code: "FACT_BAD_JOIN"; readonly reason: string }
  | { readonly code: "FACT_WRONG_NETWORK"; readonly network: string }
  | { readonly code: "FACT_WRONG_ROLE"; readonly did: string; readonly expected: Role }
  | { readonly code: "FACT_BAD_TERMS"; readonly reason: string }
  | { readonly code: "FACT_REFERENCE_NOT_HERE"; readonly serial: number }
  | { readonly code: "FACT_WRONG_STATE"; readonly state: string }
  | { readonly code: "FACT_OUT_OF_SEQUENCE"; readonly found: number; readonly expected: number }
  /** Signed by the same role for the same place, but another one stands there. */
  | { readonly code: "FACT_CONFLICTS"; readonly with: string }
  | { readonly code: "FACT_REGISTER_FELL"; readonly from: number; readonly to: number };

export interface ApplyContext {
  readonly crypto: Cryptography;
  readonly network: Uint8Array;
  /** Block time, unix seconds. */
  readonly now: number;
  /** Facts whose signatures were found good before, so that they are checked once. */
  readonly verified: WeakSet<Fact>;
}

/** Checks the fact against the state and writes what it changes into the state's top layer; all or nothing. */
export function applyFact(state: LedgerState, fact: Fact, context: ApplyContext): Result<void, FactFault> {
  switch (fact.kind) {
    case "JOIN":
      return applyJoin(state, fact, context);
    case "OPEN":
      return applyOpen(state, fact, context);
    case "REPORT":
      return applyReport(state, fact, context);
    case "COMPLETE":
      return applyComplete(state, fact, context);
    case "CANCEL":
      return applyCancel(state, fact, context);
    default:
      return unreachable(fact);
  }
}

function applyJoin(state: LedgerState, fact: JoinFact, context: ApplyContext): Result<void, FactFault> {
  const join = decodeJoin(encodeSigned(fact.payload, fact.signatures), context.crypto, context.network);
  if (!join.ok) return fail({ code: "FACT_BAD_JOIN", reason: join.fault.code });
  context.verified.add(fact);
  const { deviceId, inception, organisation } = join.value;
  const key = toHex(deviceId);
  if (state.members.get(key) !== undefined) return KNOWN;
  state.members.set(key, { did: deviceId, role: inception.role, publicKey: inception.publicKey, organisation });
  return ok(undefined);
}

function applyOpen(state: LedgerState, fact: OpenFact, context: ApplyContext): Result<void, FactFault> {
  const open = fact.body;
  if (!equalBytes(open.network, context.network)) return wrongNetwork(open.network);
  const address = transactionAddress(context.crypto, {
    network: open.network,
    codeHash: open.terms.codeHash,
    openPayload: fact.payload,
  });
  const key = toHex(address);
  if (state.transactions.get(key) !== undefined) return fail({ code: "FACT_KNOWN" });
  const vehicle = state.members.get(toHex(open.vehicle));
  const station = state.members.get(toHex(open.station));
  if (vehicle === undefined) return refersUnknown("member", toHex(open.vehicle));
  if (station === undefined) return refersUnknown("member", toHex(open.station));
  if (vehicle.role !== "vehicle") return wrongRole(open.vehicle, "vehicle");
  if (station.role !== "station") return wrongRole(open.station, "station");
  const terms = checkTerms(open.terms);
  if (!terms.ok) return fail({ code: "FACT_BAD_TERMS", reason: terms.fault.reason });
  // Without finality the only block that every chain of the region holds is its genesis (invariant S5).
  if (!equalBytes(open.reference[1], state.genesisId)) {
    return fail({ code: "FACT_REFERENCE_NOT_HERE", serial: open.reference[0] });
  }
  if (!isSignedBy(fact, [vehicle.publicKey, station.publicKey], context)) return badSignature(key);
  const log = (start: number): RoleLog => ({
    reports: [],
    nextSequence: 0,
    head: fact.id,
    lastRegisterMilliWh: start,
    nextReading: 0,
  });
  state.transactions.set(key, {
    address,
    openId: fact.id,
    open,
    state: "OPEN",
    logs: { station: log(open.startMilliWh[0]), vehicle: log(open.startMilliWh[1]) },
    completes: {},
    cancelled: {},
    completingSince: undefined,
    openedInSerial: state.serial,
    result: undefined,
  });
  state.unsettled.add(key);
  return ok(undefined);
}

function applyReport(state: LedgerState, fact: ReportFact, context: ApplyContext): Result<void, FactFault> {
  const report = fact.body;
  const found = transactionOf(state, report.address);
  if (!found.ok) return found;
  const transaction = found.value;
  const log = transaction.logs[report.role];
  const known = log.reports[report.sequence];
  if (known !== undefined) return isSameReport(log, report.sequence, fact) ? KNOWN : conflicts("report", report.role);
  if (!isTrading(transaction)) return fail({ code: "FACT_WRONG_STATE", state: transaction.state });
  if (report.sequence !== log.nextSequence) {
    if (report.sequence > log.nextSequence) return refersUnknown("report", toHex(report.previous));
    return fail({ code: "FACT_OUT_OF_SEQUENCE", found: report.sequence, expected: log.nextSequence });
  }
  if (!equalBytes(report.previous, log.head)) return conflicts("report before", report.role);
  // A gateway that was away has no readings of that time: the next report may begin later, never earlier.
  if (report.firstReading < log.nextReading) {
    return fail({ code: "FACT_OUT_OF_SEQUENCE", found: report.firstReading, expected: log.nextReading });
  }
  const readings = readingsOf(report);
  const first = readings[0]?.registerMilliWh ?? 0;
  const last = readings.at(-1)?.registerMilliWh ?? 0;
  if (first < log.lastRegisterMilliWh || !Number.isSafeInteger(last)) {
    return fail({ code: "FACT_REGISTER_FELL", from: log.lastRegisterMilliWh, to: first });
  }
  const complete = transaction.completes[report.role];
  if (complete !== undefined && (report.sequence >= complete.reports || last > complete.finalMilliWh)) {
    return conflicts("completion", report.role);
  }
  if (!isSignedByRole(state, transaction, fact, context)) return badSignature(report.role);
  const extended: RoleLog = {
    reports: [...log.reports, report],
    nextSequence: report.sequence + 1,
    head: fact.id,
    lastRegisterMilliWh: last,
    nextReading: report.firstReading + readings.length,
  };
  const logs = { ...transaction.logs, [report.role]: extended };
  const begun = logs.station.nextSequence > 0 && logs.vehicle.nextSequence > 0;
  put(state, { ...transaction, logs, state: transaction.state === "OPEN" && begun ? "ACTIVE" : transaction.state });
  return ok(undefined);
}

function applyComplete(state: LedgerState, fact: CompleteFact, context: ApplyContext): Result<void, FactFault> {
  const complete = fact.body;
  const found = transactionOf(state, complete.address);
  if (!found.ok) return found;
  const transaction = found.value;
  const known = transaction.completes[complete.role];
  if (known !== undefined) {
    return equalBytes(known.head, complete.head) && known.finalMilliWh === complete.finalMilliWh
      ? KNOWN
      : conflicts("completion", complete.role);
  }
  // A side that had fallen silent may still complete: protocol 2.6, note on late completions.
  const late = transaction.state === "ABANDONED" || transaction.state === "DISPUTED";
  if (!isTrading(transaction) && !late) return fail({ code: "FACT_WRONG_STATE", state: transaction.state });
  const log = transaction.logs[complete.role];
  if (complete.finalMilliWh < log.lastRegisterMilliWh) {
    return fail({ code: "FACT_REGISTER_FELL", from: log.lastRegisterMilliWh, to: complete.finalMilliWh });
  }
  if (complete.reports < log.nextSequence) return conflicts("report", complete.role);
  if (complete.reports === log.nextSequence && !equalBytes(complete.head, log.head))
    return conflicts("head", complete.role);
  if (!isSignedByRole(state, transaction, fact, context)) return badSignature(complete.role);
  put(state, {
    ...transaction,
    completes: { ...transaction.completes, [complete.role]: complete },
    completingSince: transaction.completingSince ?? context.now,
    state: late ? transaction.state : "COMPLETING",
  });
  return ok(undefined);
}

function applyCancel(state: LedgerState, fact: CancelFact, context: ApplyContext): Result<void, FactFault> {
  const { address, role } = fact.body;
  const found = transactionOf(state, address);
  if (!found.ok) return found;
  const transaction = found.value;
  if (transaction.cancelled[role] === true) return KNOWN;
  if (transaction.state !== "OPEN" || transaction.logs[role].nextSequence > 0) {
    return fail({ code: "FACT_WRONG_STATE", state: transaction.state });
  }
  if (!isSignedByRole(state, transaction, fact, context)) return badSignature(role);
  put(state, { ...transaction, cancelled: { ...transaction.cancelled, [role]: true } });
  return ok(undefined);
}

const KNOWN = fail({ code: "FACT_KNOWN" } as const);

function transactionOf(state: LedgerState, address: Uint8Array): Result<Transaction, FactFault> {
  const key = toHex(address);
  const transaction = state.transactions.get(key);
  return transaction === undefined ? refersUnknown("transaction", key) : ok(transaction);
}

function put(state: LedgerState, transaction: Transaction): void {
  state.transactions.set(toHex(transaction.address), transaction);
}

/** The id of report n is what report n + 1, or the log's head, names. */
function isSameReport(log: RoleLog, sequence: number, fact: ReportFact): boolean {
  return equalBytes(log.reports[sequence + 1]?.previous ?? log.head, fact.id);
}

function isSignedByRole(
  state: LedgerState,
  transaction: Transaction,
  fact: ReportFact | CompleteFact | CancelFact,
  context: ApplyContext,
): boolean {
  const signer = state.members.get(toHex(transaction.open[fact.body.role]));
  return signer !== undefined && isSignedBy(fact, [signer.publicKey], context);
}

function isSignedBy(fact: Fact, publicKeys: readonly Uint8Array[], context: ApplyContext): boolean {
  if (context.verified.has(fact)) return true;
  const message = toBeSigned(context.network, PURPOSE[fact.kind], fact.payload);
  const good = fact.signatures.every((signature, place) => {
    const publicKey = publicKeys[place];
    return publicKey !== undefined && context.crypto.verify(publicKey, message, signature);
  });
  if (good) context.verified.add(fact);
  return good;
}

function refersUnknown(what: string, key: string): { readonly ok: false; readonly fault: FactFault } {
  return fail({ code: "FACT_REFERS_UNKNOWN", what, key });
}

function badSignature(signer: string): { readonly ok: false; readonly fault: FactFault } {
  return fail({ code: "FACT_BAD_SIGNATURE", signer });
}

function wrongNetwork(network: Uint8Array): { readonly ok: false; readonly fault: FactFault } {
  return fail({ code: "FACT_WRONG_NETWORK", network: toHex(network) });
}

function wrongRole(did: Uint8Array, expected: Role): { readonly ok: false; readonly fault: FactFault } {
  return fail({ code: "FACT_WRONG_ROLE", did: toHex(did), expected });
}

function conflicts(what: string, role: Role): { readonly ok: false; readonly fault: FactFault } {
  return fail({ code: "FACT_CONFLICTS", with: `${what} of the ${role}` });
}
