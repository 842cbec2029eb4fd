/**
 * An enrolment office as a folder, open to its owner only:
 *
 *     ca.key        the secret key (`adapters/keys/authority-key.ts`)
 *     ca.pub        one line: tallystick authority key <66 hex digits>
 *     issued.log    one JSON line for each certificate and revocation, each with the hash of the line before
 */
import { mkdir, readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fromHex, toHex } from "#base/bytes.ts";
import { NobleSigner } from "#adapters/crypto/noble-signer.ts";
import { createAuthorityKey, loadAuthorityKey } from "#adapters/keys/authority-key.ts";
import type { Secret } from "#adapters/keys/secret.ts";
import { PUBLIC_KEY_BYTES } from "#core/identity/cryptography.ts";
import type { Randomness } from "#hal/ports/randomness.ts";
import type { CommandArguments } from "../command.ts";
import { CommandError } from "../command-error.ts";
import type { CommandIo } from "../command-io.ts";
import { EXIT } from "../exit-code.ts";
import { writeNew } from "../export/write-new.ts";

const KEY_NAME = "ca.key";
export const PUBLIC_NAME = "ca.pub";
const LOG_NAME = "issued.log";
const PASSPHRASE_BYTES_MAX = 1024;

export interface OfficePlaces {
  readonly folder: string;
  readonly key: string;
  readonly publicKey: string;
  readonly log: string;
}

export function officePlaces(given: CommandArguments, io: CommandIo): OfficePlaces {
  const folder = resolve(io.cwd, given.text("folder") ?? ".");
  return {
    folder,
    key: join(folder, KEY_NAME),
    publicKey: join(folder, PUBLIC_NAME),
    log: join(folder, LOG_NAME),
  };
}

/** Makes the folder's files; never replaces one. */
export async function makeOffice(
  { folder, key, publicKey }: OfficePlaces,
  random: Randomness,
  passphrase: string | undefined,
): Promise<Uint8Array> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const there = await stat(publicKey).catch(() => undefined);
  if (there !== undefined) throw new CommandError(EXIT.cannotCreate, `${publicKey}: there is an office already`);
  const secret = await createAuthorityKey(key, random, passphrase);
  const known = signerOf(secret).publicKey;
  await writeNew(publicKey, new TextEncoder().encode(`${PUBLIC_TITLE} ${toHex(known)}\n`));
  return known;
}

/** The signer of an office that is there. */
export async function openOffice(given: CommandArguments, io: CommandIo): Promise<NobleSigner> {
  return signerOf(await loadAuthorityKey(officePlaces(given, io).key, await passphraseOf(given, io)));
}

/** The passphrase that the options name: the first line of a file. */
export async function passphraseOf(given: CommandArguments, io: CommandIo): Promise<string | undefined> {
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

/** The public key in a file that an office has made. */
export async function readAuthorityKey(path: string): Promise<Uint8Array> {
  const text = (await readFile(path)).subarray(0, 1024).toString("latin1");
  const [, digits = ""] = PUBLIC.exec(text) ?? [];
  const key = fromHex(digits);
  if (key?.length === PUBLIC_KEY_BYTES) return key;
  throw new CommandError(EXIT.badData, `${path}: not the public key of an office (${PUBLIC_NAME})`);
}

const PUBLIC_TITLE = "tallystick authority key";
const PUBLIC = /^tallystick authority key ((?:02|03)[0-9a-f]{64})\r?\n?$/;

function signerOf(secret: Secret): NobleSigner {
  return new NobleSigner(secret.reveal());
}
