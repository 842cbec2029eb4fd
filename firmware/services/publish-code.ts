/**
 * Puts the program of a station's contracts on the ledger by the station's own word. That another member has put it up
 * is not enough: that one could sign another program for the same place, and on a branch with that the station's
 * contracts would name a program that is not there.
 */
import { equalBytes, toHex } from "#base/bytes.ts";
import { fail, ok, type Result } from "#base/result.ts";
import { codeBody } from "#core/contract/code-fact.ts";
import { ENERGY_V1_BYTES } from "#core/contract/energy-v1.ts";
import type { Signer } from "#core/identity/cryptography.ts";
import { codeNamed } from "#core/ledger/apply-code.ts";
import type { FactFault } from "#core/ledger/apply-fact.ts";
import { encodeFact } from "#core/ledger/fact.ts";
import { PROGRAMS_PER_MEMBER_MAX } from "#core/limits.ts";
import { codeHash } from "#core/script/code-hash.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { encodeShape } from "#core/wire/schema.ts";
import { encodeSigned, idOf, toBeSigned } from "#core/wire/signed.ts";
import type { LedgerService } from "./ledger-service.ts";

export interface CodePublisher {
  readonly ledger: Pick<LedgerService, "chain" | "submit">;
  readonly signer: Signer;
  readonly did: Uint8Array;
}

export type PublishFault = FactFault | { readonly code: "CODE_NO_SLOT"; readonly slots: number };

/** Resolves with whether it was new; durable then, and on its way to the others. */
export async function publishCode(
  { ledger, signer, did }: CodePublisher,
  program: Uint8Array,
): Promise<Result<boolean, PublishFault>> {
  const { crypto, network } = ledger.chain.context;
  const { pending } = ledger.chain;
  const isNamed = codeNamed(pending, codeHash(crypto, program), crypto) !== undefined;
  if (isNamed && equalBytes(program, ENERGY_V1_BYTES)) return ok(false);
  const slots = Array.from({ length: PROGRAMS_PER_MEMBER_MAX }, (_, number) => {
    const payload = encodeShape(codeBody, { network, member: did, number, program });
    return { payload, held: pending.codeSlots.get(`${toHex(did)}:${number}`) };
  });
  const isOwn = slots.some(
    ({ payload, held }) => held !== undefined && equalBytes(held, idOf(crypto, network, PURPOSE.CODE, payload)),
  );
  if (isOwn) return ok(false);
  const payload = slots.find(({ held }) => held === undefined)?.payload;
  if (payload === undefined) return isNamed ? ok(false) : fail({ code: "CODE_NO_SLOT", slots: slots.length });
  const signature = signer.sign(toBeSigned(network, PURPOSE.CODE, payload));
  const submitted = await ledger.submit(encodeFact("CODE", encodeSigned(payload, [signature])));
  return submitted.ok ? ok(true) : submitted;
}
