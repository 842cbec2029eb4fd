/** A gateway with keys drawn from its name whose signatures cost little, where a test needs very many of them. */
import { deviceIdOf, encodeInception, inceptionOf, type DeviceRole } from "#core/identity/device-id.ts";
import { crypto, named, type Actor } from "./ledger-actors.ts";
import { QuickSigner } from "./quick-signer.ts";

export function quickActor(name: string, role: DeviceRole, organisation: string): Actor {
  const [signer, next] = [new QuickSigner(named(`${name} key 0`)), new QuickSigner(named(`${name} key 1`))];
  const inception = encodeInception(inceptionOf(crypto, role, signer.publicKey, next.publicKey));
  return { name, role, signer, inception, did: deviceIdOf(crypto, inception), organisation };
}
