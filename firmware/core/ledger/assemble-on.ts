/** A whole block from its header and its facts: the results follow from both. */
import { toHex } from "#base/bytes.ts";
import { fail, ok, type Result } from "#base/result.ts";
import { executeFacts, type LedgerContext } from "./apply-block.ts";
import type { BareBlock, Block } from "./block.ts";
import type { ChainFault } from "./chain-fault.ts";
import type { Fact } from "./fact.ts";
import type { Link } from "./link.ts";

/** @param parent the block before it; undefined when it is not here */
export function assembleOn(
  parent: Pick<Link, "state"> | undefined,
  { certificates, ...header }: BareBlock,
  facts: readonly Fact[],
  context: LedgerContext,
): Result<Block, ChainFault> {
  const { previous, serial, sealedAt } = header.header;
  if (parent === undefined) return fail({ code: "CHAIN_UNKNOWN_PARENT", parent: toHex(previous), serial });
  const executed = executeFacts(parent.state, facts, sealedAt, context);
  if (!executed.ok) return executed;
  return ok({ ...header, facts, results: executed.value.encodedResults, certificates });
}
