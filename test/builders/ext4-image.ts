/**
 * An ext4 file system of its own in a file, as a card has it, with the counts of its block device. Needs root and a
 * free loop device; undefined where there is none.
 */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface Ext4Image {
  readonly folder: string;
  /** Bytes written and flushes so far, as the block layer counts them (Documentation/block/stat.rst). */
  counts(): Promise<DeviceCounts>;
  dispose(): Promise<void>;
}

export interface DeviceCounts {
  readonly bytes: number;
  readonly writes: number;
  readonly flushes: number;
}

/** @param options of the mount, such as `noatime,commit=1` */
export async function mountExt4Image(megabytes: number, options: string): Promise<Ext4Image | undefined> {
  const parent = await mkdtemp(join(tmpdir(), "tallystick-card-"));
  const [image, folder] = [join(parent, "card.img"), join(parent, "card")];
  await mkdir(folder);
  try {
    await run("truncate", ["-s", `${megabytes}M`, image]);
    await run("mkfs.ext4", ["-q", "-b", "4096", "-E", "lazy_itable_init=0,lazy_journal_init=0", image]);
    await run("mount", ["-o", `loop,${options}`, image, folder]);
  } catch {
    await rm(parent, { recursive: true });
    return undefined;
  }
  const { stdout } = await run("findmnt", ["-n", "-o", "SOURCE", folder]);
  const stat = `/sys/block/${basename(stdout.trim())}/stat`;
  return {
    folder,
    counts: async () => {
      const fields = (await readFile(stat, "utf8")).trim().split(/\s+/).map(Number);
      return { writes: fields[4] ?? NaN, bytes: (fields[6] ?? NaN) * 512, flushes: fields[15] ?? NaN };
    },
    dispose: async () => {
      await run("umount", [folder]);
      await rm(parent, { recursive: true });
    },
  };
}
