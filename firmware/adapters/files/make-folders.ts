/** Folders that are made on the way to one. */
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Makes a folder and those above it that are missing; what is there stays as it is.
 *
 * @returns those that it has made, the topmost first; until the folder above each is synced, its name may be lost
 */
export async function makeFolders(path: string): Promise<readonly string[]> {
  const topmost = await mkdir(path, { recursive: true, mode: 0o755 });
  const made: string[] = [];
  if (topmost === undefined) return made;
  for (let each = path; each.length >= topmost.length; each = dirname(each)) made.unshift(each);
  return made;
}
