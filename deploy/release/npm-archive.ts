/**
 * An archive of the npm registry, fetched once with the machine's own npm and its settings, kept in a cache, and
 * believed only when it has the hash that the repository pins.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readFile, rename, rm, mkdtemp } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface PinnedArchive {
  readonly name: string;
  readonly version: string;
  /** `sha512-…`, as in a lock file. */
  readonly integrity: string;
}

/** The registry cannot be reached: nothing is wrong with what is built. */
export class RegistryError extends Error {}

/**
 * @returns the folder with the unpacked archive (its `package` folder).
 * @throws RegistryError when it cannot be fetched, Error when it is not what was pinned.
 */
export async function fetchArchive(pinned: PinnedArchive, cache: string): Promise<string> {
  const label = `${pinned.name.replace("@", "").replace("/", "-")}-${pinned.version}`;
  const archive = join(cache, `${label}.tgz`);
  const folder = join(cache, label);
  await mkdir(cache, { recursive: true });
  if (
    !(await readFile(archive).then(
      (bytes) => isPinned(bytes, pinned),
      () => false,
    ))
  ) {
    await rm(folder, { recursive: true, force: true });
    await download(pinned, archive);
  }
  await readFile(join(folder, "package.json")).catch(() => unpack(archive, folder));
  return folder;
}

async function download(pinned: PinnedArchive, archive: string): Promise<void> {
  // In a folder of its own: two builds at the same time each fetch, and the last one's rename wins.
  const room = await mkdtemp(`${archive}.`);
  try {
    const words = ["pack", `${pinned.name}@${pinned.version}`, "--pack-destination", room, "--json", ...PATIENCE];
    const { stdout } = await run("npm", words, { maxBuffer: 64 << 20 }).catch((error: unknown) => {
      throw new RegistryError(`${pinned.name}@${pinned.version} cannot be fetched: ${reasonOf(error)}`);
    });
    const [packed] = JSON.parse(stdout) as readonly { readonly filename: string }[];
    const fetched = join(room, packed?.filename ?? "");
    if (!isPinned(await readFile(fetched), pinned))
      throw new Error(`${pinned.name}@${pinned.version} is not what was pinned (${pinned.integrity})`);
    await rename(fetched, archive);
  } finally {
    await rm(room, { recursive: true, force: true });
  }
}

/** npm's own would be more than a minute before it says that there is no registry. */
const PATIENCE = ["--fetch-retries=2", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000"];

/** Moved into place when it is whole. Headers and manuals are left out: a Node has 2,800 of them. */
async function unpack(archive: string, folder: string): Promise<void> {
  const room = await mkdtemp(`${folder}.`);
  try {
    const words = [
      "-xzf",
      archive,
      "-C",
      room,
      "--no-same-owner",
      "--exclude=package/include",
      "--exclude=package/share",
    ];
    await run("tar", words);
    await rm(folder, { recursive: true, force: true });
    await mkdir(dirname(folder), { recursive: true });
    await rename(join(room, "package"), folder);
  } finally {
    await rm(room, { recursive: true, force: true });
  }
}

function isPinned(bytes: Uint8Array, { integrity }: PinnedArchive): boolean {
  return `sha512-${createHash("sha512").update(bytes).digest("base64")}` === integrity;
}

/** npm writes several lines; the one with the code says most. */
function reasonOf(error: unknown): string {
  const text = typeof error === "object" && error !== null && "stderr" in error ? String(error.stderr) : "";
  return /^npm error code (\S+)/m.exec(text)?.[1] ?? (error instanceof Error ? error.message : String(error));
}
