/**
 * Files that outlive a power cut at any moment: what stands under a name is whole, old or new. One port for the card
 * and the device's own storage, so that tests can cut the power after each step.
 */
import { chmod, open, readdir, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { asOwnerOf } from "#adapters/files/as-owner.ts";
import { makeFolders } from "#adapters/files/make-folders.ts";
import { equalBytes } from "#base/bytes.ts";

export interface Disk {
  /** Names in the folder; none when it is not there. */
  list(folder: string): Promise<readonly string[]>;
  /** At most `bytesMax + 1` bytes, so that too many are seen; undefined when there is no such file. */
  read(path: string, bytesMax: number): Promise<Uint8Array | undefined>;
  /** With those above it. */
  makeFolder(path: string): Promise<void>;
  /** Makes or empties the file; not yet durable. */
  write(path: string, bytes: Uint8Array, mode: number): Promise<void>;
  /** Of a file or a folder; resolves when it survives a power cut. */
  sync(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Nothing when it is not there. */
  remove(path: string): Promise<void>;
}

export interface FileWish {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly mode: number;
}

/** A name that no reader looks for: what a power cut leaves of an unfinished file. */
export const UNFINISHED = ".unfinished";

/** Writes nothing when the content is there already. Resolves with whether it wrote. */
export async function replaceFile(disk: Disk, { path, bytes, mode }: FileWish): Promise<boolean> {
  const there = await disk.read(path, bytes.length).catch(() => undefined);
  if (there !== undefined && equalBytes(there, bytes)) return false;
  const draft = `${path}${UNFINISHED}`;
  await disk.write(draft, bytes, mode);
  await disk.sync(draft);
  await disk.rename(draft, path);
  await disk.sync(dirname(path));
  return true;
}

export const realDisk: Disk = {
  list: (folder) => readdir(folder).catch((error: unknown) => unlessMissing(error, [])),
  read: async (path, bytesMax) => {
    const file = await open(path, "r").catch((error: unknown) => {
      unlessMissing(error, undefined);
    });
    if (file === undefined) return undefined;
    try {
      const buffer = new Uint8Array(bytesMax + 1);
      let length = 0;
      for (;;) {
        const { bytesRead } = await file.read(buffer, length, buffer.length - length, null);
        length += bytesRead;
        if (bytesRead === 0 || length === buffer.length) return buffer.slice(0, length);
      }
    } finally {
      await file.close();
    }
  },
  makeFolder: async (path) => {
    const made = await makeFolders(path);
    for (const each of made) await chmod(each, 0o755);
    for (const each of made) await syncPath(dirname(each));
  },
  write: async (path, bytes, mode) => {
    // A draft of another time may have been open to more: it goes, so that the mode holds from the first byte.
    await rm(path, { force: true });
    const file = await open(path, "wx", mode);
    try {
      await file.writeFile(bytes);
      // Whatever mask a service has: the network's programs and the gateway run as other users.
      await file.chmod(mode);
    } finally {
      await file.close();
    }
  },
  sync: syncPath,
  rename,
  remove: (path) => rm(path, { force: true, recursive: true }),
};

/** The same disk with the rights of that folder's owner, so that no link of his leads root elsewhere. */
export function diskOfOwner(disk: Disk, folder: string): Disk {
  const by = <Made>(work: () => Promise<Made>): Promise<Made> => asOwnerOf(folder, work);
  return {
    list: (path) => by(() => disk.list(path)),
    read: (path, bytesMax) => by(() => disk.read(path, bytesMax)),
    makeFolder: (path) => by(() => disk.makeFolder(path)),
    write: (path, bytes, mode) => by(() => disk.write(path, bytes, mode)),
    sync: (path) => by(() => disk.sync(path)),
    rename: (from, to) => by(() => disk.rename(from, to)),
    remove: (path) => by(() => disk.remove(path)),
  };
}

async function syncPath(path: string): Promise<void> {
  const file = await open(path, "r");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

function unlessMissing<Value>(error: unknown, instead: Value): Value {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return instead;
  throw error;
}
