/** The files of a folder whose names begin alike, as a folder of their own: two logs lie beside each other. */
import type { Flash, FlashFile } from "#hal/ports/flash.ts";

export class FlashPart implements Flash {
  readonly #flash: Flash;
  readonly #prefix: string;

  constructor(flash: Flash, prefix: string) {
    this.#flash = flash;
    this.#prefix = prefix;
  }

  async list(): Promise<readonly string[]> {
    const names = await this.#flash.list();
    return names.filter((name) => name.startsWith(this.#prefix)).map((name) => name.slice(this.#prefix.length));
  }

  open(name: string): Promise<FlashFile> {
    return this.#flash.open(this.#prefix + name);
  }

  create(name: string, sizeBytes: number): Promise<FlashFile> {
    return this.#flash.create(this.#prefix + name, sizeBytes);
  }

  remove(name: string): Promise<void> {
    return this.#flash.remove(this.#prefix + name);
  }

  readNow(name: string, offset: number, length: number): Uint8Array {
    return this.#flash.readNow(this.#prefix + name, offset, length);
  }

  /** The folder belongs to whoever opened it. */
  close(): Promise<void> {
    return Promise.resolve();
  }
}
