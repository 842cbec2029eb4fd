/**
 * Words of one side of a charge that contradict others of the same side: which of them stand is the word of the other
 * side, who shows both and says which it holds by (decision 0041). What it does not hold by is taken away, and with it
 * what builds on it; what it holds by comes to stand like any other fact.
 *
 * So what stands follows from the set of facts: a word is voided or not, whichever of them came first.
 */
import { compareBytes, equalBytes } from "#base/bytes.ts";
import type { ShownWord } from "#core/evidence/shown-object.ts";
import { completeBody, readingsOf, type Role } from "#core/session/facts.ts";
import { encodeShape } from "#core/wire/schema.ts";
import type { Fact } from "./fact.ts";
import type { Contradicted, RoleLog, Transaction } from "./state.ts";

export function isVoided({ contradicted }: Pick<Transaction, "contradicted">, role: Role, id: Uint8Array): boolean {
  return holds(contradicted[role]?.voided ?? [], id);
}

/** Whether evidence about a side's words can still change how the charge ended. */
export function isCorrectable({ contradicted, state, result }: Transaction): boolean {
  if (result?.ending === "lapse" || (state !== "DISPUTED" && state !== "ABANDONED")) return false;
  return [contradicted.station, contradicted.vehicle].some((side) => (side?.voided.length ?? 0) > 0);
}

/** Whether a charge that is over takes reports of this side once more: words of it were taken away. */
export function isOpenAgain(transaction: Transaction, role: Role): boolean {
  return isCorrectable(transaction) && (transaction.contradicted[role]?.voided.length ?? 0) > 0;
}

/** The lists with one word more in each. */
export function withChoice({ upheld, voided }: Contradicted, first: Uint8Array, second: Uint8Array): Contradicted {
  return { upheld: withId(upheld, first), voided: withId(voided, second) };
}

export function holds(ids: readonly Uint8Array[], id: Uint8Array): boolean {
  return ids.some((each) => equalBytes(each, id));
}

/** The charge without this word, and without what builds on it; the same one when the word does not stand. */
export function withoutWord(transaction: Transaction, word: ShownWord): Transaction {
  const { role } = word.body;
  switch (word.name) {
    case "REPORT": {
      const { sequence, previous } = word.body;
      const log = transaction.logs[role];
      if (sequence >= log.reports.length || !equalBytes(idOfReport(log, sequence), word.id)) return transaction;
      const logs = { ...transaction.logs, [role]: shortened(transaction, role, sequence, previous) };
      return withState({ ...transaction, logs });
    }
    case "COMPLETE": {
      const said = transaction.completes[role];
      if (said === undefined || !equalBytes(encodeShape(completeBody, said), word.payload)) return transaction;
      const { [role]: taken, ...completes } = transaction.completes;
      return taken === undefined ? transaction : withState({ ...transaction, completes });
    }
    case "CANCEL": {
      const { [role]: taken, ...cancelled } = transaction.cancelled;
      return taken === undefined ? transaction : { ...transaction, cancelled };
    }
  }
}

/** Facts of a chain without those about this charge that do not stand in it. */
export function standingFacts(
  facts: readonly Fact[],
  transaction: Pick<Transaction, "address" | "openId" | "contradicted">,
): readonly Fact[] {
  if (transaction.contradicted.station === undefined && transaction.contradicted.vehicle === undefined) return facts;
  const heads: Record<Role, Uint8Array> = { station: transaction.openId, vehicle: transaction.openId };
  const ofCharge = facts.filter((fact) => isWordOf(fact, transaction));
  const left = new Set(ofCharge.filter((fact) => isWord(fact) && isVoided(transaction, fact.body.role, fact.id)));
  const reports = ofCharge
    .filter((fact) => fact.kind === "REPORT")
    .sort((one, other) => one.body.sequence - other.body.sequence);
  for (const report of reports) {
    const { role, previous } = report.body;
    if (left.has(report) || !equalBytes(previous, heads[role])) left.add(report);
    else heads[role] = report.id;
  }
  return facts.filter((fact) => !left.has(fact));
}

type WordFact = Extract<Fact, { readonly kind: "REPORT" | "COMPLETE" | "CANCEL" }>;

function isWord(fact: Fact): fact is WordFact {
  return fact.kind === "REPORT" || fact.kind === "COMPLETE" || fact.kind === "CANCEL";
}

function isWordOf(fact: Fact, { address }: Pick<Transaction, "address">): boolean {
  return isWord(fact) && equalBytes(fact.body.address, address);
}

/** The id of report n is what report n + 1, or the log's head, names. */
function idOfReport({ reports, head }: RoleLog, sequence: number): Uint8Array {
  return reports[sequence + 1]?.previous ?? head;
}

function shortened({ logs, open }: Transaction, role: Role, sequence: number, head: Uint8Array): RoleLog {
  const reports = logs[role].reports.slice(0, sequence);
  const last = reports.at(-1);
  const readings = last === undefined ? [] : readingsOf(last);
  return {
    reports,
    nextSequence: sequence,
    head,
    lastRegisterMilliWh: readings.at(-1)?.registerMilliWh ?? open.startMilliWh[role === "station" ? 0 : 1],
    nextReading: last === undefined ? 0 : last.firstReading + readings.length,
  };
}

/** As far as the charge is by the words that are left; one that is over stays so until its result is looked at. */
function withState(transaction: Transaction): Transaction {
  const { logs, completes, state } = transaction;
  if (state !== "OPEN" && state !== "ACTIVE" && state !== "COMPLETING") return transaction;
  if (completes.station !== undefined || completes.vehicle !== undefined) return transaction;
  const hasBegun = logs.station.nextSequence > 0 && logs.vehicle.nextSequence > 0;
  return { ...transaction, state: hasBegun ? "ACTIVE" : "OPEN", completingSince: undefined };
}

function withId(ids: readonly Uint8Array[], id: Uint8Array): readonly Uint8Array[] {
  return holds(ids, id) ? ids : [...ids, id].sort(compareBytes);
}
