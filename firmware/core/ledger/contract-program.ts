/** What the program of a charge's contract says about a command or a deadline. */
import type { Terms } from "#core/contract/terms.ts";
import { knownProgram } from "#core/script/known-program.ts";
import { objectionToCommand, timerAt, type InputValues } from "#core/script/run-program.ts";
import type { Value } from "#core/script/value.ts";
import { termsInputs } from "#core/session/charge-figures.ts";
import type { Role } from "#core/session/facts.ts";
import type { FactFault } from "./fact-fault.ts";
import type { Transaction } from "./state.ts";

export type CommandName = "report" | "complete" | "cancel" | "resolve" | "adjudicate";

/** Why the contract does not let this role say this now; undefined when it does. */
export function objectionToSaying(
  transaction: Transaction,
  name: CommandName,
  from: Role | "arbiter",
): FactFault | undefined {
  const { state } = transaction;
  const valueOf = (input: string): Value | undefined =>
    selfInput(transaction, from, input) ?? knownTerms(transaction.open.terms)[input];
  const objection = objectionToCommand(knownProgram(transaction.code), { name, from, state }, valueOf);
  if (objection === undefined) return undefined;
  return objection === "state" ? { code: "FACT_WRONG_STATE", state } : { code: "FACT_NOT_ALLOWED", command: name };
}

/** Instants in unix seconds, of what the ledger knows about the charge. */
export interface ChargeInstants {
  readonly endsAt: number;
  readonly completingSince: number | undefined;
}

/**
 * The last second of a timer. The contract may wait less than the ledger's own limit, never longer: what is not decided
 * is looked at in every block.
 */
export function deadline(
  transaction: Pick<Transaction, "open" | "code">,
  name: "grace" | "healing",
  { endsAt, completingSince }: ChargeInstants,
  latest: number,
): number {
  const at = timerAt(knownProgram(transaction.code), name, {
    ...knownTerms(transaction.open.terms),
    "charge.endsAt": BigInt(endsAt),
    "charge.completing": completingSince !== undefined,
    "charge.completingSince": BigInt(completingSince ?? 0),
  });
  return at === undefined || at > BigInt(latest) || at < 0n ? latest : Number(at);
}

function selfInput(
  { logs, completes, cancelled }: Transaction,
  from: Role | "arbiter",
  name: string,
): Value | undefined {
  const isSide = from !== "arbiter";
  switch (name) {
    case "self.reports":
      return BigInt(isSide ? logs[from].nextSequence : 0);
    case "self.completed":
      return isSide && completes[from] !== undefined;
    case "self.cancelled":
      return isSide && cancelled[from] === true;
    default:
      return undefined;
  }
}

function knownTerms(terms: Terms): InputValues {
  const known = TERMS.get(terms) ?? termsInputs(terms);
  TERMS.set(terms, known);
  return known;
}

const TERMS = new WeakMap<Terms, InputValues>();
