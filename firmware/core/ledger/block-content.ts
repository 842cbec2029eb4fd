/** What a block holds, against what its header commits to. */
import { equalBytes } from "#base/bytes.ts";
import { linksRootOf } from "./apply-certificates.ts";
import type { Block } from "./block.ts";
import { merkleRoot, type Hash } from "./merkle-tree.ts";

/** What is not what the id of the block covers; undefined where all is. Signatures are not looked at. */
export function otherContent(
  hash: Hash,
  { header, facts, results, certificates }: Block,
): "facts" | "results" | "certificates" | undefined {
  const ids = facts.map((fact) => fact.id);
  if (!equalBytes(merkleRoot(hash, ids), header.factsRoot)) return "facts";
  if (!equalBytes(merkleRoot(hash, results), header.resultsRoot)) return "results";
  const links = certificates.length === 0 ? NOTHING : linksRootOf(hash, certificates);
  return equalBytes(links, header.linksRoot ?? NOTHING) ? undefined : "certificates";
}

const NOTHING = new Uint8Array();
