/**
 * The tree of a release as it lies on every machine, `usr/lib/tallystick` and `usr/bin`: packages and images are made of
 * it. It can be tried where it is built, for the wrapper finds its parts beside itself.
 */
import { chmod, copyFile, lstat, mkdir, readdir, rename, rm, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { constants } from "node:fs";

export interface StageFile {
  readonly bytes?: Uint8Array | string;
  /** Instead of bytes: a file to copy. */
  readonly copyOf?: string;
  readonly isProgram?: boolean;
}

export const LIBRARY = "usr/lib/tallystick";

/** Links are followed, so that `/usr/local/bin/tallystick` may be one; nothing else is asked of the machine. */
export const WRAPPER = `#!/bin/sh
self=$(readlink -f -- "$0")
library=\${self%/bin/*}/lib/tallystick
exec "$library/node" "$library/tallystick.mjs" "$@"
`;

/**
 * Writes the tree beside its place and moves it there when it is whole. All times are the release's, all modes fixed.
 * @returns the bytes of each file
 */
export async function writeStage(
  folder: string,
  files: ReadonlyMap<string, StageFile>,
  epochSeconds: number,
): Promise<ReadonlyMap<string, number>> {
  const room = `${folder}.${process.pid}.new`;
  await rm(room, { recursive: true, force: true });
  const sizes = new Map<string, number>();
  for (const [path, file] of files) {
    const target = join(room, path);
    await mkdir(dirname(target), { recursive: true });
    if (file.copyOf === undefined) await writeFile(target, file.bytes ?? "");
    else await copyFile(file.copyOf, target, constants.COPYFILE_FICLONE);
    await chmod(target, file.isProgram === true ? 0o755 : 0o644);
    sizes.set(path, (await lstat(target)).size);
  }
  await settleTimes(room, epochSeconds);
  const old = `${folder}.${process.pid}.old`;
  await rename(folder, old).catch(() => undefined);
  await rename(room, folder);
  await rm(old, { recursive: true, force: true });
  return sizes;
}

async function settleTimes(folder: string, epochSeconds: number): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await settleTimes(path, epochSeconds);
    else await utimes(path, epochSeconds, epochSeconds);
  }
  await chmod(folder, 0o755);
  await utimes(folder, epochSeconds, epochSeconds);
}
