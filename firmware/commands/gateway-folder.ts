/**
 * The files of a new gateway: configuration, keys, genesis, empty flash folders. All of them or none; nothing that is
 * there is ever replaced, because lost keys are a lost device.
 */
import { readdir, rm, rmdir, stat, open } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { asOwnerOf } from "#adapters/files/as-owner.ts";
import { makeFolders } from "#adapters/files/make-folders.ts";
import { syncFolder } from "#adapters/files/sync-folder.ts";
import { NobleSigner } from "#adapters/crypto/noble-signer.ts";
import { createKeyFile } from "#adapters/keys/key-file.ts";
import { deviceIdOf, encodeInception, inceptionOf, type DeviceRole } from "#core/identity/device-id.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import type { Genesis } from "#core/ledger/genesis.ts";
import type { Randomness } from "#hal/ports/randomness.ts";
import { PSEUDONYM_FOLDERS } from "../stored-pseudonyms.ts";
import { CommandError } from "./command-error.ts";
import { FLASH_NAME, GENESIS_NAME, KEY_NAME } from "./config-text.ts";
import { EXIT } from "./exit-code.ts";

export interface NewIdentity {
  readonly did: Uint8Array;
  readonly inception: Uint8Array;
}

export interface NewGateway {
  /** File of the configuration; its folder is made when it is not there. */
  readonly configPath: string;
  /** Folder of all else; made when it is not there. What root makes in it belongs to its owner. */
  readonly state: string;
  readonly role: DeviceRole;
  readonly config: string;
  /** Known only when the identity is: the first gateway of a region is its authority. */
  readonly genesisFor: (identity: NewIdentity) => Genesis;
}

/** What each role keeps apart on flash: the ledger, and registers that are written at other times. */
export const FLASH_FOLDERS: Readonly<Record<DeviceRole, readonly string[]>> = {
  station: ["ledger", "meter"],
  vehicle: PSEUDONYM_FOLDERS,
  arbiter: ["ledger"],
};

/** Rejects with a CommandError when one of the files is there, or with the system's error; then nothing was made. */
export async function makeGatewayFolder(
  gateway: NewGateway,
  tools: { readonly crypto: Cryptography; readonly randomness: Randomness },
): Promise<NewIdentity & { readonly genesis: Genesis }> {
  const { configPath, state, config } = gateway;
  await refuseOccupied(gateway);
  const undo: (() => Promise<void>)[] = [];
  try {
    await makeFolder(dirname(configPath), undo);
    await makeFolder(state, undo);
    const made = await asOwnerOf(state, () => makeState(gateway, tools, undo));
    await writeNew(configPath, new TextEncoder().encode(config), undo);
    await syncFolder(dirname(configPath));
    return made;
  } catch (error) {
    for (const takeBack of undo.reverse()) await takeBack().catch(() => undefined);
    throw error;
  }
}

async function makeState(
  { state, role, genesisFor }: NewGateway,
  tools: { readonly crypto: Cryptography; readonly randomness: Randomness },
  undo: (() => Promise<void>)[],
): Promise<NewIdentity & { readonly genesis: Genesis }> {
  const path = (name: string): string => join(state, name);
  const keys = await createKeyFile(path(KEY_NAME), tools.randomness);
  undo.push(() => rm(path(KEY_NAME), { force: true }));
  const publicKey = new NobleSigner(keys.signing.reveal()).publicKey;
  const nextPublicKey = new NobleSigner(keys.next.reveal()).publicKey;
  const inception = encodeInception(inceptionOf(tools.crypto, role, publicKey, nextPublicKey));
  const identity = { did: deviceIdOf(tools.crypto, inception), inception };
  const genesis = genesisFor(identity);
  await writeNew(path(GENESIS_NAME), genesis.bytes, undo);
  await makeFolder(path(FLASH_NAME), undo);
  for (const name of FLASH_FOLDERS[role]) await makeFolder(join(path(FLASH_NAME), name), undo);
  await syncFolder(state);
  return { ...identity, genesis };
}

async function refuseOccupied({ configPath, state }: NewGateway): Promise<void> {
  const files = [configPath, join(state, KEY_NAME), join(state, GENESIS_NAME)];
  const there: string[] = [];
  for (const file of files) if (await isThere(file)) there.push(relative(state, file));
  // An empty flash folder may be there already: the place where a card is mounted.
  const [stored] = await readdir(join(state, FLASH_NAME, "ledger")).catch(() => []);
  if (stored !== undefined) there.push(`${FLASH_NAME}/ledger/${stored}`);
  if (there.length === 0) return;
  const message = `${state}: there is a gateway already (${there.join(", ")}); nothing was made or changed`;
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
  for (const made of await makeFolders(path)) undo.push(() => rmdir(made));
}

async function writeNew(path: string, bytes: Uint8Array, undo: (() => Promise<void>)[]): Promise<void> {
  const file = await open(path, "wx", 0o644);
  undo.push(() => rm(path, { force: true }));
  try {
    await file.writeFile(bytes);
    // Whatever mask root's shell has: nothing in it is secret, and the gateway runs as another user.
    await file.chmod(0o644);
    await file.sync();
  } finally {
    await file.close();
  }
}
