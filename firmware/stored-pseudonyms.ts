/** The identities of a vehicle gateway as files: those that are there, and what a further one is made of. */
import { basename, dirname, join } from "node:path";
import { equalBytes } from "#base/bytes.ts";
import { inspectFolder } from "#adapters/flash-store/index.ts";
import { createKeyFile, KeyFileError, loadKeyFile } from "#adapters/keys/key-file.ts";
import { DEVICE_ROLE_OF } from "#config/gateway-config.ts";
import { decodeCertificate } from "#core/identity/certificate.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import { deviceIdOf } from "#core/identity/device-id.ts";
import type { PreparedPseudonym } from "#core/identity/pseudonym-turn.ts";
import type { Genesis } from "#core/ledger/genesis.ts";
import type { Randomness } from "#hal/ports/randomness.ts";
import type { GatewayPlaces } from "./gateway-places.ts";
import { inceptionOfKeys, membershipFiles } from "./membership-files.ts";
import { makeFolder, placesOfPseudonym, pseudonymNumbers } from "./pseudonym-places.ts";

export interface StoredPseudonym extends PreparedPseudonym {
  readonly did: Uint8Array;
  readonly places: GatewayPlaces;
}

export interface PseudonymContext {
  readonly crypto: Cryptography;
  readonly genesis: Genesis;
  /** Of the first identity. */
  readonly places: GatewayPlaces;
}

/** Folders of a vehicle's flash that each identity has, beside those that are made when they are first wanted. */
export const PSEUDONYM_FOLDERS = ["ledger", "energy", "promise"] as const;

/**
 * The identities with a number above that one that have keys, by number. One whose keys cannot be read is left out, as
 * is a certificate that is another's or does not hold: neither must keep a car from charging with what it has.
 */
export async function storedPseudonyms(context: PseudonymContext, above = 1): Promise<readonly StoredPseudonym[]> {
  const found: StoredPseudonym[] = [];
  for (const number of (await pseudonymNumbers(context.places)).filter((each) => each > above)) {
    const pseudonym = await storedPseudonym(context, number).catch((error: unknown) => {
      if (error instanceof KeyFileError) return undefined;
      throw error;
    });
    if (pseudonym !== undefined) found.push(pseudonym);
  }
  return found;
}

/** @throws KeyFileError */
export async function storedPseudonym(context: PseudonymContext, number: number): Promise<StoredPseudonym> {
  const { crypto } = context;
  const places = placesOfPseudonym(context.places, number);
  const inception = inceptionOfKeys(crypto, DEVICE_ROLE_OF.vehicle, await loadKeyFile(places.key));
  const did = deviceIdOf(crypto, inception);
  const certificate = await certificateOf(context, { did, places });
  return { number, did, places, ...(certificate && { certificate }) };
}

/** Makes the keys of an identity where there are none. Durable when it resolves. @throws KeyFileError */
export async function makePseudonymKeys(first: GatewayPlaces, number: number, random: Randomness): Promise<void> {
  const { key } = placesOfPseudonym(first, number);
  await makeFolder(dirname(key));
  await createKeyFile(key, random).catch((error: unknown) => {
    if (!(error instanceof KeyFileError) || error.code !== "KEY_FILE_EXISTS") throw error;
  });
}

/** Makes its folders on flash. Durable when it resolves. */
export async function makePseudonymFlash(first: GatewayPlaces, number: number): Promise<void> {
  const { flash } = placesOfPseudonym(first, number);
  for (const name of PSEUDONYM_FOLDERS) await makeFolder(join(flash, name));
}

/** What an identity has promised last, without owning its register; undefined where there is none. */
export async function storedPromise({ flash }: Pick<GatewayPlaces, "flash">): Promise<Uint8Array | undefined> {
  const found = await inspectFolder(join(flash, "promise")).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  });
  return found?.register?.newest?.value;
}

/** For people. */
export function pseudonymFolderName({ key }: Pick<GatewayPlaces, "key">): string {
  return join("pseudonyms", basename(dirname(key)));
}

async function certificateOf(
  { crypto, genesis }: PseudonymContext,
  { did, places }: Pick<StoredPseudonym, "did" | "places">,
): Promise<PreparedPseudonym["certificate"]> {
  const authorities = genesis.body.membership?.enrolmentKeys;
  if (authorities === undefined) return undefined;
  const envelope = await membershipFiles(crypto, places.key, () => undefined).certificate();
  if (envelope === undefined) return undefined;
  const read = decodeCertificate(envelope, crypto, { network: genesis.network, authorities });
  if (!read.ok || !equalBytes(read.value.deviceId, did)) return undefined;
  return { notBefore: read.value.notBefore, notAfter: read.value.notAfter };
}
