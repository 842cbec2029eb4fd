/** Who a gateway of a simulated region is: its keys come from its name, so it is the same in every run. */
import { toHex } from "#base/bytes.ts";
import type { Signer } from "#core/identity/cryptography.ts";
import { deviceIdOf, encodeInception, inceptionOf, type DeviceRole } from "#core/identity/device-id.ts";
import type { RegionCryptography } from "./simulated-cryptography.ts";

export interface NodeIdentity {
  readonly name: string;
  readonly role: DeviceRole;
  readonly organisation: string;
  readonly signer: Signer;
  readonly inception: Uint8Array;
  readonly did: Uint8Array;
  /** The device id in hex. */
  readonly key: string;
}

export function makeNodeIdentity(
  { crypto, signerOf }: RegionCryptography,
  name: string,
  role: DeviceRole,
  organisation: string,
): NodeIdentity {
  const secret = (key: string): Uint8Array => crypto.sha256(new TextEncoder().encode(`${name} ${key}`));
  const signer = signerOf(secret("K0"));
  const inception = encodeInception(inceptionOf(crypto, role, signer.publicKey, signerOf(secret("K1")).publicKey));
  const did = deviceIdOf(crypto, inception);
  return { name, role, organisation, signer, inception, did, key: toHex(did) };
}
