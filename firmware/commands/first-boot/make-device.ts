/**
 * The keys and the region of a device: made once, at its first start, and never replaced. Each step is whole or not
 * there, and the record at the end says that all are; a start that finds no record goes on from what is there.
 */
import { join } from "node:path";
import { NobleSigner } from "#adapters/crypto/noble-signer.ts";
import { asOwnerOf } from "#adapters/files/as-owner.ts";
import { createKeyFile, KeyFileError, loadKeyFile, type GatewayKeys } from "#adapters/keys/key-file.ts";
import { assert } from "#base/assert.ts";
import { equalBytes, toHex } from "#base/bytes.ts";
import { fail, ok, type Result } from "#base/result.ts";
import { DEVICE_ROLE_OF } from "#config/gateway-config.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import { deviceIdOf, encodeInception, inceptionOf, type DeviceRole } from "#core/identity/device-id.ts";
import { decodeGenesis, type Genesis } from "#core/ledger/genesis.ts";
import type { Randomness } from "#hal/ports/randomness.ts";
import { FLASH_NAME, GENESIS_NAME, KEY_NAME } from "../config-text.ts";
import { FLASH_FOLDERS, type NewIdentity } from "../gateway-folder.ts";
import type { GatewayRole } from "../init.ts";
import type { CardFault } from "./card-fault.ts";
import type { RegionKeys } from "./card-parts.ts";
import { deviceFaults } from "./device-faults.ts";
import { parseRecord, RECORD_NAME, recordText, type DeviceRecord } from "./device-record.ts";
import { replaceFile, type Disk } from "./disk.ts";
import { foundRegion, type FoundingWish } from "./found-region.ts";

export interface DeviceWish extends FoundingWish {
  readonly role: GatewayRole;
  /** Of the region to join; undefined where the card has none. */
  readonly cardGenesis: Genesis | undefined;
}

export interface Device extends NewIdentity {
  readonly genesis: Genesis;
  /** Whether the region began with this gateway. */
  readonly isFounder: boolean;
  /** Whether it was made, or finished, by this call. */
  readonly isNew: boolean;
}

export interface DeviceTools {
  readonly disk: Disk;
  readonly crypto: Cryptography;
  readonly randomness: Randomness;
  /** Unix seconds; of a machine without a clock, the last that it knows of. */
  readonly nowSeconds: number;
}

const STATE_FILE_BYTES_MAX = 64 * 1024;

/** @param state folder of the device's own storage */
export async function makeDevice(
  state: string,
  wish: DeviceWish,
  tools: DeviceTools,
): Promise<Result<Device, CardFault>> {
  const { disk, crypto } = tools;
  const record = parseRecord(await readText(disk, join(state, RECORD_NAME)));
  const bornAs = record?.role ?? (await roleOfLedger(disk, state));
  if (bornAs !== undefined && bornAs !== wish.role) return fail(deviceFaults.otherRole(wish.role, bornAs));
  const isNew = record === undefined;
  const keys = await keysOf(state, { mayMake: bornAs === undefined }, tools);
  if (!keys.ok) return keys;
  const identity = identityOf(crypto, wish.role, keys.value);
  const device = toHex(identity.did);
  if (record !== undefined && record.device !== device) return fail(deviceFaults.otherKeys(record.device, device));
  const stored = genesisIn(crypto, await disk.read(join(state, GENESIS_NAME), STATE_FILE_BYTES_MAX));
  const chosen =
    bornAs === undefined ? newGenesis(wish, { identity, stored }, tools) : knownGenesis(wish, { record, stored });
  if (!chosen.ok) return chosen;
  const genesis = chosen.value;
  const mismatch = regionMismatch(wish.region, genesis);
  if (mismatch !== undefined) return fail(mismatch);
  await replaceFile(disk, { path: join(state, GENESIS_NAME), bytes: genesis.bytes, mode: 0o644 });
  await makeFlash(disk, state, DEVICE_ROLE_OF[wish.role]);
  const text = recordText({ role: wish.role, device, network: toHex(genesis.network) });
  const bytes = new TextEncoder().encode(text);
  await replaceFile(disk, { path: join(state, RECORD_NAME), bytes, mode: 0o644 });
  return ok({ ...identity, genesis, isNew, isFounder: isFounderOf(genesis, identity) });
}

/** Keys of a device that has a history are never made again: it would be another device on the old one's chain. */
async function keysOf(
  state: string,
  { mayMake }: { readonly mayMake: boolean },
  { disk, randomness }: DeviceTools,
): Promise<Result<GatewayKeys, CardFault>> {
  const names = await disk.list(state);
  const isThere = names.includes(KEY_NAME);
  const path = join(state, KEY_NAME);
  // What a power cut left of keys that never got their name.
  for (const draft of names.filter((name) => DRAFT.test(name))) await disk.remove(join(state, draft));
  if (!isThere && !mayMake) return fail(deviceFaults.keysGone(path));
  try {
    const keys = await asOwnerOf(state, () => (isThere ? loadKeyFile(path) : createKeyFile(path, randomness)));
    return ok(keys);
  } catch (error) {
    if (!(error instanceof KeyFileError) || !isThere) throw error;
    return fail(deviceFaults.keysUnreadable(path, error));
  }
}

const DRAFT = /^gateway\.key\.[0-9a-f]+\.draft$/;

function identityOf(crypto: Cryptography, role: GatewayRole, { signing, next, rotated }: GatewayKeys): NewIdentity {
  const [first, second] = [signing, next].map((secret) => new NobleSigner(secret.reveal()).publicKey);
  assert(first !== undefined && second !== undefined, "there are two keys");
  const made = encodeInception(inceptionOf(crypto, DEVICE_ROLE_OF[role], first, second));
  // The first key of a device that has rotated is gone; its id stays.
  const inception = rotated?.inception ?? made;
  return { did: deviceIdOf(crypto, inception), inception };
}

/** Of a device that nobody has heard of: the card's region, or for a charger one of its own. */
function newGenesis(
  wish: DeviceWish,
  { identity, stored }: { readonly identity: NewIdentity; readonly stored: Genesis | undefined },
  { crypto, nowSeconds }: DeviceTools,
): Result<Genesis, CardFault> {
  if (wish.cardGenesis !== undefined) return ok(wish.cardGenesis);
  if (wish.role !== "charger") return fail(deviceFaults.genesisMissing(wish.role));
  const found = (startedAt: number): Genesis => foundRegion(crypto, wish, identity.inception, startedAt);
  // Made by a start that was cut off; what was changed on the card since makes another.
  if (stored !== undefined && equalBytes(found(stored.body.startedAt).bytes, stored.bytes)) return ok(stored);
  return ok(found(nowSeconds));
}

/** Of a device with a history: its own, or when that file is lost, the same from the card. */
function knownGenesis(
  { cardGenesis }: DeviceWish,
  { record, stored }: { readonly record: DeviceRecord | undefined; readonly stored: Genesis | undefined },
): Result<Genesis, CardFault> {
  const own = [stored, cardGenesis].find(
    (genesis) => genesis !== undefined && (record === undefined || toHex(genesis.network) === record.network),
  );
  if (own === undefined) return fail(deviceFaults.genesisGone());
  if (cardGenesis !== undefined && !equalBytes(cardGenesis.id, own.id)) {
    return fail(deviceFaults.otherRegion(cardGenesis, own));
  }
  return ok(own);
}

function regionMismatch({ name, profile }: RegionKeys, { body }: Genesis): CardFault | undefined {
  if (name !== undefined && name !== body.name) return deviceFaults.regionKey("name", name, body.name);
  const ruled = body.rules.profile;
  if (profile !== undefined && profile !== ruled) return deviceFaults.regionKey("profile", profile, ruled);
  return undefined;
}

function isFounderOf({ body }: Genesis, { inception }: NewIdentity): boolean {
  return body.authorities.some(([authority]) => equalBytes(authority, inception));
}

/** A chain without a record was made by `init`, or brought from another machine; its folders say whose it is. */
async function roleOfLedger(disk: Disk, state: string): Promise<GatewayRole | undefined> {
  const ledger = await disk.list(join(state, FLASH_NAME, "ledger"));
  if (ledger.length === 0) return undefined;
  const folders = await disk.list(join(state, FLASH_NAME));
  if (folders.includes("energy")) return "vehicle";
  return folders.includes("meter") ? "charger" : "arbiter";
}

async function makeFlash(disk: Disk, state: string, role: DeviceRole): Promise<void> {
  const flash = join(state, FLASH_NAME);
  for (const folder of [flash, ...FLASH_FOLDERS[role].map((name) => join(flash, name))]) {
    await disk.makeFolder(folder);
  }
}

function genesisIn(crypto: Cryptography, bytes: Uint8Array | undefined): Genesis | undefined {
  const decoded = bytes === undefined ? undefined : decodeGenesis(crypto, bytes);
  return decoded?.ok === true ? decoded.value : undefined;
}

async function readText(disk: Disk, path: string): Promise<string> {
  const bytes = await disk.read(path, STATE_FILE_BYTES_MAX);
  return bytes === undefined ? "" : Buffer.from(bytes).toString("utf8");
}
