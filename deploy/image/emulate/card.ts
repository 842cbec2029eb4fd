/** The card in a computer's slot: files on the boot partition of an image, by mtools. The emulator must not run. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { TOOLBOX } from "./toolbox.ts";

const run = promisify(execFile);

/** deploy/image/make-disk.sh: the boot partition begins after a gap of 4 MiB. */
const BOOT_PARTITION = "@@4M";

export class Card {
  readonly #image: string;

  constructor(image: string) {
    this.#image = image;
  }

  /** @returns undefined when there is no such file */
  async read(name: string): Promise<Uint8Array | undefined> {
    return inFolder(async (folder) => {
      const path = join(folder, "file");
      try {
        await run(TOOLBOX, ["run", "mcopy", "-n", "-i", this.#image + BOOT_PARTITION, `::/${name}`, path]);
      } catch (error) {
        if (String(error).includes("not found")) return undefined;
        throw error;
      }
      return readFile(path);
    });
  }

  async readText(name: string): Promise<string | undefined> {
    const bytes = await this.read(name);
    return bytes === undefined ? undefined : new TextDecoder().decode(bytes).replaceAll("\r", "");
  }

  async write(name: string, content: string | Uint8Array): Promise<void> {
    await inFolder(async (folder) => {
      const path = join(folder, "file");
      await writeFile(path, content);
      await run(TOOLBOX, ["run", "mcopy", "-o", "-i", this.#image + BOOT_PARTITION, path, `::/${name}`]);
    });
  }
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "tallystick-card-"));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
