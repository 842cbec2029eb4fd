/**
 * The folders of the bench's gateways, as `init` would leave them. Only the order is another: the region's genesis
 * names all chargers, so all keys are made before it.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { NobleSigner } from "#adapters/crypto/noble-signer.ts";
import { createKeyFile } from "#adapters/keys/key-file.ts";
import { toHex } from "#base/bytes.ts";
import { deviceIdOf, encodeInception, inceptionOf } from "#core/identity/device-id.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import type { Genesis } from "#core/ledger/genesis.ts";
import type { Randomness } from "#hal/ports/randomness.ts";
import { CONFIG_NAME, FLASH_NAME, GENESIS_NAME, KEY_NAME } from "../config-text.ts";
import { FLASH_FOLDERS } from "../gateway-folder.ts";
import { makeRegionGenesis, type Region } from "../region-genesis.ts";

export interface BenchFolder {
  /** `charger-1`, `vehicle-1`: also the name of the folder. */
  readonly name: string;
  readonly role: "charger" | "vehicle";
  readonly path: string;
  readonly configPath: string;
  /** Device id in hex. */
  readonly did: string;
  readonly inception: Uint8Array;
  /** Each gateway is of an organisation of its own: charges within one organisation make no history. */
  readonly organisation: string;
}

/** Makes the folder and the keys in it. */
export async function makeBenchFolder(
  parent: string,
  gateway: { readonly role: BenchFolder["role"]; readonly number: number },
  tools: { readonly crypto: Cryptography; readonly randomness: Randomness },
): Promise<BenchFolder> {
  const { role, number } = gateway;
  const name = `${role}-${number}`;
  const path = join(parent, name);
  const deviceRole = role === "charger" ? "station" : "vehicle";
  for (const flash of FLASH_FOLDERS[deviceRole]) await mkdir(join(path, FLASH_NAME, flash), { recursive: true });
  const keys = await createKeyFile(join(path, KEY_NAME), tools.randomness);
  const publicKey = new NobleSigner(keys.signing.reveal()).publicKey;
  const nextPublicKey = new NobleSigner(keys.next.reveal()).publicKey;
  const inception = encodeInception(inceptionOf(tools.crypto, deviceRole, publicKey, nextPublicKey));
  const did = toHex(deviceIdOf(tools.crypto, inception));
  return { name, role, path, configPath: join(path, CONFIG_NAME), did, inception, organisation: `owner of ${name}` };
}

/** The chargers are the authorities: they stand still, and somebody must seal before anybody has a history. */
export async function writeBenchGenesis(
  folders: readonly BenchFolder[],
  region: Omit<Region, "authorities">,
  crypto: Cryptography,
): Promise<Genesis> {
  const authorities = folders.filter(({ role }) => role === "charger");
  const genesis = makeRegionGenesis(crypto, { ...region, authorities });
  for (const { path } of folders) await writeFile(join(path, GENESIS_NAME), genesis.bytes);
  return genesis;
}
