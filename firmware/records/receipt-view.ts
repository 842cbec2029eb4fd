/** One charge as a receipt tells it, whether it comes from a chain, a receipt file or facts that still wait. */
import { equalBytes, toHex } from "#base/bytes.ts";
import type { ResultBody } from "#core/ledger/block.ts";
import type { Chain } from "#core/ledger/chain.ts";
import { chargeFactsOf } from "#core/ledger/close-transactions.ts";
import type { Fact } from "#core/ledger/fact.ts";
import type { ChargeFacts } from "#core/session/charge-facts.ts";
import type { CompleteBody, ReportBody, Role } from "#core/session/facts.ts";
import type { VerifiedReceipt } from "./receipt.ts";

export interface ReceiptView {
  readonly address: Uint8Array;
  /** All that was signed, also what the ledger's state no longer keeps once a charge is settled. */
  readonly charge: ChargeFacts;
  /** Undefined while no block holds a result. */
  readonly result: ResultBody | undefined;
  readonly sealed: SealedIn | undefined;
}

/** The block that holds the result. */
export interface SealedIn {
  readonly serial: number;
  readonly id: Uint8Array;
  readonly miner: Uint8Array;
  /** Unix seconds. */
  readonly sealedAt: number;
}

export function viewOfReceipt(receipt: VerifiedReceipt): ReceiptView {
  const { transaction, result, header, blockId } = receipt;
  const { serial, miner, sealedAt } = header;
  const { address } = transaction;
  return { address, charge: chargeFactsOf(transaction), result, sealed: { serial, miner, sealedAt, id: blockId } };
}

/** The charge at an address of a chain, with what waits for a block; undefined when there is no contract there. */
export function viewOfCharge(chain: Chain, address: Uint8Array): ReceiptView | undefined {
  const transaction = chain.pending.transactions.get(toHex(address));
  if (transaction === undefined) return undefined;
  const { result } = transaction;
  const charge = collectFacts(chain, address, transaction.open);
  const link = linksOf(chain).findLast((each) => each.results.some((body) => equalBytes(body.address, address)));
  if (link?.block === undefined || result === undefined) return { address, charge, result, sealed: undefined };
  const { miner, sealedAt, serial } = link.block.header;
  return { address, charge, result, sealed: { serial, miner, sealedAt, id: link.block.id } };
}

function collectFacts(chain: Chain, address: Uint8Array, open: ChargeFacts["open"]): ChargeFacts {
  const facts = [...linksOf(chain).flatMap((link) => link.block?.facts ?? []), ...chain.mempool.facts()];
  const reports: Record<Role, ReportBody[]> = { station: [], vehicle: [] };
  const completes: Partial<Record<Role, CompleteBody>> = {};
  const cancelled: Partial<Record<Role, true>> = {};
  for (const { kind, body } of facts.filter((fact) => isAbout(fact, address))) {
    if (kind === "REPORT") reports[body.role].push(body);
    if (kind === "COMPLETE") completes[body.role] = body;
    if (kind === "CANCEL") cancelled[body.role] = true;
  }
  return { open, reports, completes, cancelled };
}

function isAbout(fact: Fact, address: Uint8Array): boolean {
  return fact.kind !== "JOIN" && fact.kind !== "OPEN" && equalBytes(fact.body.address, address);
}

function linksOf(chain: Chain): NonNullable<ReturnType<Chain["at"]>>[] {
  return Array.from({ length: chain.head.state.serial + 1 }, (_, serial) => chain.at(serial)).filter(
    (link) => link !== undefined,
  );
}
