/**
 * One owner for a folder, whatever became of the owner before.
 *
 * The lock is one that the kernel keeps with the process, so it ends with the process: after kill -9, after a reboot,
 * and not before its last thread has left a write. Node has no flock, but the SQLite inside it takes fcntl locks on a
 * file, also between two opens of one process. Its file is empty and stays empty. What else was considered:
 * - a file with the owner's pid and start time: two starts that find the same stale file race for it, and in containers
 *   that share a folder pids mean nothing;
 * - an abstract socket named after the inode: ends with the process too, but is private to a network namespace, so two
 *   containers with one volume would both own the folder and sign two histories; and any user can take the name first.
 *
 * Two consequences: nobody in this process may open and close the lock's file by other means (that would end the lock,
 * fcntl(2)), so it has a name that `list` does not show; and taking it is one short call on the main thread, which
 * opens a file without reading, writing or syncing anything.
 */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { FlashError } from "#hal/ports/flash.ts";
import type { FlashErrorCode } from "#hal/ports/flash.ts";

export interface FolderLock {
  release(): void;
}

/** Rejects with FLASH_IN_USE while another owner is alive. */
export function lockFolder(path: string): FolderLock {
  const file = join(path, LOCK_NAME);
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file);
    // Nothing is ever written, so there is no need for the journal's file either.
    database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
    const locked = database;
    return {
      release: () => {
        locked.close();
      },
    };
  } catch (error) {
    database?.close();
    const result = error instanceof Error && "errcode" in error ? Number(error.errcode) & 0xff : 0;
    throw new FlashError(CODES[result] ?? "FLASH_IO", file, error);
  }
}

const LOCK_NAME = ".owner";

/** SQLite result codes (sqlite.org/rescode.html): BUSY, LOCKED, PERM, READONLY, CANTOPEN, FULL. */
const CODES: Readonly<Record<number, FlashErrorCode>> = {
  5: "FLASH_IN_USE",
  6: "FLASH_IN_USE",
  3: "FLASH_DENIED",
  8: "FLASH_DENIED",
  14: "FLASH_DENIED",
  13: "FLASH_FULL",
};
