/** The toolbox of the image build, with the emulator in it. */
import { mkdirSync } from "node:fs";
import { resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

export const IMAGE_FOLDER = resolve(fileURLToPath(new URL("..", import.meta.url)));
export const TOOLBOX = `${IMAGE_FOLDER}/toolbox.sh`;
export const PROJECT_FOLDER = resolve(IMAGE_FOLDER, "../..");

/**
 * A folder for a card and what its machine writes, made when it is not there. The emulator runs inside the toolbox's
 * chroot, which has this project and /tmp of the whole machine.
 *
 * For a folder elsewhere it says which places are possible, and ends the script with 64 (usage).
 */
export function folderForMachine(path: string): string {
  const folder = resolve(path);
  if (![PROJECT_FOLDER, "/tmp"].some((seen) => `${folder}${sep}`.startsWith(`${seen}${sep}`))) {
    process.stderr.write(`${folder} is not seen by the emulator: take a folder below /tmp or ${PROJECT_FOLDER}\n`);
    process.exit(64);
  }
  mkdirSync(folder, { recursive: true });
  return folder;
}
