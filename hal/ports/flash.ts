/**
 * A folder on flash, owned by one process.
 *
 * What callers may rely on: nothing is durable before `sync` has resolved; bytes written before a `sync` that resolved
 * survive a power cut; bytes written after it may survive whole, in part (a prefix or any set of pages) or not at all;
 * a rejected write or sync leaves the file in an unknown state and the caller stops using it.
 * Environment failures reject with a FlashError.
 */
export interface Flash {
  /** File names in the folder, sorted. */
  list(): Promise<readonly string[]>;
  /** Opens an existing file; FLASH_MISSING when there is none. */
  open(name: string): Promise<FlashFile>;
  /**
   * Makes a file of `sizeBytes` zeros that is durable with its name when the call resolves; FLASH_EXISTS if it is
   * there. A call that fails or is cut short leaves no file, or the whole one.
   */
  create(name: string, sizeBytes: number): Promise<FlashFile>;
  remove(name: string): Promise<void>;
  /**
   * Bytes of an existing file, at once, while everybody waits: for the little that is rarely needed and cannot be
   * waited for. Throws a FlashError.
   */
  readNow(name: string, offset: number, length: number): Uint8Array;
  /** Gives the folder up; a second process may own it then. */
  close(): Promise<void>;
}

export interface FlashFile {
  readonly sizeBytes: number;
  read(offset: number, length: number): Promise<Uint8Array>;
  /** Writes within the size of the file. */
  write(offset: number, bytes: Uint8Array): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

export type FlashErrorCode =
  "FLASH_IN_USE" | "FLASH_FULL" | "FLASH_DENIED" | "FLASH_MISSING" | "FLASH_EXISTS" | "FLASH_IO";

/** What the medium or its owner refused; `cause` is the system's own error. */
export class FlashError extends Error {
  readonly code: FlashErrorCode;
  readonly path: string;
  constructor(code: FlashErrorCode, path: string, cause?: unknown) {
    super(`${code}: ${path}`, { cause });
    this.code = code;
    this.path = path;
  }
}
