/** A folder of a Linux file system as flash. Only asynchronous calls: one sync takes as long as the card likes. */
import { closeSync, constants, openSync, readSync } from "node:fs";
import { access, link, open, readdir, realpath, unlink } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { assert } from "#base/assert.ts";
import { FlashError } from "#hal/ports/flash.ts";
import type { Flash, FlashErrorCode, FlashFile } from "#hal/ports/flash.ts";
import { lockFolder } from "./folder-lock.ts";
import type { FolderLock } from "./folder-lock.ts";
import { PendingCalls } from "./pending-calls.ts";
import { SystemClock } from "./system-clock.ts";

/**
 * Takes ownership of a folder that exists: one that does not is FLASH_MISSING, because a card that is not mounted must
 * not become an empty ledger on another file system. Its calls are watched by `calls`.
 */
export async function openFlash(folder: string, calls = new PendingCalls(new SystemClock())): Promise<Flash> {
  const path = await wrapped(folder, realpath(folder));
  await wrapped(path, access(path, constants.R_OK | constants.W_OK | constants.X_OK));
  const lock = lockFolder(path);
  try {
    const unfinished = (await wrapped(path, readdir(path))).filter((name) => name.startsWith(UNFINISHED));
    for (const name of unfinished) await wrapped(join(path, name), unlink(join(path, name)));
    return new FolderFlash(path, lock, calls);
  } catch (error) {
    lock.release();
    throw error;
  }
}

class FolderFlash implements Flash {
  readonly #path: string;
  readonly #lock: FolderLock;
  readonly #calls: PendingCalls;
  readonly #files = new Set<FolderFile>();
  readonly #running = new Set<Promise<unknown>>();
  #isClosed = false;

  constructor(path: string, lock: FolderLock, calls: PendingCalls) {
    this.#path = path;
    this.#lock = lock;
    this.#calls = calls;
  }

  async list(): Promise<readonly string[]> {
    return this.#run(async () => {
      const entries = await wrapped(this.#path, readdir(this.#path, { withFileTypes: true }));
      return entries
        .filter((entry) => entry.isFile() && NAME.test(entry.name))
        .map((entry) => entry.name)
        .sort();
    });
  }

  async open(name: string): Promise<FlashFile> {
    const path = this.#pathOf(name);
    return this.#run(async () => this.#keep(path, await wrapped(path, open(path, "r+"))));
  }

  async create(name: string, sizeBytes: number): Promise<FlashFile> {
    const path = this.#pathOf(name);
    assert(Number.isSafeInteger(sizeBytes) && sizeBytes > 0, "a file has a size");
    return this.#run(async () => {
      const unfinished = join(this.#path, `${UNFINISHED}${name}`);
      try {
        await writeZeros(unfinished, sizeBytes);
        // The name appears only when the zeros are durable, and never in place of another file.
        await wrapped(path, link(unfinished, path));
      } finally {
        await unlink(unfinished).catch(() => undefined);
      }
      await this.#syncFolder();
      return this.#keep(path, await wrapped(path, open(path, "r+")));
    });
  }

  async remove(name: string): Promise<void> {
    const path = this.#pathOf(name);
    await this.#run(async () => {
      await wrapped(path, unlink(path));
      await this.#syncFolder();
    });
  }

  readNow(name: string, offset: number, length: number): Uint8Array {
    const path = this.#pathOf(name);
    if (this.#isClosed) throw new FlashError("FLASH_IO", path, new Error("the flash is closed"));
    try {
      return readAllNow(path, offset, length);
    } catch (error) {
      throw asFlashError(path, error);
    }
  }

  /** The next owner must not see a write of this one: what runs is waited for before the folder is given up. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await Promise.allSettled(this.#running);
    await Promise.allSettled([...this.#files].map((file) => file.close()));
    this.#lock.release();
  }

  #pathOf(name: string): string {
    assert(NAME.test(name), `a file name is plain: ${name}`);
    return join(this.#path, name);
  }

  async #keep(path: string, handle: FileHandle): Promise<FlashFile> {
    const { size } = await wrapped(path, handle.stat());
    const forget = (closed: FolderFile): boolean => this.#files.delete(closed);
    const file = new FolderFile({ path, handle, sizeBytes: size, calls: this.#calls, forget });
    this.#files.add(file);
    return file;
  }

  async #run<Value>(action: () => Promise<Value>): Promise<Value> {
    if (this.#isClosed) throw new FlashError("FLASH_IO", this.#path, new Error("the flash is closed"));
    const running = this.#calls.watch(action());
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  async #syncFolder(): Promise<void> {
    const handle = await wrapped(this.#path, open(this.#path, "r"));
    try {
      await wrapped(this.#path, handle.sync());
    } finally {
      await handle.close();
    }
  }
}

class FolderFile implements FlashFile {
  readonly sizeBytes: number;
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #calls: PendingCalls;
  readonly #forget: (file: FolderFile) => void;
  readonly #running = new Set<Promise<void>>();
  #failure: FlashError | undefined;
  #closing: Promise<void> | undefined;

  constructor(opened: {
    readonly path: string;
    readonly handle: FileHandle;
    readonly sizeBytes: number;
    readonly calls: PendingCalls;
    readonly forget: (file: FolderFile) => void;
  }) {
    this.#path = opened.path;
    this.#handle = opened.handle;
    this.sizeBytes = opened.sizeBytes;
    this.#calls = opened.calls;
    this.#forget = opened.forget;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    assert(offset >= 0 && length >= 0 && offset + length <= this.sizeBytes, "a read stays within the file");
    const bytes = new Uint8Array(length);
    await this.#run(async () => {
      for (let done = 0; done < length;) {
        const { bytesRead } = await this.#handle.read(bytes, done, length - done, offset + done);
        if (bytesRead === 0) throw new Error(`the file ends at ${offset + done}`);
        done += bytesRead;
      }
    });
    return bytes;
  }

  async write(offset: number, bytes: Uint8Array): Promise<void> {
    assert(offset >= 0 && offset + bytes.length <= this.sizeBytes, "a write stays within the file");
    await this.#change(() => writeAll(this.#handle, bytes, offset));
  }

  /** The size never changes, so the data is all there is to sync: no journal, one flush. */
  async sync(): Promise<void> {
    await this.#change(() => this.#handle.datasync());
  }

  close(): Promise<void> {
    this.#closing ??= (async () => {
      await Promise.allSettled(this.#running);
      await wrapped(this.#path, this.#handle.close());
      this.#forget(this);
    })();
    return this.#closing;
  }

  /**
   * After one failure no further write or sync is tried: Linux reports a lost page to one sync only, so a second sync
   * would say that all is well.
   */
  async #change(action: () => Promise<void>): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      await this.#run(action);
    } catch (error) {
      this.#failure ??= error instanceof FlashError ? error : new FlashError("FLASH_IO", this.#path, error);
      throw error;
    }
  }

  async #run(action: () => Promise<void>): Promise<void> {
    if (this.#closing !== undefined) throw new FlashError("FLASH_IO", this.#path, new Error("the file is closed"));
    const running = this.#calls.watch(action());
    this.#running.add(running);
    try {
      await wrapped(this.#path, running);
    } finally {
      this.#running.delete(running);
    }
  }
}

/**
 * Zeros really written: a sparse or merely reserved file gets its blocks at the first write to each, and then every
 * sync commits the file system's journal as well, at four times the device bytes.
 */
async function writeZeros(path: string, sizeBytes: number): Promise<void> {
  const handle = await wrapped(path, open(path, "w", 0o600));
  try {
    const zeros = new Uint8Array(Math.min(sizeBytes, ZEROS_BYTES));
    for (let offset = 0; offset < sizeBytes; offset += zeros.length) {
      const piece = zeros.subarray(0, Math.min(zeros.length, sizeBytes - offset));
      await wrapped(path, writeAll(handle, piece, offset));
    }
    await wrapped(path, handle.sync());
  } finally {
    await handle.close();
  }
}

function readAllNow(path: string, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  const descriptor = openSync(path, "r");
  try {
    for (let done = 0; done < length;) {
      const read = readSync(descriptor, bytes, done, length - done, offset + done);
      if (read === 0) throw new Error(`the file ends at ${offset + done}`);
      done += read;
    }
  } finally {
    closeSync(descriptor);
  }
  return bytes;
}

async function writeAll(handle: FileHandle, bytes: Uint8Array, offset: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, offset + done);
    done += bytesWritten;
  }
}

async function wrapped<Value>(path: string, call: Promise<Value>): Promise<Value> {
  try {
    return await call;
  } catch (error) {
    throw asFlashError(path, error);
  }
}

function asFlashError(path: string, error: unknown): FlashError {
  if (error instanceof FlashError) return error;
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
  return new FlashError(FLASH_CODES[code] ?? "FLASH_IO", path, error);
}

const FLASH_CODES: Readonly<Record<string, FlashErrorCode>> = {
  ENOSPC: "FLASH_FULL",
  EDQUOT: "FLASH_FULL",
  EACCES: "FLASH_DENIED",
  EPERM: "FLASH_DENIED",
  EROFS: "FLASH_DENIED",
  ENOENT: "FLASH_MISSING",
  ENOTDIR: "FLASH_MISSING",
  EEXIST: "FLASH_EXISTS",
};

const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;
/** Of a file whose zeros are not all written yet; what a killed process left of it is removed at the next open. */
const UNFINISHED = ".unfinished-";
const ZEROS_BYTES = 1024 * 1024;
