/**
 * The transaction address: names one contract for ever. It covers the network, the code and every byte that both sides
 * signed in OPEN, so neither terms nor code can change afterwards.
 */
import type { Cryptography } from "#core/identity/cryptography.ts";
import type { OpenBody } from "#core/session/facts.ts";
import { encodeCbor } from "#core/wire/cbor.ts";

export interface AddressParts {
  readonly network: Uint8Array;
  /** `codeHash` of the TERMS in the payload. */
  readonly codeHash: Uint8Array;
  /** The payload of OPEN as it was signed. */
  readonly openPayload: Uint8Array;
}

/** `txAddr`: SHA-256 of `["TALLY1/txAddr", network, codeHash, SHA-256(OPEN payload)]` in CBOR. */
export function transactionAddress(crypto: Cryptography, parts: AddressParts): Uint8Array {
  const { network, codeHash, openPayload } = parts;
  return crypto.sha256(encodeCbor(["TALLY1/txAddr", network, codeHash, crypto.sha256(openPayload)]));
}

/** The address of the charge that an OPEN begins; of the fact, or of what is to become one. */
export function openedAddress(
  { crypto, network }: { readonly crypto: Cryptography; readonly network: Uint8Array },
  { body, payload }: { readonly body: Pick<OpenBody, "terms">; readonly payload: Uint8Array },
): Uint8Array {
  return transactionAddress(crypto, { network, codeHash: body.terms.codeHash, openPayload: payload });
}
