/** A small file that nobody but its owner may read, written whole or not at all. */
import { constants } from "node:fs";
import { link, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { toHex } from "#base/bytes.ts";
import type { Randomness } from "#hal/ports/randomness.ts";
import { syncFolder } from "#adapters/files/sync-folder.ts";

export type KeyFileErrorCode =
  | "KEY_FILE_EXISTS"
  | "KEY_FILE_MISSING"
  | "KEY_FILE_OPEN_TO_OTHERS"
  | "KEY_FILE_NOT_KEYS"
  | "KEY_FILE_DAMAGED"
  | "KEY_FILE_SEALED"
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

const PRIVATE_FILE_BYTES_MAX = 1024;
const OWNER_ONLY = 0o600;
const OTHERS = 0o077;

export interface WritePrivate {
  readonly random: Randomness;
  /** Whether a file of this name gives way; else it stays, and KEY_FILE_EXISTS is thrown. */
  readonly replaces: boolean;
}

/**
 * When the call resolves, the file survives a power cut; a power cut before that leaves a whole file, the one before or
 * none under the name.
 *
 * @throws KeyFileError
 */
export async function writePrivate(path: string, text: string, { random, replaces }: WritePrivate): Promise<void> {
  const draft = `${path}.${toHex(random.bytes(8))}.draft`;
  try {
    await writeDurably(draft, text);
    if (replaces) await rename(draft, path);
    // `link` fails when the name is taken, which `rename` would not.
    else await link(draft, path);
    await rm(draft, { force: true });
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(draft, { force: true });
    throw fromSystem(path, error);
  }
}

/**
 * Asks the opened file, not its name, who may read it; non-blocking, so that a named pipe cannot hold the start.
 *
 * @throws KeyFileError
 */
export async function readPrivate(path: string): Promise<string> {
  return await readOpened(path).catch((error: unknown) => {
    throw fromSystem(path, error);
  });
}

async function readOpened(path: string): Promise<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const { mode, size } = await file.stat();
    if ((mode & constants.S_IFMT) !== constants.S_IFREG || size > PRIVATE_FILE_BYTES_MAX) {
      throw new KeyFileError("KEY_FILE_NOT_KEYS", path, "this is no key file of a gateway; name the right one");
    }
    if ((mode & OTHERS) !== 0) {
      throw new KeyFileError("KEY_FILE_OPEN_TO_OTHERS", path, `others may read the keys; run: chmod 600 '${path}'`);
    }
    const buffer = new Uint8Array(PRIVATE_FILE_BYTES_MAX);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
    return Buffer.from(buffer.buffer, 0, bytesRead).toString("latin1");
  } finally {
    await file.close();
  }
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

function fromSystem(path: string, error: unknown): KeyFileError {
  if (error instanceof KeyFileError) return error;
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EEXIST") {
    return new KeyFileError("KEY_FILE_EXISTS", path, "there are keys already; a device keeps its own", error);
  }
  if (code === "ENOENT") return new KeyFileError("KEY_FILE_MISSING", path, "no such file or folder", error);
  return new KeyFileError("KEY_FILE_IO", path, "the system refused", error);
}
