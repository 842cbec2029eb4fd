/**
 * A charge that the state has forgotten, from the blocks: whoever asks for an old receipt gets it as long as the blocks
 * are kept.
 */
import { equalBytes, toHex } from "#base/bytes.ts";
import { openedAddress } from "#core/handshake/transaction-address.ts";
import { codeNamed } from "#core/ledger/apply-code.ts";
import type { ResultBody } from "#core/ledger/block.ts";
import type { Chain } from "#core/ledger/chain.ts";
import type { Fact, OpenFact } from "#core/ledger/fact.ts";
import { NO_CONTRADICTIONS, type Transaction } from "#core/ledger/state.ts";

export type KnownCharge = Pick<
  Transaction,
  "address" | "openId" | "open" | "code" | "result" | "openedAt" | "completingSince" | "contradicted"
>;

/**
 * From the state where that still has it, with what waits for a block; undefined when there never was such a charge.
 */
export function knownCharge(chain: Chain, address: Uint8Array): KnownCharge | undefined {
  return chain.pending.transactions.get(toHex(address)) ?? chargeInBlocks(chain, address);
}

/** Looks from the newest block down: from the one with the last result to the one with the OPEN. */
export function chargeInBlocks(chain: Chain, address: Uint8Array): KnownCharge | undefined {
  let result: ResultBody | undefined;
  let completingSince: number | undefined;
  for (let serial = chain.sealingOf(toHex(address))?.serial ?? 0; serial > 0; serial -= 1) {
    const link = chain.at(serial);
    result ??= link?.results.find((each) => equalBytes(each.address, address));
    if (link === undefined || result === undefined) continue;
    const facts = link.block?.facts ?? [];
    if (facts.some(({ kind, body }) => kind === "COMPLETE" && equalBytes(body.address, address))) {
      completingSince = link.sealedAt;
    }
    const open = facts.find((fact): fact is OpenFact => isOpenOf(chain, fact, address));
    if (open === undefined) continue;
    const { crypto } = chain.context;
    const code = codeNamed(chain.pending, open.body.terms.codeHash, crypto);
    if (code === undefined) return undefined;
    const times = { openedAt: link.sealedAt, completingSince };
    return { address, openId: open.id, open: open.body, code, result, ...times, contradicted: NO_CONTRADICTIONS };
  }
  return undefined;
}

function isOpenOf(chain: Chain, fact: Fact, address: Uint8Array): boolean {
  return fact.kind === "OPEN" && equalBytes(openedAddress(chain.context, fact), address);
}
