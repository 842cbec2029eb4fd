/**
 * What a person may do about a dispute at this gateway: look at it, propose how it should end, accept what the other
 * side has proposed, or, at the arbiter's, rule. What is signed here is durable before the person hears that it was.
 */
import { toHex } from "#base/bytes.ts";
import { fail, ok, type Result } from "#base/result.ts";
import type { Signer } from "#core/identity/cryptography.ts";
import type { FactFault } from "#core/ledger/apply-fact.ts";
import { encodeFact, type FactKind } from "#core/ledger/fact.ts";
import type { Transaction } from "#core/ledger/state.ts";
import { disputableUntil } from "#core/ledger/time-limits.ts";
import { PROPOSALS_PER_ROLE_MAX } from "#core/limits.ts";
import { isSameProposal } from "#core/session/agreed-proposal.ts";
import { adjudicateBody, resolveBody } from "#core/session/facts.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { encodeShape, type Shape } from "#core/wire/schema.ts";
import { encodeSigned, idOf, toBeSigned } from "#core/wire/signed.ts";
import { judgeRuling, judgeWish, type Ruling, type Wish, type WishFault } from "./dispute-wish.ts";
import {
  hasBeenDisputed,
  isDisputed,
  isOpen,
  summaryOfDispute,
  viewOfDispute,
  type DisputeContext,
  type DisputeSummary,
  type DisputeView,
  type Standing,
} from "./dispute-view.ts";
import type { LedgerService } from "./ledger-service.ts";

export type DisputeFault =
  | WishFault
  | { readonly code: "DISPUTE_UNKNOWN"; readonly address: string; readonly matching: readonly string[] }
  | { readonly code: "DISPUTE_NONE"; readonly state: Transaction["state"]; readonly ending: string | null }
  | { readonly code: "DISPUTE_OVER"; readonly lastAt: number }
  /** This gateway is none of the two. */
  | { readonly code: "DISPUTE_NOT_A_PARTY"; readonly standing: Standing }
  | { readonly code: "DISPUTE_NOT_ITS_ARBITER"; readonly arbiter: string | null }
  | { readonly code: "DISPUTE_NOT_TAKEN"; readonly fault: FactFault };

export interface Said {
  /** Id of the fact, hex; that of the earlier one when the same was said before. */
  readonly fact: string;
  readonly isNew: boolean;
  readonly view: DisputeView;
}

export interface DisputeDeskParts {
  readonly ledger: LedgerService;
  readonly signer: Signer;
  readonly did: Uint8Array;
}

/** From so many digits on, an address may be abbreviated. */
export const PREFIX_DIGITS_MIN = 4;
const MATCHING_SHOWN = 10;

export class DisputeDesk {
  readonly #parts: DisputeDeskParts;

  constructor(parts: DisputeDeskParts) {
    this.#parts = parts;
  }

  /** Disputes of this gateway's own charges and of those that it may judge, oldest first; `all`: also ended ones. */
  list(which: "open" | "all"): readonly DisputeSummary[] {
    const context = this.#context;
    return [...this.#parts.ledger.chain.pending.transactions.entries().values()]
      .flatMap((transaction) => {
        const { result } = transaction;
        const isWanted = result !== undefined && hasBeenDisputed(result);
        return isWanted && (which === "all" || isOpen(transaction, context))
          ? [summaryOfDispute(transaction, result, context)]
          : [];
      })
      .filter(({ standing }) => standing !== "none")
      .sort((left, right) => left.startedAt - right.startedAt || (left.address < right.address ? -1 : 1));
  }

  /** The dispute about the charge whose address begins with these hex digits, also one that has ended. */
  show(prefix: string): Result<DisputeView, DisputeFault> {
    const found = this.#find(prefix);
    if (!found.ok) return found;
    const { result, state } = found.value;
    if (result === undefined || !hasBeenDisputed(result)) {
      return fail({ code: "DISPUTE_NONE", state, ending: result?.ending ?? null });
    }
    return ok(viewOfDispute(found.value, result, this.#context));
  }

  /** Signs a proposal of this gateway's side. Resolves when it is durable here; a block holds it later. */
  async resolve(prefix: string, wish: Wish): Promise<Result<Said, DisputeFault>> {
    const found = this.#findOpen(prefix);
    if (!found.ok) return found;
    const { transaction, view } = found.value;
    const { standing } = view;
    if (standing !== "station" && standing !== "vehicle") return fail({ code: "DISPUTE_NOT_A_PARTY", standing });
    const proposal = judgeWish(transaction, standing, wish);
    if (!proposal.ok) return proposal;
    const own = transaction.proposals[standing];
    const earlier = own.find((each) => isSameProposal(each, proposal.value));
    if (earlier !== undefined)
      return ok(this.#saidBefore({ kind: "RESOLVE", shape: resolveBody, body: earlier }, view));
    const number = numberLeft(own.map((each) => each.number));
    if (number === undefined) return fail({ code: "DISPUTE_NO_PROPOSAL_LEFT", max: PROPOSALS_PER_ROLE_MAX });
    const body = { address: transaction.address, role: standing, number, ...proposal.value };
    return this.#say({ kind: "RESOLVE", shape: resolveBody, body }, view.address);
  }

  /** Signs the arbiter's ruling. Resolves when it is durable here; a block holds it later. */
  async adjudicate(prefix: string, ruling: Ruling): Promise<Result<Said, DisputeFault>> {
    const found = this.#findOpen(prefix);
    if (!found.ok) return found;
    const { transaction, view } = found.value;
    if (view.standing !== "arbiter") return fail({ code: "DISPUTE_NOT_ITS_ARBITER", arbiter: view.arbiter });
    const judged = judgeRuling(transaction, ruling);
    if (!judged.ok) return judged;
    const body = { address: transaction.address, ...ruling };
    const statement = { kind: "ADJUDICATE", shape: adjudicateBody, body } as const;
    return judged.value === "said before" ? ok(this.#saidBefore(statement, view)) : this.#say(statement, view.address);
  }

  get #context(): DisputeContext {
    const { ledger, did } = this.#parts;
    return { head: ledger.chain.head.state, did, now: ledger.nowSeconds };
  }

  #find(prefix: string): Result<Transaction, DisputeFault> {
    const { transactions } = this.#parts.ledger.chain.pending;
    const digits = prefix.toLowerCase();
    const isLong = digits.length >= PREFIX_DIGITS_MIN;
    const matching = [...transactions.keys()].filter((key) => isLong && key.startsWith(digits));
    const only = matching.length === 1 ? transactions.get(matching[0] ?? "") : undefined;
    if (only !== undefined) return ok(only);
    return fail({ code: "DISPUTE_UNKNOWN", address: prefix, matching: matching.slice(0, MATCHING_SHOWN) });
  }

  #findOpen(prefix: string): Result<{ readonly transaction: Transaction; readonly view: DisputeView }, DisputeFault> {
    const found = this.#find(prefix);
    if (!found.ok) return found;
    const transaction = found.value;
    const { state, result } = transaction;
    if (result?.ending === "lapse") return fail({ code: "DISPUTE_OVER", lastAt: disputableUntil(transaction) });
    if (result === undefined || !isDisputed(transaction)) {
      return fail({ code: "DISPUTE_NONE", state, ending: result?.ending ?? null });
    }
    const context = this.#context;
    if (!isOpen(transaction, context)) return fail({ code: "DISPUTE_OVER", lastAt: disputableUntil(transaction) });
    return ok({ transaction, view: viewOfDispute(transaction, result, context) });
  }

  async #say<Body>({ kind, shape, body }: Statement<Body>, address: string): Promise<Result<Said, DisputeFault>> {
    const { ledger, signer } = this.#parts;
    const { network } = ledger.chain.context;
    const payload = encodeShape(shape, body);
    const signature = signer.sign(toBeSigned(network, PURPOSE[kind], payload));
    const submitted = await ledger.submit(encodeFact(kind, encodeSigned(payload, [signature])));
    if (!submitted.ok) return fail({ code: "DISPUTE_NOT_TAKEN", fault: submitted.fault });
    const view = this.show(address);
    return view.ok ? ok({ fact: submitted.value.key, isNew: true, view: view.value }) : view;
  }

  #saidBefore<Body>({ kind, shape, body }: Statement<Body>, view: DisputeView): Said {
    const { crypto, network } = this.#parts.ledger.chain.context;
    return { fact: toHex(idOf(crypto, network, PURPOSE[kind], encodeShape(shape, body))), isNew: false, view };
  }
}

interface Statement<Body> {
  readonly kind: Extract<FactKind, "RESOLVE" | "ADJUDICATE">;
  readonly shape: Shape<Body>;
  readonly body: Body;
}

/** The lowest number that none of the proposals has. */
function numberLeft(used: readonly number[]): number | undefined {
  return Array.from({ length: PROPOSALS_PER_ROLE_MAX }, (_, number) => number).find((each) => !used.includes(each));
}
