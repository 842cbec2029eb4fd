/**
 * A governor's key as a folder, open to its owner only:
 *
 *     governor.key   the secret key (`adapters/keys/authority-key.ts`)
 *     governor.pub   one line: tallystick governor key <66 hex digits>
 */
import { toHex } from "#base/bytes.ts";
import type { Signer } from "#core/identity/cryptography.ts";
import type { CommandArguments } from "../command.ts";
import type { CommandIo } from "../command-io.ts";
import { EXIT } from "../exit-code.ts";
import { folderOf, makeKey, openKey, readPublicKey, type KeyFolderKind } from "../key-folder.ts";

const KEY_NAME = "governor.key";
const PUBLIC_NAME = "governor.pub";

const GOVERNOR: KeyFolderKind = {
  owner: "a governor",
  keyName: KEY_NAME,
  publicName: PUBLIC_NAME,
  title: "tallystick governor key",
};

/** `governor init`: never replaces a key. */
export async function initGovernor(given: CommandArguments, io: CommandIo): Promise<number> {
  const publicKey = await makeKey(GOVERNOR, given, io);
  io.out(`A new governor in ${folderOf(given, io)}`);
  io.out(`  public key  ${toHex(publicKey)}`);
  io.out("Next:");
  io.out(`  1. keep a copy of ${KEY_NAME} where nobody else can read it`);
  io.out(`  2. give ${PUBLIC_NAME} to whoever starts the region:`);
  io.out("     tallystick init --role charger --governors a.pub,b.pub,c.pub --governors-needed 2 …");
  return EXIT.ok;
}

/** The signer of a governor that is there. */
export function openGovernor(given: CommandArguments, io: CommandIo): Promise<Signer> {
  return openKey(GOVERNOR, given, io);
}

/** The public key in a file that `governor init` has made. */
export function readGovernorKey(path: string): Promise<Uint8Array> {
  return readPublicKey(GOVERNOR, path);
}
