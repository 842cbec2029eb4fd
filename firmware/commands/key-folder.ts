/**
 * A folder, open to its owner only, with the key pair of somebody who signs for a region: the secret key
 * (`adapters/keys/authority-key.ts`), and the public one as a line of text that is given to others.
 */
import { mkdir, readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fromHex, toHex } from "#base/bytes.ts";
import { NobleSigner } from "#adapters/crypto/noble-signer.ts";
import { createAuthorityKey, loadAuthorityKey } from "#adapters/keys/authority-key.ts";
import { PUBLIC_KEY_BYTES } from "#core/identity/cryptography.ts";
import { SystemRandomness } from "#hal/linux/system-randomness.ts";
import type { CommandArguments } from "./command.ts";
import { CommandError } from "./command-error.ts";
import type { CommandIo } from "./command-io.ts";
import { EXIT } from "./exit-code.ts";
import { writeNew } from "./export/write-new.ts";

export interface KeyFolderKind {
  /** Whose it is, with an article. */
  readonly owner: string;
  readonly keyName: string;
  readonly publicName: string;
  /** What stands before the 66 hex digits of the public key. */
  readonly title: string;
}

const PASSPHRASE_BYTES_MAX = 1024;

/** The folder that the options name. */
export function folderOf(given: CommandArguments, io: CommandIo): string {
  return resolve(io.cwd, given.text("folder") ?? ".");
}

/** Makes a key and its files; never replaces one. @returns the public key */
export async function makeKey(kind: KeyFolderKind, given: CommandArguments, io: CommandIo): Promise<Uint8Array> {
  const folder = folderOf(given, io);
  const passphrase = await passphraseOf(given, io);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const place = join(folder, kind.publicName);
  const there = await stat(place).catch(() => undefined);
  if (there !== undefined) throw new CommandError(EXIT.cannotCreate, `${place}: there is ${kind.owner} already`);
  const secret = await createAuthorityKey(join(folder, kind.keyName), new SystemRandomness(), passphrase);
  const { publicKey } = new NobleSigner(secret.reveal());
  await writeNew(place, new TextEncoder().encode(`${kind.title} ${toHex(publicKey)}\n`));
  return publicKey;
}

/** The signer whose key is there. */
export async function openKey(kind: KeyFolderKind, given: CommandArguments, io: CommandIo): Promise<NobleSigner> {
  const secret = await loadAuthorityKey(join(folderOf(given, io), kind.keyName), await passphraseOf(given, io));
  return new NobleSigner(secret.reveal());
}

/** The public key in a file that `makeKey` has made. */
export async function readPublicKey({ owner, publicName, title }: KeyFolderKind, path: string): Promise<Uint8Array> {
  const text = (await readFile(path)).subarray(0, 1024).toString("latin1");
  const [, digits = ""] = new RegExp(`^${title} ((?:02|03)[0-9a-f]{64})\\r?\\n?$`).exec(text) ?? [];
  const key = fromHex(digits);
  if (key?.length === PUBLIC_KEY_BYTES) return key;
  throw new CommandError(EXIT.badData, `${path}: not the public key of ${owner} (${publicName})`);
}

/** The passphrase that the options name: the first line of a file. */
async function passphraseOf(given: CommandArguments, io: CommandIo): Promise<string | undefined> {
  const file = given.text("passphrase-file");
  if (file === undefined) return undefined;
  const bytes = await readFile(resolve(io.cwd, file));
  const [line = ""] = bytes.toString("utf8").split(/\r?\n/);
  if (line.length > 0 && bytes.length <= PASSPHRASE_BYTES_MAX) return line;
  throw new CommandError(
    EXIT.badData,
    `${file}: no passphrase of 1 to ${PASSPHRASE_BYTES_MAX} bytes in its first line`,
  );
}
