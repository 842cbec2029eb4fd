/**
 * The signed envelope: COSE_Sign1 (RFC 9052, section 4.2) with ES256, an empty unprotected header and the purpose and
 * network as external data. A fact signed by several carries all signatures over the same bytes, in a fixed order.
 *
 *     [ h'A10126', {}, payload, signature ]                 one signer
 *     [ h'A10126', {}, payload, signature, signature ]      two signers
 *     [ h'A10126', {}, payload, signature… ]                governors: one to fifteen
 *
 * The id of a signed object is the SHA-256 of what is signed, never of a signature: ECDSA has many valid signatures of
 * one message, and an id must not depend on which of them arrived.
 */
import { assert } from "#base/assert.ts";
import { concatBytes, equalBytes } from "#base/bytes.ts";
import { fail, ok, type Result } from "#base/result.ts";
import { SIGNATURE_BYTES, type Cryptography } from "#core/identity/cryptography.ts";
import { FACT_BYTES_MAX, GOVERNORS_MAX } from "#core/limits.ts";
import { byteStringHead, encodeCbor, isMap, viewCbor, type CborFault, type CborValue } from "./cbor.ts";
import type { Purpose } from "./purpose.ts";

/** A network is named by the first 8 bytes of the SHA-256 of its genesis. */
export const NETWORK_BYTES = 8;

export interface SignedFault {
  readonly code: "SIGNED_WRONG_FORM";
  readonly reason: string;
}

export interface Signed {
  readonly payload: Uint8Array;
  readonly signatures: readonly Uint8Array[];
}

/** How many sign for a purpose; of the governors as many as have signed so far. */
export type Signers = 1 | 2 | "governors";

/** What is signed: Sig_structure of RFC 9052, section 4.4. */
export function toBeSigned(network: Uint8Array, purpose: Purpose, payload: Uint8Array): Uint8Array {
  return concatBytes(beforePayload(network, purpose), byteStringHead(payload.length), payload);
}

/** All of it but the payload, which is the last of four: the same for whatever a region signs for one purpose. */
function beforePayload(network: Uint8Array, purpose: Purpose): Uint8Array {
  const known = BEFORE.get(purpose);
  if (known !== undefined && equalBytes(known.network, network)) return known.bytes;
  assert(network.length === NETWORK_BYTES, `a network is named by ${NETWORK_BYTES} bytes`);
  const external = encodeCbor(["TALLY1", network, purpose]);
  const bytes = encodeCbor(["Signature1", ES256, external, NO_PAYLOAD]).slice(0, -byteStringHead(0).length);
  BEFORE.set(purpose, { network: network.slice(), bytes });
  return bytes;
}

/** Of the network that was asked for last: a gateway is in one. */
const BEFORE = new Map<Purpose, { readonly network: Uint8Array; readonly bytes: Uint8Array }>();
const NO_PAYLOAD = new Uint8Array();

export function encodeSigned(payload: Uint8Array, signatures: readonly Uint8Array[]): Uint8Array {
  const bytes = encodeCbor(signedItem(payload, signatures));
  assert(bytes.length <= FACT_BYTES_MAX, `nobody accepts an envelope of ${bytes.length} bytes`);
  return bytes;
}

/** The envelope as an item of a larger message. */
export function signedItem(payload: Uint8Array, signatures: readonly Uint8Array[]): CborValue {
  assert(signatures.length >= 1 && signatures.length <= GOVERNORS_MAX, "an envelope has one signature or more");
  assert(signatures.every(isSignature), `a signature has ${SIGNATURE_BYTES} bytes`);
  return [ES256, new Map(), payload, ...signatures];
}

/**
 * Takes an envelope apart; `signers` is how many signatures its purpose asks for. Verifies nothing. Its parts are parts
 * of the bytes.
 */
export function decodeSigned(bytes: Uint8Array, signers: Signers): Result<Signed, CborFault | SignedFault> {
  if (bytes.length > FACT_BYTES_MAX) return wrong(`longer than ${FACT_BYTES_MAX} bytes`);
  const item = viewCbor(bytes);
  if (!item.ok) return item;
  const parts = item.value;
  if (!Array.isArray(parts) || !isCount(parts.length - 3, signers)) {
    return wrong(`not an envelope of ${signers === "governors" ? `1 to ${GOVERNORS_MAX}` : signers} signatures`);
  }
  const [header, unprotected, payload, ...signatures] = parts as readonly CborValue[];
  if (!(header instanceof Uint8Array) || !equalBytes(header, ES256)) return wrong("protected header is not ES256");
  if (unprotected === undefined || !isMap(unprotected) || unprotected.size > 0) return wrong("unprotected header");
  if (!(payload instanceof Uint8Array)) return wrong("payload is no byte string");
  if (!signatures.every(isSignature)) return wrong("signature is not 64 bytes");
  return ok({ payload, signatures });
}

/** What names a signed object for ever, whoever's signature came with it. */
export function idOf(crypto: Cryptography, network: Uint8Array, purpose: Purpose, payload: Uint8Array): Uint8Array {
  const before = beforePayload(network, purpose);
  const head = byteStringHead(payload.length);
  const length = before.length + head.length + payload.length;
  if (length > MESSAGE.length) return crypto.sha256(toBeSigned(network, purpose, payload));
  MESSAGE.set(before);
  MESSAGE.set(head, before.length);
  MESSAGE.set(payload, before.length + head.length);
  return crypto.sha256(MESSAGE.subarray(0, length));
}

/** Where messages are put together that nobody looks at again. */
const MESSAGE = new Uint8Array(1024);

/** {1: -7}: the algorithm is ES256 (RFC 9053, section 2.1). */
const ES256 = Uint8Array.of(0xa1, 0x01, 0x26);

function isCount(signatures: number, signers: Signers): boolean {
  return signers === "governors" ? signatures >= 1 && signatures <= GOVERNORS_MAX : signatures === signers;
}

function isSignature(item: CborValue): item is Uint8Array {
  return item instanceof Uint8Array && item.length === SIGNATURE_BYTES;
}

function wrong(reason: string): { readonly ok: false; readonly fault: SignedFault } {
  return fail({ code: "SIGNED_WRONG_FORM", reason });
}
