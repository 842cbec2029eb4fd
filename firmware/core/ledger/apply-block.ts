/**
 * Whether a block may follow its parent, and the state after it. Nothing of what the miner wrote is believed: place,
 * roots and results are computed again.
 */
import { equalBytes, toHex } from "#base/bytes.ts";
import { fail, ok, type Result } from "#base/result.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import { afterGovernors } from "#core/governance/advance-governance.ts";
import { CODE_VERSION, codeVersionIn, rulesInForce } from "#core/governance/governance.ts";
import { BLOCK_BYTES_MAX } from "#core/limits.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { encodeShape } from "#core/wire/schema.ts";
import { toBeSigned } from "#core/wire/signed.ts";
import { isCheckpoint } from "#core/finality/checkpoint.ts";
import { afterBlock } from "#core/finality/advance.ts";
import { applyCertificates, type BadCertificate } from "./apply-certificates.ts";
import { applyFact, type FactFault } from "./apply-fact.ts";
import { firstMisplaced } from "./block-order.ts";
import {
  encodedBlockBytes,
  resultBody,
  type Block,
  type BlockTooLarge,
  type HeaderBody,
  type ResultBody,
} from "./block.ts";
import { closeTransactions } from "./close-transactions.ts";
import { keyNames, type VerifiedFacts } from "./fact-fault.ts";
import type { Fact } from "./fact.ts";
import { knownHex } from "./known-hex.ts";
import { appendLeaf, logRoot, merkleRoot, type Hash } from "./merkle-tree.ts";
import { dueAt, schedule, slotOf, type Place } from "./schedule.ts";
import { stateRoot } from "./state-root.ts";
import { nextLayer, NO_TALLY, type LedgerState } from "./state.ts";

/** Miners remembered for the cooldown. */
const LAST_MINERS_MAX = 100;

export interface LedgerContext {
  readonly crypto: Cryptography;
  readonly network: Uint8Array;
  readonly verified: VerifiedFacts;
  /** The newest version of the code by which blocks can be judged here; `CODE_VERSION` where it is not said. */
  readonly codeVersion?: number;
}

export type BlockFault =
  /** Nobody could be sent it: a block that only those hold who heard of it at once would part them from the others. */
  | BlockTooLarge
  | { readonly code: "BLOCK_WRONG_FIELD"; readonly field: string; readonly found: string; readonly expected: string }
  /** The region's governors have decided for a newer version of the code than this software has: nothing is judged. */
  | { readonly code: "BLOCK_NEWER_CODE"; readonly version: number; readonly known: number }
  | { readonly code: "BLOCK_UNKNOWN_MINER"; readonly miner: string }
  | { readonly code: "BLOCK_BAD_SIGNATURE"; readonly miner: string }
  /** The schedule of the parent names another node for that rank. */
  | { readonly code: "BLOCK_NOT_ITS_TURN"; readonly miner: string; readonly rank: number; readonly expected: string }
  | { readonly code: "BLOCK_TOO_EARLY"; readonly sealedAt: number; readonly dueAt: number }
  | { readonly code: "BLOCK_SLOT_USED"; readonly slot: number; readonly lastSlot: number }
  | { readonly code: "BLOCK_FACTS_MISPLACED"; readonly place: number }
  | { readonly code: "BLOCK_BAD_FACT"; readonly place: number; readonly fact: string; readonly fault: FactFault }
  | { readonly code: "BLOCK_WRONG_RESULT"; readonly place: number }
  | BadCertificate;

/** The state after the block, and the results that it wrote. */
export interface AppliedBlock {
  readonly state: LedgerState;
  readonly results: readonly ResultBody[];
}

export function applyBlock(
  parent: LedgerState,
  block: Block,
  context: LedgerContext,
): Result<AppliedBlock, BlockFault> {
  const newer = newerCode(parent, context);
  if (newer !== undefined) return fail(newer);
  const header = checkHeader(parent, block, context);
  if (!header.ok) return header;
  const size = encodedBlockBytes(block);
  if (size > BLOCK_BYTES_MAX) return fail({ code: "BLOCK_TOO_LARGE", bytes: size });
  const misplaced = firstMisplaced(block.facts);
  if (misplaced >= 0) return fail({ code: "BLOCK_FACTS_MISPLACED", place: misplaced });
  const executed = executeFacts(parent, block.facts, block.header.sealedAt, context);
  if (!executed.ok) return executed;
  const { state, results, encodedResults } = executed.value;
  const wrong = encodedResults.findIndex((result, place) => !equalBytes(result, block.results[place] ?? NOTHING));
  if (wrong >= 0 || encodedResults.length !== block.results.length) {
    return fail({ code: "BLOCK_WRONG_RESULT", place: wrong >= 0 ? wrong : encodedResults.length });
  }
  const concluded = concludeBlock(parent, state, block, context);
  return concluded.ok ? ok({ state: concluded.value, results }) : concluded;
}

/**
 * The state after a block that was checked before it was stored: what follows from its facts is computed again and held
 * against its roots, which finds whatever differs. Who signed it, and that it was its turn, is believed.
 */
export function replayBlock(
  parent: LedgerState,
  block: Omit<Block, "results">,
  context: LedgerContext,
): Result<AppliedBlock & Pick<Execution, "encodedResults">, BlockFault> {
  const { header, facts } = block;
  const newer = newerCode(parent, context);
  if (newer !== undefined) return fail(newer);
  const executed = executeFacts(parent, facts, header.sealedAt, context);
  if (!executed.ok) return executed;
  const { state, results, encodedResults } = executed.value;
  const hash = (message: Uint8Array): Uint8Array => context.crypto.sha256(message);
  const roots = {
    previous: parent.id,
    factsRoot: merkleRoot(
      hash,
      facts.map((fact) => fact.id),
    ),
    resultsRoot: merkleRoot(hash, encodedResults),
    stateRoot: stateRootIn(hash, parent),
  };
  for (const [field, value] of Object.entries(roots)) {
    const found = header[field as keyof typeof roots];
    if (isSame(found, value)) continue;
    return fail({ code: "BLOCK_WRONG_FIELD", field, found: show(found), expected: show(value) });
  }
  const concluded = concludeBlock(parent, state, block, context);
  return concluded.ok ? ok({ state: concluded.value, results, encodedResults }) : concluded;
}

/** What keeps this software from judging a block behind the state; undefined where it knows how. */
export function newerCode(
  parent: Pick<LedgerState, "finality">,
  { codeVersion = CODE_VERSION }: Pick<LedgerContext, "codeVersion">,
): Extract<BlockFault, { readonly code: "BLOCK_NEWER_CODE" }> | undefined {
  const version = codeVersionIn(parent.finality);
  return version > codeVersion ? { code: "BLOCK_NEWER_CODE", version, known: codeVersion } : undefined;
}

const NOTHING = new Uint8Array();

export interface Execution {
  /** The facts and results applied; the block itself is not in it yet. */
  readonly state: LedgerState;
  readonly results: readonly ResultBody[];
  readonly encodedResults: readonly Uint8Array[];
}

/** Applies facts in their order on a parent and closes what is due; the first fact that may not stand ends it. */
export function executeFacts(
  parent: LedgerState,
  facts: readonly Fact[],
  sealedAt: number,
  context: LedgerContext,
): Result<Execution, BlockFault> {
  const state = nextLayer(parent);
  const now = { ...context, now: sealedAt };
  for (const [place, fact] of facts.entries()) {
    const applied = applyFact(state, fact, now);
    if (!applied.ok) return fail({ code: "BLOCK_BAD_FACT", place, fact: fact.key, fault: applied.fault });
  }
  const results = closeTransactions(state, sealedAt);
  return ok({ state, results, encodedResults: results.map((result) => encodeShape(resultBody, result)) });
}

/**
 * The state that the next block builds on. The facts and results are in it already; now come the certificates, what the
 * header must say of all that, and the block itself.
 */
function concludeBlock(
  parent: LedgerState,
  state: LedgerState,
  block: Pick<Block, "header" | "id" | "certificates">,
  context: LedgerContext,
): Result<LedgerState, BlockFault> {
  const { header, id, certificates } = block;
  const applied = applyCertificates(parent, state, certificates, context);
  if (!applied.ok) return applied;
  const { fields, chosen } = applied.value;
  for (const [field, said] of Object.entries(fields)) {
    const [found, value] = [header[field as keyof HeaderBody], said as HeaderBody[keyof HeaderBody]];
    if (isSame(found, value)) continue;
    return fail({ code: "BLOCK_WRONG_FIELD", field, found: show(found), expected: show(value) });
  }
  const { finality: before, rules } = parent;
  const sealed = sealedState(state, block, context);
  if (rules.finality === "off") return ok(sealed);
  const { serial } = header;
  // What governors have decided in this block stands in the state's finality, and nothing else differs from before.
  const reached = afterBlock(state.finality, rules, { serial, id, certificates, chosen });
  const finality = afterGovernors(reached, rules, { serial, epochBefore: before.epoch });
  const isChanged = finality.governance?.changes !== before.governance?.changes;
  const inForce = isChanged ? rulesInForce(parent.genesis.rules, finality.governance) : rules;
  return ok({ ...sealed, finality, rules: inForce });
}

function sealedState(state: LedgerState, block: Pick<Block, "header" | "id">, { crypto }: LedgerContext): LedgerState {
  const { header, id } = block;
  const miner = knownHex(header.miner);
  state.tallies.set(miner, { ...(state.tallies.get(miner) ?? NO_TALLY), lastSlot: header.slot });
  return {
    ...state,
    serial: header.serial,
    id,
    sealedAt: header.sealedAt,
    log: appendLeaf((message) => crypto.sha256(message), state.log, id),
    lastMiners: [...state.lastMiners, miner].slice(-LAST_MINERS_MAX),
  };
}

function checkHeader(parent: LedgerState, block: Block, context: LedgerContext): Result<void, BlockFault> {
  const { header } = block;
  const hash = (message: Uint8Array): Uint8Array => context.crypto.sha256(message);
  const places = schedule(hash, parent);
  const [rank, tier] = header.rank;
  const place = places[rank];
  const miner = knownHex(header.miner);
  const expected = expectedFields(parent, block, context, place);
  for (const [field, value] of Object.entries(expected)) {
    const found = header[field as keyof HeaderBody];
    if (!isSame(found, value)) {
      return fail({ code: "BLOCK_WRONG_FIELD", field, found: show(found), expected: show(value) });
    }
  }
  const member = parent.members.get(miner);
  if (member === undefined) return fail({ code: "BLOCK_UNKNOWN_MINER", miner });
  if (place?.did !== miner || place.tier !== tier) {
    return fail({ code: "BLOCK_NOT_ITS_TURN", miner, rank, expected: place?.did ?? "nobody" });
  }
  const due = dueAt(parent, rank);
  if (header.sealedAt < due) return fail({ code: "BLOCK_TOO_EARLY", sealedAt: header.sealedAt, dueAt: due });
  const { lastSlot } = parent.tallies.get(miner) ?? NO_TALLY;
  if (header.slot <= lastSlot) return fail({ code: "BLOCK_SLOT_USED", slot: header.slot, lastSlot });
  return isSignedBy(block, member.publicKey, context) ? ok(undefined) : fail({ code: "BLOCK_BAD_SIGNATURE", miner });
}

function isSignedBy(block: Block, publicKey: Uint8Array, { crypto, network, verified }: LedgerContext): boolean {
  if (verified.get(block) === keyNames([publicKey])) return true;
  return crypto.verify(publicKey, toBeSigned(network, PURPOSE.HEADER, block.headerPayload), block.signature);
}

/** What the header must say, whoever seals. */
function expectedFields(
  parent: LedgerState,
  block: Block,
  { crypto, network }: LedgerContext,
  place: Place | undefined,
): { readonly [Name in keyof HeaderBody]?: HeaderBody[Name] | undefined } {
  const hash = (message: Uint8Array): Uint8Array => crypto.sha256(message);
  return {
    network,
    serial: parent.serial + 1,
    previous: parent.id,
    stateRoot: stateRootIn(hash, parent),
    logRoot: logRoot(hash, parent.log),
    factsRoot: merkleRoot(
      hash,
      block.facts.map((fact) => fact.id),
    ),
    resultsRoot: merkleRoot(hash, block.results),
    factCount: block.facts.length,
    slot: slotOf(parent, block.header.sealedAt),
    codeVersion: codeVersionIn(parent.finality),
    ...(place === undefined ? {} : { rank: [block.header.rank[0], place.tier] as const }),
  };
}

/** What the block behind a parent says of the parent's state: its root, if it is a checkpoint. */
export function stateRootIn(hash: Hash, parent: LedgerState): Uint8Array | undefined {
  return isCheckpoint(parent.rules.checkpointBlocks, parent.serial + 1) ? stateRoot(hash, parent) : undefined;
}

function isSame(found: HeaderBody[keyof HeaderBody], value: HeaderBody[keyof HeaderBody]): boolean {
  if (found instanceof Uint8Array && value instanceof Uint8Array) return equalBytes(found, value);
  return found === value || show(found) === show(value);
}

function show(value: HeaderBody[keyof HeaderBody]): string {
  if (value === undefined) return "absent";
  if (value instanceof Uint8Array) return toHex(value);
  return typeof value === "object" && "id" in value ? `${value.serial} ${toHex(value.id)}` : String(value);
}
