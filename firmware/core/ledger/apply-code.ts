/**
 * Whether a CODE may stand: a program that holds, put up by a member. Its slots are numbered, so that the limit is the
 * same on every branch: what contradicts is always two words of one signer.
 */
import { equalBytes, toHex } from "#base/bytes.ts";
import { ok, type Result } from "#base/result.ts";
import { ENERGY_SURFACE } from "#core/contract/energy-surface.ts";
import { ENERGY_V1_BYTES, energyV1CodeHash } from "#core/contract/energy-v1.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import { codeHash } from "#core/script/code-hash.ts";
import { decodeProgram } from "#core/script/encode-program.ts";
import { checkSurface } from "#core/script/surface.ts";
import { isSignedByAny, KNOWN, refersUnknown, refuse, type ApplyContext, type FactFault } from "./fact-fault.ts";
import type { CodeFact } from "./fact.ts";
import { keysHeard } from "./membership.ts";
import type { LedgerState } from "./state.ts";

export function applyCode(state: LedgerState, fact: CodeFact, context: ApplyContext): Result<void, FactFault> {
  const { network, member, number, program } = fact.body;
  if (!equalBytes(network, context.network)) return refuse({ code: "FACT_WRONG_NETWORK", network: toHex(network) });
  const signer = state.members.get(toHex(member));
  if (signer === undefined) return refersUnknown("member", member);
  const slot = `${toHex(member)}:${number}`;
  const known = state.codeSlots.get(slot);
  if (known !== undefined) {
    return equalBytes(known, fact.id)
      ? KNOWN
      : refuse({ code: "FACT_CONFLICTS", with: `code ${number} of the member` });
  }
  // Before the program is read: that costs more than a signature, and only members may ask for it.
  if (!isSignedByAny(fact, keysHeard(signer, context.now), context)) {
    return refuse({ code: "FACT_BAD_SIGNATURE", signer: toHex(member) });
  }
  const checked = checkCode(program);
  if (!checked.ok) return checked;
  state.codeSlots.set(slot, fact.id);
  // Another member may have put up the same program before: it is the same for whoever names it.
  state.programs.set(toHex(codeHash(context.crypto, program)), program);
  return ok(undefined);
}

/** The program that terms name by its hash; undefined while no CODE has brought it. */
export function codeNamed(
  state: Pick<LedgerState, "programs">,
  hash: Uint8Array,
  crypto: Cryptography,
): Uint8Array | undefined {
  return equalBytes(hash, energyV1CodeHash(crypto)) ? ENERGY_V1_BYTES : state.programs.get(toHex(hash));
}

function checkCode(bytes: Uint8Array): Result<void, FactFault> {
  const program = decodeProgram(bytes);
  if (!program.ok) return refuse({ code: "FACT_BAD_CODE", reason: program.fault.code });
  const [objection] = checkSurface(program.value, ENERGY_SURFACE);
  return objection === undefined ? ok(undefined) : refuse({ code: "FACT_BAD_CODE", reason: objection.place });
}
