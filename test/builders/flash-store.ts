/** A log on a simulated card, and records that say which they are. */
import { inspectSegments, openSegmentLog } from "#adapters/flash-store/index.ts";
import type { OpenedSegmentLog, SegmentInspection, StoredRecord } from "#adapters/flash-store/index.ts";
import type { FlashCard, FlashSnapshot } from "#hal/mock/flash.ts";
import { SeededRandomness } from "#hal/mock/seeded-random.ts";
import type { Flash } from "#hal/ports/flash.ts";

/** Record number `id`, at least 4 bytes long. */
export function numbered(id: number, length = 40): Uint8Array {
  const bytes = new Uint8Array(Math.max(4, length));
  for (let index = 4; index < bytes.length; index += 1) bytes[index] = id * 31 + index * 7;
  new DataView(bytes.buffer).setUint32(0, id);
  return bytes;
}

export function idOf(record: StoredRecord): number {
  return new DataView(record.bytes.buffer, record.bytes.byteOffset).getUint32(0);
}

export interface OpenedCard extends OpenedSegmentLog {
  readonly flash: Flash;
  readonly close: () => Promise<void>;
}

export async function openLog(card: FlashCard, segmentBytes = 1024): Promise<OpenedCard> {
  const flash = await card.open();
  const opened = await openSegmentLog(flash, {
    randomness: new SeededRandomness(`salt ${card.usedBytes}`),
    segmentBytes,
  });
  const close = async (): Promise<void> => {
    await opened.log.close();
    await flash.close();
  };
  return { ...opened, flash, close };
}

export function inspectSnapshot(snapshot: FlashSnapshot): Promise<SegmentInspection> {
  const readFile = (name: string): Promise<Uint8Array> => Promise.resolve(snapshot.get(name) ?? new Uint8Array(0));
  return inspectSegments(readFile, [...snapshot.keys()]);
}
