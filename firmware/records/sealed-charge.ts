/** What of a chain belongs on the receipt of a charge: the block with its newest result, and the facts behind it. */
import { equalBytes, toHex } from "#base/bytes.ts";
import type { Terms } from "#core/contract/terms.ts";
import { deviceIdOf } from "#core/identity/device-id.ts";
import { compareFacts } from "#core/ledger/block-order.ts";
import type { Block } from "#core/ledger/block.ts";
import type { Chain, ChainLink } from "#core/ledger/chain.ts";
import type { CodeFact, Fact } from "#core/ledger/fact.ts";
import type { Transaction } from "#core/ledger/state.ts";
import { codeHash } from "#core/script/code-hash.ts";

export interface SealedCharge {
  /** The block that holds the newest result, and the place of the result in it. */
  readonly block: Block;
  readonly index: number;
  /** Those from which the result follows, in the order of a block. */
  readonly facts: readonly Fact[];
}

export function sealedCharge(chain: Chain, address: Uint8Array): SealedCharge | undefined {
  const key = toHex(address);
  const links = Array.from({ length: chain.head.state.serial }, (_, place) => chain.at(place + 1)).filter(
    (link): link is ChainLink => link !== undefined,
  );
  const transaction = chain.head.state.transactions.get(key);
  const sealings = links.filter((link) => link.results.some((result) => toHex(result.address) === key));
  const block = sealings.at(-1)?.block;
  if (block === undefined || transaction === undefined) return undefined;
  const { station, vehicle, terms } = transaction.open;
  const code = links
    .flatMap((link) => link.block?.facts ?? [])
    .find((fact): fact is CodeFact => fact.kind === "CODE" && isNamedBy(chain, terms, fact));
  const signers = [station, vehicle, block.header.miner, terms.arbiter, code?.body.member];
  const of = { key, transaction, code: code?.key, signers: new Set(signers.map((did) => toHex(did ?? NOBODY))) };
  const results = sealings.at(-1)?.results ?? [];
  const index = results.findIndex((result) => toHex(result.address) === key);
  // A dispute that lapsed ends as the result before it said, whatever was said in between.
  const hasLapsed = results[index]?.ending === "lapse";
  const lastSerial = (hasLapsed ? sealings.at(-2) : sealings.at(-1))?.state.serial ?? block.header.serial;
  const facts = links
    .slice(0, block.header.serial)
    .flatMap(({ block: each, state: { serial } }) =>
      (each?.facts ?? []).filter((fact) => isOf(chain, fact, of) && (isMembership(fact) || serial <= lastSerial)),
    );
  return { block, index, facts: facts.sort(compareFacts) };
}

function isNamedBy({ context: { crypto } }: Chain, terms: Terms, fact: CodeFact): boolean {
  return equalBytes(codeHash(crypto, fact.body.program), terms.codeHash);
}

const NOBODY = new Uint8Array();

/** Who signs with which key: whatever it is about, it holds for every fact of the charge. */
function isMembership({ kind }: Fact): boolean {
  return kind === "JOIN" || kind === "ROTATE";
}

interface Of {
  readonly key: string;
  readonly transaction: Transaction;
  /** Whose signatures the receipt has. */
  readonly signers: ReadonlySet<string>;
  /** The CODE that brought the contract's program; absent where every gateway carries it. */
  readonly code: string | undefined;
}

function isOf(chain: Chain, fact: Fact, { key, transaction, signers, code }: Of): boolean {
  switch (fact.kind) {
    case "JOIN": {
      const did = deviceIdOf(chain.context.crypto, fact.body.inception);
      return signers.has(toHex(did));
    }
    case "ROTATE":
      return signers.has(toHex(fact.body.device));
    // It ends nothing that has begun, so no result rests on it.
    case "REVOKE":
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
