/**
 * A governor's key as a folder, open to its owner only:
 *
 *     governor.key   the secret key (`adapters/keys/authority-key.ts`)
 *     governor.pub   one line: tallystick governor key <66 hex digits>
 */
import { mkdir, readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fromHex, toHex } from "#base/bytes.ts";
import { NobleSigner } from "#adapters/crypto/noble-signer.ts";
import { createAuthorityKey, loadAuthorityKey } from "#adapters/keys/authority-key.ts";
import { PUBLIC_KEY_BYTES, type Signer } from "#core/identity/cryptography.ts";
import { SystemRandomness } from "#hal/linux/system-randomness.ts";
import { passphraseOf } from "../ca/office.ts";
import type { CommandArguments } from "../command.ts";
import { CommandError } from "../command-error.ts";
import type { CommandIo } from "../command-io.ts";
import { EXIT } from "../exit-code.ts";
import { writeNew } from "../export/write-new.ts";

const KEY_NAME = "governor.key";
const PUBLIC_NAME = "governor.pub";
const PUBLIC_TITLE = "tallystick governor key";
const PUBLIC = /^tallystick governor key ((?:02|03)[0-9a-f]{64})\r?\n?$/;

/** `governor init`: never replaces a key. */
export async function initGovernor(given: CommandArguments, io: CommandIo): Promise<number> {
  const folder = folderOf(given, io);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const place = join(folder, PUBLIC_NAME);
  const there = await stat(place).catch(() => undefined);
  if (there !== undefined) throw new CommandError(EXIT.cannotCreate, `${place}: there is a governor already`);
  const passphrase = await passphraseOf(given, io);
  const secret = await createAuthorityKey(join(folder, KEY_NAME), new SystemRandomness(), passphrase);
  const { publicKey } = new NobleSigner(secret.reveal());
  await writeNew(place, new TextEncoder().encode(`${PUBLIC_TITLE} ${toHex(publicKey)}\n`));
  io.out(`A new governor in ${folder}`);
  io.out(`  public key  ${toHex(publicKey)}`);
  io.out("Next:");
  io.out(`  1. keep a copy of ${KEY_NAME} where nobody else can read it`);
  io.out(`  2. give ${PUBLIC_NAME} to whoever starts the region:`);
  io.out("     tallystick init --role charger --governors a.pub,b.pub,c.pub --governors-needed 2 …");
  return EXIT.ok;
}

/** The signer of a governor that is there. */
export async function openGovernor(given: CommandArguments, io: CommandIo): Promise<Signer> {
  const secret = await loadAuthorityKey(join(folderOf(given, io), KEY_NAME), await passphraseOf(given, io));
  return new NobleSigner(secret.reveal());
}

/** The public key in a file that `governor init` has made. */
export async function readGovernorKey(path: string): Promise<Uint8Array> {
  const text = (await readFile(path)).subarray(0, 1024).toString("latin1");
  const key = fromHex(PUBLIC.exec(text)?.[1] ?? "");
  if (key?.length === PUBLIC_KEY_BYTES) return key;
  throw new CommandError(EXIT.badData, `${path}: not the public key of a governor (${PUBLIC_NAME})`);
}

function folderOf(given: CommandArguments, io: CommandIo): string {
  return resolve(io.cwd, given.text("folder") ?? ".");
}
