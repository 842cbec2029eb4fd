/**
 * What is left on a card that loses its power: of the writes since the last flush some have arrived and some have not.
 *
 * An emulator that is killed loses nothing that it was handed, which is more than a card keeps. So it logs its writes
 * (QEMU's blklogwrites, in the format of Linux's dm-log-writes), and the card is made anew from what it was at power-on
 * and the log: all up to the last flush, and of the rest a part.
 */
import { copyFile, open, truncate, writeFile, type FileHandle } from "node:fs/promises";

export interface CardLoss {
  readonly kept: number;
  readonly lost: number;
}

export class LossyCard {
  readonly image: string;
  /** Where QEMU logs to. */
  readonly log: string;
  readonly #atPowerOn: string;

  constructor(image: string) {
    this.image = image;
    this.log = `${image}.log`;
    this.#atPowerOn = `${image}.power-on`;
  }

  /** Before each start. */
  async powerOn(): Promise<void> {
    await copyFile(this.image, this.#atPowerOn);
    await writeFile(this.log, "");
    await truncate(this.log, LOG_BYTES_MAX);
  }

  /**
   * After the emulator was killed: leaves the card as it is after a power cut. Of the writes that nothing flushed each
   * second one is lost.
   */
  async powerCut(): Promise<CardLoss> {
    await copyFile(this.#atPowerOn, this.image);
    const log = await open(this.log, "r");
    const card = await open(this.image, "r+");
    try {
      const entries = await readEntries(log);
      const safe = entries.findLastIndex(({ isFlush }) => isFlush);
      const kept = entries.filter((_, index) => index <= safe || (index - safe) % 2 === 0);
      for (const entry of kept) await replay(entry, log, card);
      return { kept: kept.length, lost: entries.length - kept.length };
    } finally {
      await card.close();
      await log.close();
    }
  }
}

interface LogEntry {
  readonly cardOffset: number;
  readonly bytes: number;
  readonly dataOffset: number;
  readonly isFlush: boolean;
  readonly isDiscard: boolean;
}

/**
 * linux/Documentation/admin-guide/device-mapper/log-writes.rst: a super block, then entries of a sector and their data.
 */
const SECTOR_BYTES = 512;
const FLUSH = 1n;
const DISCARD = 4n;
/** Sparse; a start and a charge write some hundred megabytes at most. */
const LOG_BYTES_MAX = 8 * 1024 ** 3;

async function readEntries(log: FileHandle): Promise<readonly LogEntry[]> {
  const entries: LogEntry[] = [];
  const head = Buffer.alloc(SECTOR_BYTES);
  // The count in the super block is renewed now and then only: the end is the first entry that says nothing.
  for (let offset = SECTOR_BYTES; offset < LOG_BYTES_MAX;) {
    await log.read(head, 0, SECTOR_BYTES, offset);
    const [sector, sectors, flags] = [head.readBigUInt64LE(0), head.readBigUInt64LE(8), head.readBigUInt64LE(16)];
    if (sectors === 0n && flags === 0n) break;
    const isDiscard = (flags & DISCARD) !== 0n;
    const bytes = Number(sectors) * SECTOR_BYTES;
    const dataOffset = offset + SECTOR_BYTES;
    entries.push({
      cardOffset: Number(sector) * SECTOR_BYTES,
      bytes,
      dataOffset,
      isFlush: (flags & FLUSH) !== 0n,
      isDiscard,
    });
    offset = dataOffset + (isDiscard ? 0 : bytes);
  }
  return entries;
}

async function replay(
  { cardOffset, bytes, dataOffset, isDiscard }: LogEntry,
  log: FileHandle,
  card: FileHandle,
): Promise<void> {
  if (bytes === 0 || isDiscard) return;
  const data = Buffer.alloc(bytes);
  await log.read(data, 0, bytes, dataOffset);
  await card.write(data, 0, bytes, cardOffset);
}
