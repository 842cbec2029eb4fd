/**
 * An enrolment office as a folder, open to its owner only:
 *
 *     ca.key        the secret key (`adapters/keys/authority-key.ts`)
 *     ca.pub        one line: tallystick authority key <66 hex digits>
 *     issued.log    one JSON line for each certificate and revocation, each with the hash of the line before
 */
import { join } from "node:path";
import type { NobleSigner } from "#adapters/crypto/noble-signer.ts";
import type { CommandArguments } from "../command.ts";
import type { CommandIo } from "../command-io.ts";
import { folderOf, openKey, readPublicKey, type KeyFolderKind } from "../key-folder.ts";

export const PUBLIC_NAME = "ca.pub";
const LOG_NAME = "issued.log";

export const OFFICE: KeyFolderKind = {
  owner: "an office",
  keyName: "ca.key",
  publicName: PUBLIC_NAME,
  title: "tallystick authority key",
};

/** Where the office's log is of what it has issued. */
export function logPlace(given: CommandArguments, io: CommandIo): string {
  return join(folderOf(given, io), LOG_NAME);
}

/** The signer of an office that is there. */
export function openOffice(given: CommandArguments, io: CommandIo): Promise<NobleSigner> {
  return openKey(OFFICE, given, io);
}

/** The public key in a file that an office has made. */
export function readAuthorityKey(path: string): Promise<Uint8Array> {
  return readPublicKey(OFFICE, path);
}
