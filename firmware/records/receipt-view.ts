/**
 * One charge as a receipt tells it, whether it comes from a chain, a receipt file, the slip of a code, or facts that
 * still wait.
 */
import { equalBytes, toHex } from "#base/bytes.ts";
import type { ResultBody } from "#core/ledger/block.ts";
import type { Chain } from "#core/ledger/chain.ts";
import { isSessionFact, type Fact } from "#core/ledger/fact.ts";
import { inclusionPath } from "#core/ledger/merkle-tree.ts";
import { disputableUntil } from "#core/ledger/time-limits.ts";
import { standingFacts } from "#core/ledger/voided-words.ts";
import type { ChargeFacts } from "#core/session/charge-facts.ts";
import type { AdjudicateBody, CompleteBody, ReportBody, ResolveBody, Role } from "#core/session/facts.ts";
import type { VerifiedSlip } from "./check-slip.ts";
import { chargeOfSlip } from "./judge-slip.ts";
import type { VerifiedReceipt } from "./receipt.ts";
import { knownCharge } from "./charge-in-blocks.ts";
import { sealedCharge, type SealedCharge } from "./sealed-charge.ts";
import { sealedFinality, type SealedFinality } from "./sealed-finality.ts";
import { slipOf, slipText, type SlipParts } from "./slip.ts";
import { NO_WAYS_OUT, waysOutOf, type WaysOut } from "./ways-out.ts";

export interface ReceiptView {
  readonly address: Uint8Array;
  /** All that was signed, also what the ledger's state no longer keeps once a charge is settled. */
  readonly charge: ChargeFacts;
  /** Undefined while no block holds a result. */
  readonly result: ResultBody | undefined;
  readonly sealed: SealedIn | undefined;
  /** Name of the region; empty where only its network is known. */
  readonly region: string;
  /** Who runs the two gateways, in their own words, which may be none. */
  readonly organisations: Readonly<Record<Role, string>>;
  /** Until when a disputed or abandoned charge can still be settled, unix seconds. */
  readonly disputableUntil: number | undefined;
  readonly waysOut: WaysOut;
  /** The text of its code (`TALLY1:…`); undefined where there is none. */
  readonly slip: string | undefined;
}

/** The block that holds the result. */
export interface SealedIn {
  readonly serial: number;
  readonly id: Uint8Array;
  readonly miner: Uint8Array;
  /** Unix seconds. */
  readonly sealedAt: number;
  readonly finality: SealedFinality;
}

export function viewOfReceipt(receipt: VerifiedReceipt): ReceiptView {
  const { genesis, transaction, result, header, blockId, finality, facts, organisations, slip } = receipt;
  const { serial, miner, sealedAt } = header;
  const { address, open } = transaction;
  return {
    ...{ address, result, organisations, slip },
    // From the facts, because the state of a charge that is over keeps no readings.
    charge: { ...collectFacts(facts, address, open), code: transaction.code },
    sealed: { serial, miner, sealedAt, id: blockId, finality },
    region: genesis.body.name,
    disputableUntil: disputableUntil(transaction),
    waysOut: waysOutOf(transaction),
  };
}

/** What is in a code. Without the readings there is no curve, and not every price has lines. */
export function viewOfSlip(slip: VerifiedSlip, text: string): ReceiptView {
  const { address, open, words, sealed } = slip;
  return {
    address,
    charge: chargeOfSlip({ open: open.body, words }),
    result: sealed?.result,
    sealed:
      sealed === undefined
        ? undefined
        : {
            serial: sealed.header.serial,
            id: sealed.blockId,
            miner: sealed.header.miner,
            sealedAt: sealed.header.sealedAt,
            finality: { kind: "not shown" },
          },
    region: "",
    organisations: { station: "", vehicle: "" },
    disputableUntil: undefined,
    waysOut: NO_WAYS_OUT,
    slip: text,
  };
}

/** The charge at an address of a chain, with what waits for a block; undefined when there is no contract there. */
export function viewOfCharge(chain: Chain, address: Uint8Array): ReceiptView | undefined {
  const transaction = knownCharge(chain, address);
  if (transaction === undefined) return undefined;
  const { open } = transaction;
  const held = chain.pending.transactions.get(toHex(address));
  const sealing = sealedCharge(chain, address);
  const facts = sealing?.facts ?? standingFacts(factsOf(chain), transaction);
  const organisationOf = (role: Role): string => chain.pending.members.get(toHex(open[role]))?.organisation ?? "";
  const header = sealing?.block.header;
  return {
    address,
    charge: { ...collectFacts(facts, address, open), code: transaction.code },
    result: sealing === undefined ? undefined : transaction.result,
    sealed:
      header === undefined || sealing === undefined
        ? undefined
        : {
            ...{ serial: header.serial, miner: header.miner, sealedAt: header.sealedAt, id: sealing.block.id },
            finality: sealedFinality(chain, header.serial),
          },
    region: chain.genesis.body.name,
    organisations: { station: organisationOf("station"), vehicle: organisationOf("vehicle") },
    disputableUntil: disputableUntil(transaction),
    waysOut: held === undefined ? NO_WAYS_OUT : waysOutOf(held),
    slip: slipOfCharge(chain, address, facts, sealing),
  };
}

function slipOfCharge(
  chain: Chain,
  address: Uint8Array,
  facts: readonly Fact[],
  sealing: SealedCharge | undefined,
): string | undefined {
  const { genesis, context } = chain;
  const { crypto } = context;
  const own = facts.filter((fact) => fact.kind === "JOIN" || isAbout(fact, address));
  const open = facts.find((fact) => fact.kind === "OPEN" && equalBytes(fact.id, openIdOf(chain, address)));
  const parts = { crypto, genesis, facts: open === undefined ? own : [open, ...own] };
  const slip = sealing === undefined ? slipOf(parts) : slipOf({ ...parts, sealed: sealedPart(chain, sealing) });
  return slip === undefined ? undefined : slipText(crypto, slip);
}

function sealedPart({ context }: Chain, { block, index }: SealedCharge): NonNullable<SlipParts["sealed"]> {
  const hash = (message: Uint8Array): Uint8Array => context.crypto.sha256(message);
  return {
    headerPayload: block.headerPayload,
    seal: block.signature,
    miner: block.header.miner,
    result: block.results[index] ?? new Uint8Array(),
    index,
    count: block.results.length,
    path: inclusionPath(hash, block.results, index),
  };
}

function openIdOf(chain: Chain, address: Uint8Array): Uint8Array {
  return knownCharge(chain, address)?.openId ?? new Uint8Array();
}

function collectFacts(facts: readonly Fact[], address: Uint8Array, open: ChargeFacts["open"]): ChargeFacts {
  const reports: Record<Role, ReportBody[]> = { station: [], vehicle: [] };
  const completes: Partial<Record<Role, CompleteBody>> = {};
  const cancelled: Partial<Record<Role, true>> = {};
  const proposals: Record<Role, ResolveBody[]> = { station: [], vehicle: [] };
  let ruling: AdjudicateBody | undefined;
  for (const { kind, body } of facts.filter((fact) => isAbout(fact, address))) {
    if (kind === "REPORT") reports[body.role].push(body);
    if (kind === "COMPLETE") completes[body.role] = body;
    if (kind === "CANCEL") cancelled[body.role] = true;
    if (kind === "RESOLVE") proposals[body.role].push(body);
    if (kind === "ADJUDICATE") ruling = body;
  }
  return { open, reports, completes, cancelled, proposals, ruling };
}

function isAbout(fact: Fact, address: Uint8Array): boolean {
  if (!isSessionFact(fact)) return false;
  return equalBytes(fact.body.address, address);
}

/** All that stands in blocks, and what waits for one. */
function factsOf(chain: Chain): readonly Fact[] {
  const serials = Array.from({ length: chain.head.state.serial + 1 }, (_, serial) => serial);
  return [...serials.flatMap((serial) => chain.at(serial)?.block?.facts ?? []), ...chain.mempool.facts()];
}
