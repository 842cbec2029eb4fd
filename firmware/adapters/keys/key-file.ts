/**
 * The gateway's two keys in one small text file: K0, which signs, and K1, which takes over at the first rotation.
 *
 *     tallystick keys 1
 *     K0 <64 hex digits>
 *     K1 <64 hex digits>
 *     sum <16 hex digits>      first 8 bytes of the SHA-256 of the lines above
 *
 * The sum finds a torn or mistyped file; it protects nothing. No message of this file ever holds a part of its content.
 */
import { hash } from "node:crypto";
import { constants } from "node:fs";
import { link, open, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { fromHex, toHex } from "#base/bytes.ts";
import { SECRET_KEY_BYTES } from "#core/identity/cryptography.ts";
import type { Randomness } from "#hal/ports/randomness.ts";
import { isSecretKey } from "#adapters/crypto/noble-signer.ts";
import { syncFolder } from "#adapters/files/sync-folder.ts";
import { Secret } from "./secret.ts";

export interface GatewayKeys {
  /** K0, the key that signs. */
  readonly signing: Secret;
  /** K1, promised by its hash in the inception. */
  readonly next: Secret;
}

export type KeyFileErrorCode =
  | "KEY_FILE_EXISTS"
  | "KEY_FILE_MISSING"
  | "KEY_FILE_OPEN_TO_OTHERS"
  | "KEY_FILE_NOT_KEYS"
  | "KEY_FILE_DAMAGED"
  | "KEY_FILE_BAD_RANDOMNESS"
  | "KEY_FILE_IO";

/** Why there are no keys; the message says what to do, `cause` is the system's own error where there is one. */
export class KeyFileError extends Error {
  readonly code: KeyFileErrorCode;
  readonly path: string;
  constructor(code: KeyFileErrorCode, path: string, advice: string, cause?: unknown) {
    super(`${code}: ${path}: ${advice}`, { cause });
    this.code = code;
    this.path = path;
  }
}

/**
 * Makes new keys and their file, readable by its owner only. When the call resolves, the file survives a power cut; a
 * power cut before that leaves a whole file or none under the name. Never replaces a file: lost keys are a lost device.
 *
 * @throws KeyFileError
 */
export async function createKeyFile(path: string, random: Randomness): Promise<GatewayKeys> {
  const signing = makeSecretKey(path, random);
  const next = makeSecretKey(path, random);
  if (toHex(signing) === toHex(next)) throw badRandomness(path);
  const draft = `${path}.${toHex(random.bytes(8))}.draft`;
  try {
    await writeDurably(draft, format(signing, next));
    // `link` fails when the name is taken, which `rename` would not.
    await link(draft, path);
    await rm(draft);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(draft, { force: true });
    throw fromSystem(path, error);
  }
  return { signing: new Secret(signing), next: new Secret(next) };
}

/** @throws KeyFileError */
export async function loadKeyFile(path: string): Promise<GatewayKeys> {
  const text = await readPrivate(path).catch((error: unknown) => {
    throw fromSystem(path, error);
  });
  const isTornTitle = `${TITLE}\n`.startsWith(text);
  if (!isTornTitle && !text.startsWith(`${TITLE}\n`)) throw notKeys(path);
  const match = LAYOUT.exec(text);
  const signing = fromHex(match?.groups?.["signing"] ?? "");
  const next = fromHex(match?.groups?.["next"] ?? "");
  const isWhole = signing !== undefined && next !== undefined && text === format(signing, next);
  if (!isWhole || !isSecretKey(signing) || !isSecretKey(next)) {
    throw new KeyFileError("KEY_FILE_DAMAGED", path, "the file is torn or was changed; bring it back from a backup");
  }
  return { signing: new Secret(signing), next: new Secret(next) };
}

const TITLE = "tallystick keys 1";
const LAYOUT = /^[^\n]*\nK0 (?<signing>[0-9a-f]{64})\nK1 (?<next>[0-9a-f]{64})\nsum [0-9a-f]{16}\n$/;
const KEY_FILE_BYTES_MAX = 1024;
const OWNER_ONLY = 0o600;
const OTHERS = 0o077;

function format(signing: Uint8Array, next: Uint8Array): string {
  const body = `${TITLE}\nK0 ${toHex(signing)}\nK1 ${toHex(next)}\n`;
  return `${body}sum ${hash("sha256", body).slice(0, 16)}\n`;
}

/** One draw in four thousand million is no key of the curve; many in a row are a source that stands still. */
function makeSecretKey(path: string, random: Randomness): Uint8Array {
  for (let draw = 0; draw < 4; draw += 1) {
    const candidate = random.bytes(SECRET_KEY_BYTES);
    if (isSecretKey(candidate)) return candidate;
  }
  throw badRandomness(path);
}

/** The draft is complete on the medium before it gets the name that counts. */
async function writeDurably(draft: string, text: string): Promise<void> {
  const file = await open(draft, "wx", OWNER_ONLY);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Asks the opened file, not its name, who may read it; non-blocking, so that a named pipe cannot hold the start. */
async function readPrivate(path: string): Promise<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const { mode, size } = await file.stat();
    if ((mode & constants.S_IFMT) !== constants.S_IFREG || size > KEY_FILE_BYTES_MAX) {
      throw notKeys(path);
    }
    if ((mode & OTHERS) !== 0) {
      throw new KeyFileError("KEY_FILE_OPEN_TO_OTHERS", path, `others may read the keys; run: chmod 600 '${path}'`);
    }
    const buffer = new Uint8Array(KEY_FILE_BYTES_MAX);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
    return Buffer.from(buffer.buffer, 0, bytesRead).toString("latin1");
  } finally {
    await file.close();
  }
}

function notKeys(path: string): KeyFileError {
  return new KeyFileError("KEY_FILE_NOT_KEYS", path, "this is no key file of a gateway; name the right one");
}

function badRandomness(path: string): KeyFileError {
  return new KeyFileError("KEY_FILE_BAD_RANDOMNESS", path, "the random source repeats itself; no keys were made");
}

function fromSystem(path: string, error: unknown): KeyFileError {
  if (error instanceof KeyFileError) return error;
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EEXIST") {
    return new KeyFileError("KEY_FILE_EXISTS", path, "there are keys already; a device keeps its own", error);
  }
  if (code === "ENOENT") return new KeyFileError("KEY_FILE_MISSING", path, "no such file or folder", error);
  return new KeyFileError("KEY_FILE_IO", path, "the system refused", error);
}
