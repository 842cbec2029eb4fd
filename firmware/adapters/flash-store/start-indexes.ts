/**
 * Writes the indexes of full segments while a start reads a whole log: of a log of years the places of all records
 * would fill the memory. Nothing depends on it. Where it cannot go on it leaves the rest to the first snapshot that is
 * written.
 */
import { FlashError } from "#hal/ports/flash.ts";
import type { FlashArchive } from "./flash-archive.ts";

export class StartIndexes {
  readonly #archive: Pick<FlashArchive, "keepFull" | "endOfFull">;
  readonly #mayGoOn: () => boolean;
  #entered = -1;
  #isOn = true;

  /** @param mayGoOn whether all that was read is of this region, and every record has its place in the archive */
  constructor(archive: Pick<FlashArchive, "keepFull" | "endOfFull">, mayGoOn: () => boolean) {
    this.#archive = archive;
    this.#mayGoOn = mayGoOn;
  }

  /**
   * Before the first record of a segment is read. The segment before it is left out: the last write may not have been
   * synced by whoever was killed, and if the power takes it away the log goes on there. Behind a segment that is
   * missing or cannot be read nothing is written.
   */
  async enter(segment: number): Promise<void> {
    this.#isOn &&= segment === this.#entered + 1 && this.#mayGoOn();
    this.#entered = segment;
    if (!this.#isOn) return;
    const before = segment - 1;
    try {
      await this.#archive.keepFull(before);
      this.#isOn = this.#archive.endOfFull >= before;
    } catch (failure) {
      if (!(failure instanceof FlashError)) throw failure;
      this.#isOn = false;
    }
  }
}
