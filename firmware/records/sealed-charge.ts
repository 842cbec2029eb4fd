/** What of a chain belongs on the receipt of a charge: the block with its newest result, and the facts behind it. */
import { equalBytes, toHex } from "#base/bytes.ts";
import type { Terms } from "#core/contract/terms.ts";
import { deviceIdOf } from "#core/identity/device-id.ts";
import { compareFacts } from "#core/ledger/block-order.ts";
import type { Block } from "#core/ledger/block.ts";
import type { Chain, ChainLink } from "#core/ledger/chain.ts";
import { decodeFact, type CodeFact, type Fact } from "#core/ledger/fact.ts";
import type { Transaction } from "#core/ledger/state.ts";
import { chargeInBlocks } from "./charge-in-blocks.ts";
import { standingFacts } from "#core/ledger/voided-words.ts";
import { codeHash } from "#core/script/code-hash.ts";

export interface SealedCharge {
  /** The block that holds the newest result, and the place of the result in it. */
  readonly block: Block;
  readonly index: number;
  /** Those from which the result follows, in the order of a block. */
  readonly facts: readonly Fact[];
}

/** @param others of whom the facts also say who they are and which keys they have, by dids in hex */
export function sealedCharge(
  chain: Chain,
  address: Uint8Array,
  others: ReadonlySet<string> = new Set(),
): SealedCharge | undefined {
  const key = toHex(address);
  const links = Array.from({ length: chain.head.serial }, (_, place) => chain.at(place + 1)).filter(
    (link): link is ChainLink => link !== undefined,
  );
  const transaction = chain.head.state.transactions.get(key) ?? chargeInBlocks(chain, address);
  const sealings = links.filter((link) => link.results.some((result) => toHex(result.address) === key));
  const block = sealings.at(-1)?.block;
  if (block === undefined || transaction === undefined) return undefined;
  const { station, vehicle, terms } = transaction.open;
  // Each block is read once and its other facts let go: most of them are on flash alone.
  const heard = links.flatMap(({ block: each, serial }) =>
    (each?.facts ?? [])
      .filter((fact) => mayBelong(chain, fact, { key, transaction }))
      .map((fact) => ({ fact, serial })),
  );
  const code = heard
    .map(({ fact }) => fact)
    .find((fact): fact is CodeFact => fact.kind === "CODE" && isNamedBy(chain, terms, fact));
  const signers = [station, vehicle, block.header.miner, terms.arbiter, code?.body.member];
  const own = signers.map((did) => toHex(did ?? NOBODY));
  const of = { key, transaction, code: code?.key, signers: new Set([...own, ...others]) };
  const results = sealings.at(-1)?.results ?? [];
  const index = results.findIndex((result) => toHex(result.address) === key);
  // A dispute that lapsed ends as the result before it said, whatever was said in between.
  const hasLapsed = results[index]?.ending === "lapse";
  const lastSerial = (hasLapsed ? sealings.at(-2) : sealings.at(-1))?.serial ?? block.header.serial;
  const isInTime = (fact: Fact, serial: number): boolean => {
    const member = membershipOf(chain, fact);
    if (member === undefined) return serial <= lastSerial;
    return serial <= block.header.serial || others.has(member);
  };
  const inBlocks = heard.flatMap(({ fact, serial }) => (isOf(chain, fact, of) && isInTime(fact, serial) ? [fact] : []));
  const facts = [...inBlocks, ...identitiesBeside(chain, inBlocks, of.signers)];
  return { block, index, facts: [...standingFacts(facts, transaction)].sort(compareFacts) };
}

/** The block with the newest result of the charge; undefined while it has none. */
export function sealingBlock(chain: Chain, address: Uint8Array): Block | undefined {
  const key = toHex(address);
  for (let { serial } = chain.head; serial > 0; serial -= 1) {
    const link = chain.at(serial);
    if (link?.results.some((result) => toHex(result.address) === key) === true) return link.block;
  }
  return undefined;
}

/** Before it is known whose membership and which program the charge needs. */
function mayBelong(chain: Chain, fact: Fact, charge: Pick<Of, "key" | "transaction">): boolean {
  const isWhoOrWhat = fact.kind === "JOIN" || fact.kind === "ROTATE" || fact.kind === "CODE";
  return isWhoOrWhat || isOf(chain, fact, { ...charge, signers: NO_SIGNERS, code: undefined });
}

const NO_SIGNERS: ReadonlySet<string> = new Set();

function isNamedBy({ context: { crypto } }: Chain, terms: Terms, fact: CodeFact): boolean {
  return equalBytes(codeHash(crypto, fact.body.program), terms.codeHash);
}

const NOBODY = new Uint8Array();

/**
 * Of whom a fact says with which key it signs, by its did in hex: that holds for every fact of the charge. Undefined
 * for a fact of another kind.
 */
function membershipOf({ context: { crypto } }: Chain, fact: Fact): string | undefined {
  if (fact.kind === "JOIN") return toHex(deviceIdOf(crypto, fact.body.inception));
  return fact.kind === "ROTATE" ? toHex(fact.body.device) : undefined;
}

/** Who they are, where the blocks that said so are not here any more: a gateway that has joined late has such facts. */
function identitiesBeside(chain: Chain, inBlocks: readonly Fact[], dids: ReadonlySet<string>): readonly Fact[] {
  if (chain.at(1) !== undefined) return [];
  const known = new Set(inBlocks.map(({ key }) => key));
  const joined = new Set(inBlocks.flatMap((fact) => (fact.kind === "JOIN" ? (membershipOf(chain, fact) ?? []) : [])));
  const keys = [...dids].flatMap((did) => {
    const rotations = chain.head.state.members.get(did)?.keys.flatMap(({ rotateId }) => rotateId ?? []) ?? [];
    return [...(joined.has(did) ? [] : [did]), ...rotations.map(toHex)];
  });
  return keys.flatMap((key) => {
    const encoded = key === "" ? undefined : chain.factBytes(key);
    const fact = encoded === undefined ? undefined : decodeFact(chain.context, encoded);
    return fact?.ok === true && !known.has(fact.value.key) ? [fact.value] : [];
  });
}

interface Of {
  readonly key: string;
  readonly transaction: Pick<Transaction, "openId">;
  /** Whose signatures the receipt has. */
  readonly signers: ReadonlySet<string>;
  /** The CODE that brought the contract's program; absent where every gateway carries it. */
  readonly code: string | undefined;
}

function isOf(chain: Chain, fact: Fact, { key, transaction, signers, code }: Of): boolean {
  switch (fact.kind) {
    case "JOIN":
    case "ROTATE":
      return signers.has(membershipOf(chain, fact) ?? "");
    // It ends nothing that has begun, so no result rests on it. And the words that evidence has left standing say the
    // result by themselves.
    case "REVOKE":
    case "EVIDENCE":
      return false;
    case "CODE":
      return fact.key === code;
    case "OPEN":
      return equalBytes(fact.id, transaction.openId);
    case "REPORT":
    case "COMPLETE":
    case "CANCEL":
    case "RESOLVE":
    case "ADJUDICATE":
      return toHex(fact.body.address) === key;
  }
}
