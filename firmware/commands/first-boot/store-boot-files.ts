/** Writes what a start makes of its card: the configuration, copies of files, the network. What is no longer goes. */
import { dirname, join } from "node:path";
import { replaceFile, type Disk } from "./disk.ts";
import { NETWORK_FOLDERS, networkFiles } from "./network-files.ts";
import type { NetworkSettings } from "./network-settings.ts";
import type { StoredFile } from "./read-named-files.ts";

export async function storeCopies(folder: string, files: readonly StoredFile[], disk: Disk): Promise<void> {
  await disk.makeFolder(folder);
  for (const { name, bytes, isSecret } of files) {
    await replaceFile(disk, { path: join(folder, name), bytes, mode: isSecret ? 0o600 : 0o644 });
  }
}

export async function storeConfig(path: string, text: string, disk: Disk): Promise<void> {
  await disk.makeFolder(dirname(path));
  await replaceFile(disk, { path, bytes: encode(text), mode: 0o644 });
}

/** Only when the configuration names the new copies may those go that it does not name. */
export function removeStrayCopies(folder: string, files: readonly StoredFile[], disk: Disk): Promise<void> {
  return removeOthers(disk, folder, (name) => !files.some((file) => file.name === name));
}

export async function storeNetwork(
  folder: string,
  settings: NetworkSettings,
  hostname: string,
  disk: Disk,
): Promise<void> {
  const files = networkFiles(settings, hostname);
  for (const { path, content, isSecret } of files) {
    await disk.makeFolder(dirname(join(folder, path)));
    await replaceFile(disk, { path: join(folder, path), bytes: encode(content), mode: isSecret ? 0o600 : 0o644 });
  }
  for (const { folder: below, isOurs } of NETWORK_FOLDERS) {
    const kept = files.map(({ path }) => path);
    await removeOthers(disk, join(folder, below), (name) => isOurs(name) && !kept.includes(`${below}/${name}`));
  }
}

/** The one that is given, or the gateway's name as a host can be called. */
export function hostnameOf({ hostname }: NetworkSettings, name: string): string {
  const own = name.toLowerCase().replaceAll(/^-+|-+$/g, "");
  return hostname ?? (own === "" ? "tallystick" : own);
}

async function removeOthers(disk: Disk, folder: string, isStray: (name: string) => boolean): Promise<void> {
  const strays = (await disk.list(folder)).filter(isStray);
  for (const name of strays) await disk.remove(join(folder, name));
  if (strays.length > 0) await disk.sync(folder);
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
