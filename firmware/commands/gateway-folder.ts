/**
 * The files of a new gateway: configuration, keys, genesis, empty flash folders. All of them or none; nothing that is
 * there is ever replaced, because lost keys are a lost device.
 */
import { mkdir, readdir, rm, rmdir, stat, open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { syncFolder } from "#adapters/files/sync-folder.ts";
import { NobleSigner } from "#adapters/crypto/noble-signer.ts";
import { createKeyFile } from "#adapters/keys/key-file.ts";
import { deviceIdOf, encodeInception, inceptionOf, type DeviceRole } from "#core/identity/device-id.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import type { Genesis } from "#core/ledger/genesis.ts";
import type { Randomness } from "#hal/ports/randomness.ts";
import { CommandError } from "./command-error.ts";
import { CONFIG_NAME, FLASH_NAME, GENESIS_NAME, KEY_NAME } from "./config-text.ts";
import { EXIT } from "./exit-code.ts";

export interface NewIdentity {
  readonly did: Uint8Array;
  readonly inception: Uint8Array;
}

export interface NewGateway {
  /** Made when it is not there. */
  readonly folder: string;
  readonly role: DeviceRole;
  readonly config: string;
  /** Known only when the identity is: the first gateway of a region is its authority. */
  readonly genesisFor: (identity: NewIdentity) => Genesis;
}

/** What each role keeps apart on flash: the ledger, and registers that are written at other times. */
export const FLASH_FOLDERS: Readonly<Record<DeviceRole, readonly string[]>> = {
  station: ["ledger", "meter"],
  vehicle: ["ledger", "energy", "promise"],
  arbiter: ["ledger"],
};

/** Rejects with a CommandError when one of the files is there, or with the system's error; then nothing was made. */
export async function makeGatewayFolder(
  gateway: NewGateway,
  tools: { readonly crypto: Cryptography; readonly randomness: Randomness },
): Promise<NewIdentity & { readonly genesis: Genesis }> {
  const { folder, role, config } = gateway;
  const path = (name: string): string => join(folder, name);
  await refuseOccupied(folder);
  const undo: (() => Promise<void>)[] = [];
  try {
    await makeFolder(folder, undo);
    const keys = await createKeyFile(path(KEY_NAME), tools.randomness);
    undo.push(() => rm(path(KEY_NAME), { force: true }));
    const publicKey = new NobleSigner(keys.signing.reveal()).publicKey;
    const nextPublicKey = new NobleSigner(keys.next.reveal()).publicKey;
    const inception = encodeInception(inceptionOf(tools.crypto, role, publicKey, nextPublicKey));
    const identity = { did: deviceIdOf(tools.crypto, inception), inception };
    const genesis = gateway.genesisFor(identity);
    await writeNew(path(GENESIS_NAME), genesis.bytes, undo);
    await writeNew(path(CONFIG_NAME), new TextEncoder().encode(config), undo);
    await makeFolder(path(FLASH_NAME), undo);
    for (const name of FLASH_FOLDERS[role]) await makeFolder(join(path(FLASH_NAME), name), undo);
    await syncFolder(folder);
    return { ...identity, genesis };
  } catch (error) {
    for (const takeBack of undo.reverse()) await takeBack().catch(() => undefined);
    throw error;
  }
}

async function refuseOccupied(folder: string): Promise<void> {
  const there: string[] = [];
  for (const name of [CONFIG_NAME, KEY_NAME, GENESIS_NAME]) if (await isThere(join(folder, name))) there.push(name);
  // An empty flash folder may be there already: the place where a card is mounted.
  const [stored] = await readdir(join(folder, FLASH_NAME, "ledger")).catch(() => []);
  if (stored !== undefined) there.push(`${FLASH_NAME}/ledger/${stored}`);
  if (there.length === 0) return;
  const message = `${folder}: there is a gateway already (${there.join(", ")}); nothing was made or changed`;
  throw new CommandError(EXIT.cannotCreate, message);
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: unknown) => {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
      throw error;
    },
  );
}

/** Makes the folder, and those above it. What this call made is taken back if the whole fails. */
async function makeFolder(path: string, undo: (() => Promise<void>)[]): Promise<void> {
  const topmost = await mkdir(path, { recursive: true, mode: 0o755 });
  if (topmost === undefined) return;
  const made: string[] = [];
  for (let each = path; each.length >= topmost.length; each = dirname(each)) made.unshift(each);
  for (const each of made) undo.push(() => rmdir(each));
}

async function writeNew(path: string, bytes: Uint8Array, undo: (() => Promise<void>)[]): Promise<void> {
  const file = await open(path, "wx", 0o644);
  undo.push(() => rm(path, { force: true }));
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}
