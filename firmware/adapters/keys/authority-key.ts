/**
 * The secret key of an enrolment authority in one small text file, readable by its owner only:
 *
 *     tallystick authority 1
 *     plain <64 hex digits>                          or
 *     scrypt <salt, 32 hex digits> <sealed, 96>      the key under a passphrase
 *     sum <16 hex digits>                            first 8 bytes of the SHA-256 of the lines above
 *
 * scrypt (RFC 7914) with N = 2^15, r = 8, p = 1: 32 MB and a tenth of a second for each guess on a fast machine.
 */
import { hash, scrypt } from "node:crypto";
import { fromHex, toHex } from "#base/bytes.ts";
import { AEAD_KEY_BYTES, SECRET_KEY_BYTES } from "#core/identity/cryptography.ts";
import type { Randomness } from "#hal/ports/randomness.ts";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { isSecretKey } from "#adapters/crypto/noble-signer.ts";
import { KeyFileError, readPrivate, writePrivate } from "./private-file.ts";
import { Secret } from "./secret.ts";

/** Makes a new key and its file; never replaces one. @throws KeyFileError */
export async function createAuthorityKey(
  path: string,
  random: Randomness,
  passphrase: string | undefined,
): Promise<Secret> {
  const key = random.bytes(SECRET_KEY_BYTES);
  if (!isSecretKey(key)) throw new KeyFileError("KEY_FILE_BAD_RANDOMNESS", path, "no key was drawn; try again");
  const kept = passphrase === undefined ? `plain ${toHex(key)}` : await sealed(key, passphrase, random);
  const body = `${TITLE}\n${kept}\n`;
  await writePrivate(path, `${body}${sumOf(body)}`, { random, replaces: false });
  return new Secret(key);
}

/** @throws KeyFileError */
export async function loadAuthorityKey(path: string, passphrase: string | undefined): Promise<Secret> {
  const text = await readPrivate(path);
  if (!text.startsWith(`${TITLE}\n`)) {
    throw new KeyFileError("KEY_FILE_NOT_KEYS", path, "this is no key file of an authority; name the right folder");
  }
  const [, content = "", plain, salt, sealedKey] = LAYOUT.exec(text) ?? [];
  if (content === "" || text !== `${content}${sumOf(content)}`) throw damaged(path);
  if (plain !== undefined) return checked(path, fromHex(plain));
  if (passphrase === undefined) {
    throw new KeyFileError("KEY_FILE_SEALED", path, "the key is under a passphrase; give --passphrase-file");
  }
  const key = crypto.open(
    await stretched(passphrase, bytesOf(salt)),
    new TextEncoder().encode(TITLE),
    bytesOf(sealedKey),
  );
  if (key === undefined) throw new KeyFileError("KEY_FILE_SEALED", path, "the passphrase is not the right one");
  return checked(path, key);
}

const crypto = new NodeCryptography();
const TITLE = "tallystick authority 1";
const LAYOUT = /^([^\n]*\n(?:plain ([0-9a-f]{64})|scrypt ([0-9a-f]{32}) ([0-9a-f]{96}))\n)sum [0-9a-f]{16}\n$/;
const SALT_BYTES = 16;
const COST = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 };

async function sealed(key: Uint8Array, passphrase: string, random: Randomness): Promise<string> {
  const salt = random.bytes(SALT_BYTES);
  const box = crypto.seal(await stretched(passphrase, salt), new TextEncoder().encode(TITLE), key);
  return `scrypt ${toHex(salt)} ${toHex(box)}`;
}

function stretched(passphrase: string, salt: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize("NFC"), salt, AEAD_KEY_BYTES, COST, (error, key) => {
      if (error === null) resolve(new Uint8Array(key));
      else reject(error);
    });
  });
}

function checked(path: string, key: Uint8Array | undefined): Secret {
  if (key === undefined || !isSecretKey(key)) throw damaged(path);
  return new Secret(key);
}

function bytesOf(hex: string | undefined): Uint8Array {
  return fromHex(hex ?? "") ?? new Uint8Array();
}

function sumOf(body: string): string {
  return `sum ${hash("sha256", body).slice(0, 16)}\n`;
}

function damaged(path: string): KeyFileError {
  return new KeyFileError("KEY_FILE_DAMAGED", path, "the file is torn or was changed; bring it back from a backup");
}
