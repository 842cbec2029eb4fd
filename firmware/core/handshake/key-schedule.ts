/**
 * Transcripts and keys. `H` is SHA-256; tuples are CBOR arrays.
 *
 *     th2 = H(["TALLY1/hs2", network, offer id, hello, station's ephemeral, station's nonce])
 *     th3 = H(["TALLY1/hs3", th2, H(sealed part of M2)])
 *     th4 = H(["TALLY1/hs4", th3, M3])
 *     prk = HKDF-Extract(salt = th2, x of the shared point);  key(label) = HKDF-Expand(prk, ["TALLY1/key", label], 32)
 *
 *     M2 is sealed with key s1 and additional data th2, M3 with e1 and th3, M4 with s2 and th4
 *
 * Each key seals one message, so the nonce of the AEAD may be constant.
 */
import { AEAD_KEY_BYTES, type Cryptography } from "#core/identity/cryptography.ts";
import { hkdfExpand, hkdfExtract } from "#core/identity/hkdf.ts";
import { encodeCbor } from "#core/wire/cbor.ts";
import type { M2 } from "./messages.ts";

/** The keys of the private channel that follows: live data that has no place in the ledger. */
export interface ChannelKeys {
  /** Seals what the vehicle sends. */
  readonly vehicle: Uint8Array;
  readonly station: Uint8Array;
  /** Draws the pattern by which a vehicle finds on its own meter that it hangs on this station. */
  readonly watermark: Uint8Array;
}

export interface HandshakeKeys {
  readonly s1: Uint8Array;
  readonly e1: Uint8Array;
  readonly s2: Uint8Array;
  readonly channel: ChannelKeys;
}

export interface Exchange {
  readonly network: Uint8Array;
  readonly offer: Uint8Array;
  readonly hello: Uint8Array;
  /** The station's half, as M2 shows it. */
  readonly station: Pick<M2, "ephemeral" | "nonce">;
}

export function transcriptOfM2(crypto: Cryptography, { network, offer, hello, station }: Exchange): Uint8Array {
  return crypto.sha256(encodeCbor(["TALLY1/hs2", network, offer, hello, station.ephemeral, station.nonce]));
}

/** th3: the transcript that OPEN names. */
export function transcriptOfM3(crypto: Cryptography, th2: Uint8Array, sealedM2: Uint8Array): Uint8Array {
  return crypto.sha256(encodeCbor(["TALLY1/hs3", th2, crypto.sha256(sealedM2)]));
}

export function transcriptOfM4(crypto: Cryptography, th3: Uint8Array, m3: Uint8Array): Uint8Array {
  return crypto.sha256(encodeCbor(["TALLY1/hs4", th3, m3]));
}

/**
 * The keys that both sides of the exchange find. Undefined when the other point is none of the curve or the shared
 * secret is zero: no honest side sends such a point.
 */
export function deriveKeys(
  crypto: Cryptography,
  secret: Uint8Array,
  point: Uint8Array,
  th2: Uint8Array,
): HandshakeKeys | undefined {
  const shared = crypto.sharedSecret(secret, point);
  if (shared?.some((byte) => byte !== 0) !== true) return undefined;
  const pseudorandom = hkdfExtract(crypto, th2, shared);
  const key = (label: string): Uint8Array =>
    hkdfExpand(crypto, pseudorandom, encodeCbor(["TALLY1/key", label]), AEAD_KEY_BYTES);
  const channel = { vehicle: key("ch-e"), station: key("ch-s"), watermark: key("wm") };
  return { s1: key("s1"), e1: key("e1"), s2: key("s2"), channel };
}
