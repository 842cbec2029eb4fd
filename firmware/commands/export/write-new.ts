/** A new file, whole or not at all: written beside its place, made durable, and only then given its name. */
import { link, lstat, open, readFile, rename, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { equalBytes } from "#base/bytes.ts";
import { messageOf } from "#base/message-of.ts";
import { syncFolder } from "#adapters/files/sync-folder.ts";
import { CommandError } from "../command-error.ts";
import { EXIT } from "../exit-code.ts";

export type Written = "written" | "there";

/** Rejects with a CommandError where a file is, whatever is in it. */
export async function writeNew(path: string, bytes: Uint8Array): Promise<Written> {
  if (await putNew(path, bytes)) return "written";
  throw new CommandError(EXIT.cannotCreate, `${path}: the file is there already; nothing was changed`);
}

/** `there` where a file has these bytes already, as after an interrupted export; rejects where it has others. */
export async function resumeNew(path: string, bytes: Uint8Array): Promise<Written> {
  const found = await readFile(path).catch(() => undefined);
  if (found === undefined || !equalBytes(found, bytes)) return writeNew(path, bytes);
  // Of an export that was killed between giving the name and taking this one away.
  await unlink(unfinishedOf(path)).catch(() => undefined);
  return "there";
}

function unfinishedOf(path: string): string {
  return join(dirname(path), `.${basename(path)}.part`);
}

/** False where a file is. */
async function putNew(path: string, bytes: Uint8Array): Promise<boolean> {
  const unfinished = unfinishedOf(path);
  try {
    const file = await open(unfinished, "w", 0o644);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await nameNew(unfinished, path);
    await syncFolder(dirname(path));
    return true;
  } catch (cause) {
    if (codeOf(cause) === "EEXIST") return false;
    const reason = codeOf(cause) === "ENOENT" ? `there is no folder ${dirname(path)}` : messageOf(cause);
    throw new CommandError(EXIT.cannotCreate, `${path}: ${reason}`, cause);
  } finally {
    await unlink(unfinished).catch(() => undefined);
  }
}

/**
 * Gives a finished file its name; rejects with EEXIST where something has it. A link fails where something is, which a
 * rename does not; but FAT, the format of most memory sticks, has none, and there the name is looked at before.
 */
export async function nameNew(unfinished: string, path: string, makeLink = link): Promise<void> {
  try {
    await makeLink(unfinished, path);
  } catch (cause) {
    if (!CODES_WITHOUT_LINKS.includes(codeOf(cause))) throw cause;
    const isThere = await lstat(path).then(
      () => true,
      (missing: unknown) => codeOf(missing) !== "ENOENT",
    );
    if (isThere) throw Object.assign(new Error(`${path} is there`), { code: "EEXIST" });
    await rename(unfinished, path);
  }
}

const CODES_WITHOUT_LINKS: readonly unknown[] = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"];

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
