/** Puts the program of a station's contracts on the ledger, where it is not there yet. */
import { toHex } from "#base/bytes.ts";
import { fail, ok, type Result } from "#base/result.ts";
import { codeBody } from "#core/contract/code-fact.ts";
import type { Signer } from "#core/identity/cryptography.ts";
import { codeNamed } from "#core/ledger/apply-code.ts";
import type { FactFault } from "#core/ledger/apply-fact.ts";
import { encodeFact } from "#core/ledger/fact.ts";
import { PROGRAMS_PER_MEMBER_MAX } from "#core/limits.ts";
import { codeHash } from "#core/script/code-hash.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { encodeShape } from "#core/wire/schema.ts";
import { encodeSigned, toBeSigned } from "#core/wire/signed.ts";
import type { LedgerService } from "./ledger-service.ts";

export interface CodePublisher {
  readonly ledger: LedgerService;
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
  if (codeNamed(pending, codeHash(crypto, program), crypto) !== undefined) return ok(false);
  const slots = Array.from({ length: PROGRAMS_PER_MEMBER_MAX }, (_, number) => number);
  const number = slots.find((slot) => pending.codeSlots.get(`${toHex(did)}:${slot}`) === undefined);
  if (number === undefined) return fail({ code: "CODE_NO_SLOT", slots: slots.length });
  const payload = encodeShape(codeBody, { network, member: did, number, program });
  const signature = signer.sign(toBeSigned(network, PURPOSE.CODE, payload));
  const submitted = await ledger.submit(encodeFact("CODE", encodeSigned(payload, [signature])));
  return submitted.ok ? ok(true) : submitted;
}
