/**
 * The receipt of one charge: everything that was signed about it, its result, and the block that holds the result. Its
 * holder needs nobody to check it: the same rules that every node applies are applied to its content.
 *
 * What it cannot prove by itself is that the miner had the right to seal that block: that follows from the whole chain.
 */
import { equalBytes, toHex } from "#base/bytes.ts";
import { fail, ok, type Result } from "#base/result.ts";
import { HASH_BYTES, type Cryptography } from "#core/identity/cryptography.ts";
import {
  BLOCK_HEADER_BYTES_MAX,
  FACT_BYTES_MAX,
  PROPOSALS_PER_ROLE_MAX,
  REPORTS_PER_SESSION_MAX,
  RESULT_BYTES_MAX,
} from "#core/limits.ts";
import { applyFact, type FactFault } from "#core/ledger/apply-fact.ts";
import { decodeHeader, resultBody, type Header, type HeaderBody, type ResultBody } from "#core/ledger/block.ts";
import type { Chain } from "#core/ledger/chain.ts";
import { closeTransactions } from "#core/ledger/close-transactions.ts";
import { decodeFact, type Fact } from "#core/ledger/fact.ts";
import { decodeGenesis, type Genesis } from "#core/ledger/genesis.ts";
import { isSignedByItsMiner } from "#core/ledger/header-signer.ts";
import { keysOf } from "#core/ledger/membership.ts";
import { inclusionPath, provesInclusion } from "#core/ledger/merkle-tree.ts";
import { nextLayer, stateOfGenesis, type LedgerState, type Transaction } from "#core/ledger/state.ts";
import type { Role } from "#core/session/facts.ts";
import {
  bytes,
  decodeShape,
  encodeShape,
  field,
  integer,
  list,
  optional,
  record,
  text,
  unsigned,
  type ValueOf,
} from "#core/wire/schema.ts";
import { checkFinalityProof, makeFinalityProof, type ProofFault } from "./finality-proof.ts";
import { sealedCharge } from "./sealed-charge.ts";
import type { SealedFinality } from "./sealed-finality.ts";
import { slipOfReceipt, slipText } from "./slip.ts";

export const RECEIPT_TITLE = "TALLY1/receipt";

const FINALITY_BYTES_MAX = 512 * 1024;
/** JOINs and ROTATEs of those who have made the block final. */
const VOTER_FACTS_MAX = 1024;
/** Reports, proposals and last words of two, up to five JOINs, CODE, OPEN and a ruling. */
const FACTS_MAX = 2 * (REPORTS_PER_SESSION_MAX + 1 + PROPOSALS_PER_ROLE_MAX + 2) + 8 + VOTER_FACTS_MAX;

const receipt = record({
  title: field(0, text(RECEIPT_TITLE.length)),
  version: field(1, integer(1, 1)),
  genesis: field(2, bytes(1, 16 * 1024)),
  address: field(3, bytes(HASH_BYTES)),
  /**
   * JOINs of the parties, the arbiter and the miner, OPEN, reports, completions, proposals, the ruling: all as they
   * were signed. Of a charge that lapsed, what stood when it ended: what came later changed nothing.
   */
  facts: field(4, list(bytes(1, FACT_BYTES_MAX), FACTS_MAX)),
  header: field(5, bytes(1, BLOCK_HEADER_BYTES_MAX)),
  result: field(6, bytes(1, RESULT_BYTES_MAX)),
  resultIndex: field(7, unsigned),
  resultCount: field(8, unsigned),
  resultPath: field(9, list(bytes(HASH_BYTES), 16)),
  /** That the block is final (`finality-proof.ts`); absent while it was not known to be. */
  finality: optional(10, bytes(1, FINALITY_BYTES_MAX)),
});

export type Receipt = ValueOf<typeof receipt>;

export type ReceiptFault =
  | { readonly code: "RECEIPT_UNREADABLE"; readonly reason: string }
  | { readonly code: "RECEIPT_BAD_FACT"; readonly fact: string; readonly kind: string; readonly fault: FactFault }
  | { readonly code: "RECEIPT_NO_SUCH_CHARGE" }
  | {
      readonly code: "RECEIPT_WRONG_RESULT";
      readonly field: string;
      readonly claimed: string;
      readonly follows: string;
    }
  | { readonly code: "RECEIPT_NOT_SEALED"; readonly reason: string }
  | { readonly code: "RECEIPT_NOT_FINAL"; readonly fault: ProofFault };

export interface VerifiedReceipt {
  readonly genesis: Genesis;
  readonly transaction: Transaction;
  readonly result: ResultBody;
  readonly header: HeaderBody;
  /** Id of the block that holds the result. */
  readonly blockId: Uint8Array;
  /** Whether the block is final, as far as the receipt itself proves it. */
  readonly finality: SealedFinality;
  /** All that was signed, as it was read. */
  readonly facts: readonly Fact[];
  /** Who runs the two gateways, in their own words. */
  readonly organisations: Readonly<Record<Role, string>>;
  /** The text of its code; undefined where the contract is too large for one. */
  readonly slip: string | undefined;
}

/** The receipt of a charge whose result stands in a block; undefined while it has none, or its words are gone. */
export function makeReceipt(chain: Chain, address: Uint8Array): Uint8Array | undefined {
  const sealing = chain.sealingOf(toHex(address))?.block;
  const proof = sealing === undefined ? undefined : makeFinalityProof(chain, sealing);
  const sealed = sealedCharge(chain, address, proof?.voters);
  if (sealed === undefined) return undefined;
  const { block, facts, index } = sealed;
  const hash = (message: Uint8Array): Uint8Array => chain.context.crypto.sha256(message);
  const file = encodeShape(receipt, {
    title: RECEIPT_TITLE,
    version: 1,
    genesis: chain.genesis.bytes,
    address,
    facts: facts.map((fact) => fact.bytes),
    header: block.headerBytes,
    result: block.results[index] ?? new Uint8Array(),
    resultIndex: index,
    resultCount: block.results.length,
    resultPath: inclusionPath(hash, block.results, index),
    ...(proof === undefined ? {} : { finality: proof.bytes }),
  });
  // Of a charge whose blocks are dropped, or have rotted, there may be a few words left: they make no receipt.
  return verifyReceipt(chain.context.crypto, file).ok ? file : undefined;
}

/** Checks a receipt of anybody's making: signatures, order and limits of its facts, its result, its block. */
export function verifyReceipt(crypto: Cryptography, file: Uint8Array): Result<VerifiedReceipt, ReceiptFault> {
  const read = decodeShape(receipt, file);
  if (!read.ok) return unreadable(read.fault.code);
  if (read.value.title !== RECEIPT_TITLE) return unreadable("not a receipt");
  const genesis = decodeGenesis(crypto, read.value.genesis);
  if (!genesis.ok) return unreadable(`genesis: ${genesis.fault.code}`);
  const context = { crypto, network: genesis.value.network };
  const header = decodeHeader(context, read.value.header);
  if (!header.ok) return unreadable(`header: ${header.fault.code}`);
  const state = nextLayer(stateOfGenesis(crypto, genesis.value));
  const replayed = replayFacts(state, read.value, context);
  if (!replayed.ok) return replayed;
  const transaction = state.transactions.get(toHex(read.value.address));
  if (transaction === undefined) return fail({ code: "RECEIPT_NO_SUCH_CHARGE" });
  const result = checkResult(state, read.value, header.value.header.sealedAt);
  if (!result.ok) return result;
  const sealed = checkSeal(state, read.value, context);
  if (!sealed.ok) return sealed;
  const finality = checkFinality(state, read.value, { crypto, genesis: genesis.value, header: header.value });
  if (!finality.ok) return finality;
  const organisationOf = (role: Role): string => state.members.get(toHex(transaction.open[role]))?.organisation ?? "";
  const slip = slipOfReceipt(crypto, genesis.value, { ...read.value, facts: replayed.value });
  return ok({
    genesis: genesis.value,
    transaction,
    result: result.value,
    header: header.value.header,
    blockId: header.value.id,
    finality: finality.value,
    facts: replayed.value,
    organisations: { station: organisationOf("station"), vehicle: organisationOf("vehicle") },
    slip: slip === undefined ? undefined : slipText(crypto, slip),
  });
}

interface Network {
  readonly crypto: Cryptography;
  readonly network: Uint8Array;
}

/**
 * In which blocks the facts stand, a receipt does not say, so the grace counts from the earliest that can be: the start
 * of the charge. That it was over by then is the miner's word, as the time of its block is.
 */
function replayFacts(state: LedgerState, { facts }: Receipt, context: Network): Result<readonly Fact[], ReceiptFault> {
  const verified = new WeakMap<Fact, string>();
  const decoded: Fact[] = [];
  for (const encoded of facts) {
    const fact = decodeFact(context, encoded);
    if (!fact.ok) return unreadable(`fact: ${fact.fault.code}`);
    decoded.push(fact.value);
  }
  let now = 0;
  let waiting: readonly Fact[] = [];
  const apply = (fact: Fact): FactFault | undefined => {
    // When a key was replaced a receipt does not say: the chain has judged by it, and here every contract is before.
    const at = fact.kind === "ROTATE" ? Number.MAX_SAFE_INTEGER : now;
    const applied = applyFact(state, fact, { ...context, verified, now: at });
    return applied.ok || isAuthorityAgain(fact, applied.fault) ? undefined : applied.fault;
  };
  for (const fact of decoded) {
    if (fact.kind === "OPEN") now = fact.body.startedAt;
    const fault = apply(fact);
    // In blocks a JOIN with a later key stands after the ROTATE, and an office's after the device's own.
    if (fault?.code === "FACT_REFERS_UNKNOWN" && fact.kind === "JOIN") waiting = [...waiting, fact];
    else if (fault !== undefined) return badFact(fact, fault);
    else waiting = waiting.filter((each) => apply(each) !== undefined);
  }
  const [left] = waiting;
  return left === undefined
    ? ok(decoded)
    : badFact(left, { code: "FACT_REFERS_UNKNOWN", what: "member or key", key: left.key });
}

function badFact({ key, kind }: Fact, fault: FactFault): ReturnType<typeof fail<ReceiptFault>> {
  return fail({ code: "RECEIPT_BAD_FACT", fact: key, kind, fault });
}

/** An authority is a member from the genesis on; its own JOIN says nothing new. */
function isAuthorityAgain(fact: Fact, fault: FactFault): boolean {
  return fact.kind === "JOIN" && fault.code === "FACT_KNOWN";
}

function checkResult(
  state: LedgerState,
  { address, result }: Receipt,
  sealedAt: number,
): Result<ResultBody, ReceiptFault> {
  const claimed = decodeShape(resultBody, result);
  if (!claimed.ok) return unreadable(`result: ${claimed.fault.code}`);
  // A lapse follows from the end that it makes final.
  const ends = claimed.value.ending === "lapse" ? ["first", "lapse"] : ["first"];
  const follows = ends
    .flatMap(() => closeTransactions(state, sealedAt))
    .findLast((body) => equalBytes(body.address, address));
  if (follows === undefined) {
    return fail({ code: "RECEIPT_WRONG_RESULT", field: "state", claimed: claimed.value.state, follows: "still open" });
  }
  // A result of a later revision follows from the same facts; the number of revisions is the chain's to know.
  for (const name of Object.keys(follows) as (keyof ResultBody)[]) {
    const [own, theirs] = [show(follows[name]), show(claimed.value[name])];
    if (name !== "revision" && own !== theirs) {
      return fail({ code: "RECEIPT_WRONG_RESULT", field: name, claimed: theirs, follows: own });
    }
  }
  return ok(claimed.value);
}

function checkSeal(state: LedgerState, proof: Receipt, context: Network): Result<void, ReceiptFault> {
  const header = decodeHeader(context, proof.header);
  if (!header.ok) return unreadable(`header: ${header.fault.code}`);
  const { header: body } = header.value;
  if (!equalBytes(body.network, context.network)) return notSealed("the block is of another network");
  if (!state.members.has(toHex(body.miner))) return notSealed("the miner is no member that the receipt names");
  // It may have rotated in this very block, which is sealed with the key before.
  if (!isSignedByItsMiner(state, header.value, context)) return notSealed("the miner's signature is wrong");
  const inclusion = { leaf: proof.result, index: proof.resultIndex, size: proof.resultCount, path: proof.resultPath };
  const hash = (bytesToHash: Uint8Array): Uint8Array => context.crypto.sha256(bytesToHash);
  return provesInclusion(hash, inclusion, body.resultsRoot)
    ? ok(undefined)
    : notSealed("the block does not hold the result");
}

interface FinalityContext {
  readonly crypto: Cryptography;
  readonly genesis: Genesis;
  readonly header: Header;
}

function checkFinality(
  state: LedgerState,
  { finality }: Receipt,
  { crypto, genesis, header }: FinalityContext,
): Result<SealedFinality, ReceiptFault> {
  if (genesis.body.rules.finality === "off") return ok({ kind: "never" });
  if (finality === undefined) return ok({ kind: "not shown" });
  const block = { serial: header.header.serial, id: header.id };
  const context = { crypto, genesis, keysOf: (did: string) => keysOf(state, did) };
  const checked = checkFinalityProof(context, block, finality);
  return checked.ok ? checked : fail({ code: "RECEIPT_NOT_FINAL", fault: checked.fault });
}

function unreadable(reason: string): { readonly ok: false; readonly fault: ReceiptFault } {
  return fail({ code: "RECEIPT_UNREADABLE", reason });
}

function notSealed(reason: string): { readonly ok: false; readonly fault: ReceiptFault } {
  return fail({ code: "RECEIPT_NOT_SEALED", reason });
}

function show(value: ResultBody[keyof ResultBody]): string {
  return value instanceof Uint8Array ? toHex(value) : String(value);
}
