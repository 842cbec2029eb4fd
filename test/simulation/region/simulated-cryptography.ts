/**
 * Signatures that cost a hash. Inside one simulation they cannot be forged: whoever verifies looks the secret up in a
 * registry that only the signers of this file write to, and no gateway can ask it for a secret.
 *
 * Keys, hashes, key agreement and sealing are the real ones. So are the signatures of the few purposes whose bytes go
 * into an id by way of a sealed message (AUTH and JOIN in the handshake's transcript), so that a seed plays the same
 * history with either: only signature bytes differ.
 */
import { NobleSigner } from "#adapters/crypto/noble-signer.ts";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { concatBytes, equalBytes } from "#base/bytes.ts";
import { SIGNATURE_BYTES, type Cryptography, type Signer } from "#core/identity/cryptography.ts";
import { PURPOSE } from "#core/wire/purpose.ts";

export type CryptoKind = "real" | "simulated";

/** The cryptography of one simulated region, and the signers that go with it. */
export interface RegionCryptography {
  readonly crypto: Cryptography;
  readonly signerOf: (secretKey: Uint8Array) => Signer;
}

export function regionCryptography(kind: CryptoKind): RegionCryptography {
  const real = new NodeCryptography();
  if (kind === "real") return { crypto: real, signerOf: (secretKey) => new NobleSigner(secretKey) };
  const registry = new Map<string, Uint8Array>();
  const verify: Cryptography["verify"] = (publicKey, message, signature) => {
    if (isReallySigned(message)) return real.verify(publicKey, message, signature);
    const secret = registry.get(nameOf(publicKey));
    return secret !== undefined && equalBytes(signature, markOf(real, secret, message));
  };
  const crypto: Cryptography = Object.assign(Object.create(real) as Cryptography, {
    verify,
    // A private field of the real class cannot be reached through an object that only inherits from it.
    sha256: (message: Uint8Array) => real.sha256(message),
  });
  return {
    crypto,
    signerOf: (secretKey) => {
      const signer = new NobleSigner(secretKey);
      const secret = real.sha256(concatBytes(SEPARATION, secretKey));
      registry.set(nameOf(signer.publicKey), secret);
      const sign = (message: Uint8Array): Uint8Array =>
        isReallySigned(message) ? signer.sign(message) : markOf(real, secret, message);
      return { publicKey: signer.publicKey, sign };
    },
  };
}

const SEPARATION = new TextEncoder().encode("simulated signature");
const HALF = SIGNATURE_BYTES / 2;

/** Twice the hash, the first bit of the second half clear: what a check for a low s lets pass. */
function markOf(crypto: Cryptography, secret: Uint8Array, message: Uint8Array): Uint8Array {
  const half = crypto.sha256(concatBytes(secret, message));
  const mark = new Uint8Array(SIGNATURE_BYTES);
  mark.set(half);
  mark.set(half, HALF);
  mark[HALF] = (half[0] ?? 0) & 0x7f;
  return mark;
}

function nameOf(publicKey: Uint8Array): string {
  return Buffer.from(publicKey.buffer, publicKey.byteOffset, publicKey.byteLength).toString("latin1");
}

/**
 * Where the purpose stands in what is signed: `["Signature1", h'A10126', external, payload]` with the external data
 * `["TALLY1", network, purpose]`, all of fixed length before it.
 */
const PURPOSE_AT = 1 + 11 + 4 + 1 + 1 + 7 + 9;
/** Purposes up to 23 are one byte. */
const REALLY_SIGNED: ReadonlySet<number> = new Set([PURPOSE.CERT, PURPOSE.JOIN, PURPOSE.ENROL, PURPOSE.AUTH]);

function isReallySigned(message: Uint8Array): boolean {
  return REALLY_SIGNED.has(message[PURPOSE_AT] ?? 0);
}
