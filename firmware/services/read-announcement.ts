/** The announcement of a block: its header and short ids of its facts, which are here already as a rule. */
import { toHex } from "#base/bytes.ts";
import { fail, ok, type Result } from "#base/result.ts";
import { decodeCertificates, decodeHeader, type Block } from "#core/ledger/block.ts";
import type { Chain } from "#core/ledger/chain.ts";
import type { Fact } from "#core/ledger/fact.ts";
import { isSignedByItsMiner } from "#core/ledger/header-signer.ts";
import { blockAnnouncement, splitShortIds } from "#core/mesh/sync-messages.ts";
import { decodeShape } from "#core/wire/schema.ts";

export interface Announced {
  /** Device id in hex. */
  readonly miner: string;
  /** Of the block: its id in hex. */
  readonly key: string;
  readonly isKnown: boolean;
  /** Undefined when something that it builds on is not here. */
  readonly block: Block | undefined;
}

export function readAnnouncement(chain: Chain, object: Uint8Array): Result<Announced, { readonly code: string }> {
  const announcement = decodeShape(blockAnnouncement, object);
  if (!announcement.ok) return announcement;
  const read = decodeHeader(chain.context, announcement.value.header);
  if (!read.ok) return read;
  const { header, key } = read.value;
  const miner = toHex(header.miner);
  if (chain.has(key)) return ok({ miner, key, isKnown: true, block: undefined });
  if (!chain.pending.members.has(miner)) return fail({ code: "BLOCK_UNKNOWN_MINER" });
  // Before anything is computed or asked for it: anybody can write a header with somebody's name.
  const isGenuine = isSignedByItsMiner(chain.pending, read.value, chain.context);
  if (!isGenuine) return fail({ code: "BLOCK_BAD_SIGNATURE" });
  // Beside what is final nothing can stand; and the state on which it would is no longer at hand.
  const parent = chain.link(toHex(header.previous));
  if (parent !== undefined && parent.serial < chain.final.serial) return fail({ code: "CHAIN_CONTRADICTS_FINAL" });
  const held = new Map(chain.mempool.facts().map((fact) => [fact.key.slice(0, 16), fact]));
  const facts = splitShortIds(announcement.value.shortIds).map((shortId) => held.get(shortId));
  const complete = facts.filter((fact): fact is Fact => fact !== undefined);
  const certificates = decodeCertificates(announcement.value.certificates);
  if (!certificates.ok) return certificates;
  const bare = { ...read.value, certificates: certificates.value };
  const assembled = complete.length === facts.length ? chain.assemble(bare, complete) : undefined;
  return ok({ miner, key, isKnown: false, block: assembled?.ok === true ? assembled.value : undefined });
}
