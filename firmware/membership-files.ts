/** Certificate, keys and recovery of a gateway, as files beside its key. */
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { assert } from "#base/assert.ts";
import { NobleSigner } from "#adapters/crypto/noble-signer.ts";
import { loadKeyFile, type GatewayKeys } from "#adapters/keys/key-file.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import { encodeInception, inceptionOf, type DeviceRole } from "#core/identity/device-id.ts";
import { FACT_BYTES_MAX } from "#core/limits.ts";
import { decodeCbor, isList } from "#core/wire/cbor.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import type { MembershipFiles, RotatedSigners } from "#services/membership-service.ts";
import { certificatePlace } from "./certificate-file.ts";

export const RECOVERY_NAME = "rotation.tally";

export function recoveryPlace(keyPath: string): string {
  return join(dirname(keyPath), RECOVERY_NAME);
}

/** What is missing or is no such file counts as not there: a stick may be in the middle of being copied. */
export function membershipFiles(
  crypto: Cryptography,
  keyPath: string,
  onRotated: (signers: RotatedSigners) => void,
): MembershipFiles {
  return {
    certificate: async () => envelopeIn(await contentOf(certificatePlace(keyPath)), PURPOSE.CERT),
    rotated: async () => {
      const signers = rotatedSigners(crypto, await loadKeyFile(keyPath));
      if (signers !== undefined) onRotated(signers);
      return signers;
    },
    recovery: async () => {
      const bytes = await contentOf(recoveryPlace(keyPath));
      return envelopeIn(bytes, PURPOSE.ROTATE) === undefined ? undefined : bytes;
    },
  };
}

/** The device's inception, which its key file names after a rotation, and before follows from its keys. */
export function inceptionOfKeys(crypto: Cryptography, role: DeviceRole, keys: GatewayKeys): Uint8Array {
  if (keys.rotated !== undefined) return keys.rotated.inception;
  const [signing, next] = [keys.signing, keys.next].map((secret) => new NobleSigner(secret.reveal()).publicKey);
  assert(signing !== undefined && next !== undefined, "two keys have two public keys");
  return encodeInception(inceptionOf(crypto, role, signing, next));
}

/** The keys of a device that has rotated. */
export function rotatedSigners(
  crypto: Cryptography,
  { signing, next, rotated }: GatewayKeys,
): RotatedSigners | undefined {
  if (rotated === undefined) return undefined;
  return {
    number: rotated.number,
    before: new NobleSigner(rotated.before.reveal()),
    current: new NobleSigner(signing.reveal()),
    nextKeyDigest: crypto.sha256(new NobleSigner(next.reveal()).publicKey),
  };
}

async function contentOf(path: string): Promise<Uint8Array | undefined> {
  const bytes = await readFile(path).catch(() => undefined);
  return bytes === undefined || bytes.length > FACT_BYTES_MAX ? undefined : new Uint8Array(bytes);
}

function envelopeIn(bytes: Uint8Array | undefined, purpose: number): Uint8Array | undefined {
  const item = bytes === undefined ? undefined : decodeCbor(bytes);
  const [found, envelope] = item?.ok === true && isList(item.value) && item.value.length === 2 ? item.value : [];
  return found === purpose && envelope instanceof Uint8Array ? envelope : undefined;
}
