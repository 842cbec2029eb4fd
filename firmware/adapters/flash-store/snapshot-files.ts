/**
 * Snapshots of the ledger's state on flash: two files in turn, so that there is always one that was whole before the
 * last write began. A file has one generation: a full snapshot and what has changed since, as frames that are appended
 * until the file is full.
 *
 *     file  = magic (8) | version (4) | generation (4) | CRC-32C of these (4) | zeros to 64 | frames, then zeros
 *     frame = length (4) | check (4) | the bytes
 *
 * The check is the CRC-32C of the check before (the header's for the first), the length and the bytes: what was left
 * from an interrupted write cannot pass for what follows.
 */
import type { SnapshotGeneration, SnapshotStore } from "#core/ledger/snapshot-store.ts";
import { FlashError, type Flash, type FlashFile } from "#hal/ports/flash.ts";
import { advanceCrc32c, crc32c } from "./crc32c.ts";

export interface SnapshotFiles extends SnapshotStore {
  close(): Promise<void>;
}

const NAMES = ["state-0", "state-1"] as const;
export const SNAPSHOT_NAMES: readonly string[] = NAMES;
const HEAD_BYTES = 64;
const FRAME_HEAD_BYTES = 8;
/** The least size of a file: what changes in some weeks at a small site. */
const FILE_BYTES_MIN = 1024 * 1024;
/** Read in pieces of about so many bytes. */
const PIECE_BYTES = 256 * 1024;
const FRAME_BYTES_MAX = 4 * 1024 * 1024;
const MAGIC = new TextEncoder().encode("TALLYSTA");
const VERSION = 1;

/** Content of the files never makes it reject; the flash may. */
export async function openSnapshotFiles(flash: Flash): Promise<SnapshotFiles> {
  const found: Generation[] = [];
  const names = await flash.list();
  for (const name of NAMES) {
    const generation = names.includes(name) ? await readHead(flash, name) : undefined;
    if (generation !== undefined) found.push(generation);
  }
  found.sort((left, right) => right.number - left.number);
  return new FlashSnapshotFiles(flash, found);
}

class Generation implements SnapshotGeneration {
  readonly name: (typeof NAMES)[number];
  readonly number: number;
  readonly check: number;
  readonly #flash: Flash;

  constructor(flash: Flash, about: Pick<Generation, "name" | "number" | "check">) {
    this.#flash = flash;
    this.name = about.name;
    this.number = about.number;
    this.check = about.check;
  }

  async *frames(): AsyncGenerator<Uint8Array> {
    for await (const { bytes } of this.placedFrames()) yield bytes;
  }

  placedFrames(): AsyncGenerator<PlacedFrame> {
    return framesOf(this.#flash, this);
  }
}

class FlashSnapshotFiles implements SnapshotFiles {
  readonly generations: readonly Generation[];
  readonly #flash: Flash;
  /** The newest that is whole. */
  #newest: Generation | undefined;
  #open: OpenGeneration | undefined;

  constructor(flash: Flash, found: readonly Generation[]) {
    this.#flash = flash;
    this.#newest = found[0];
    this.generations = found;
  }

  async begin(bytes: number): Promise<boolean> {
    await this.close();
    const name = this.#newest?.name === NAMES[0] ? NAMES[1] : NAMES[0];
    const number = (this.#newest?.number ?? 0) + 1;
    if ((await this.#flash.list()).includes(name)) await this.#flash.remove(name);
    const sizeBytes = Math.max(FILE_BYTES_MIN, 2 * bytes);
    const file = await this.#flash.create(name, sizeBytes).catch((failure: unknown) => {
      if (failure instanceof FlashError && failure.code === "FLASH_FULL") return undefined;
      throw failure;
    });
    if (file === undefined) return false;
    const { head, check } = encodeHead(number);
    await file.write(0, head);
    this.#open = { file, offset: HEAD_BYTES, check, generation: new Generation(this.#flash, { name, number, check }) };
    return true;
  }

  async resume(generation: SnapshotGeneration, frames: number): Promise<boolean> {
    await this.close();
    if (!(generation instanceof Generation)) return false;
    let count = 0;
    for await (const { end, check } of generation.placedFrames()) {
      count += 1;
      if (count < frames) continue;
      this.#open = { file: await this.#flash.open(generation.name), offset: end, check, generation };
      this.#newest = generation;
      return true;
    }
    return false;
  }

  async append(frames: readonly Uint8Array[]): Promise<boolean> {
    const open = this.#open;
    const bytes = new Uint8Array(lengthOf(frames));
    if (open === undefined || open.offset + bytes.length > open.file.sizeBytes) return false;
    let { check } = open;
    let at = 0;
    for (const frame of frames) {
      check = layFrame(bytes, at, frame, check);
      at += FRAME_HEAD_BYTES + frame.length;
    }
    await open.file.write(open.offset, bytes);
    this.#open = { ...open, offset: open.offset + bytes.length, check };
    return true;
  }

  async sync(): Promise<void> {
    await this.#open?.file.sync();
    this.#newest = this.#open?.generation ?? this.#newest;
  }

  async close(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    await open?.file.close();
  }
}

interface PlacedFrame {
  readonly bytes: Uint8Array;
  readonly end: number;
  readonly check: number;
}

interface OpenGeneration {
  readonly file: FlashFile;
  readonly offset: number;
  readonly check: number;
  readonly generation: Generation;
}

function encodeHead(number: number): { readonly head: Uint8Array; readonly check: number } {
  const head = new Uint8Array(HEAD_BYTES);
  const view = new DataView(head.buffer);
  head.set(MAGIC, 0);
  view.setUint32(8, VERSION);
  view.setUint32(12, number);
  const check = crc32c(head.subarray(0, 16));
  view.setUint32(16, check);
  return { head, check };
}

async function readHead(flash: Flash, name: Generation["name"]): Promise<Generation | undefined> {
  const file = await flash.open(name);
  try {
    if (file.sizeBytes < HEAD_BYTES) return undefined;
    const head = await file.read(0, HEAD_BYTES);
    const view = new DataView(head.buffer, head.byteOffset, HEAD_BYTES);
    const check = crc32c(head.subarray(0, 16));
    const isForm = MAGIC.every((byte, place) => head[place] === byte) && view.getUint32(8) === VERSION;
    return isForm && view.getUint32(16) === check
      ? new Generation(flash, { name, number: view.getUint32(12), check })
      : undefined;
  } finally {
    await file.close();
  }
}

async function* framesOf(flash: Flash, generation: Generation): AsyncGenerator<PlacedFrame> {
  const file = await flash.open(generation.name);
  try {
    let [offset, check] = [HEAD_BYTES, generation.check];
    let piece: Piece = { from: 0, bytes: new Uint8Array() };
    const bytesAt = async (from: number, length: number): Promise<Uint8Array> => {
      if (from + length > piece.from + piece.bytes.length) {
        const wanted = Math.min(file.sizeBytes - from, Math.max(length, PIECE_BYTES));
        piece = { from, bytes: await file.read(from, wanted) };
      }
      return piece.bytes.subarray(from - piece.from, from - piece.from + length);
    };
    while (offset + FRAME_HEAD_BYTES < file.sizeBytes) {
      const head = await bytesAt(offset, FRAME_HEAD_BYTES);
      const view = new DataView(head.buffer, head.byteOffset, FRAME_HEAD_BYTES);
      const [length, written] = [view.getUint32(0), view.getUint32(4)];
      if (length === 0 || length > FRAME_BYTES_MAX || offset + FRAME_HEAD_BYTES + length > file.sizeBytes) return;
      const frame = (await bytesAt(offset + FRAME_HEAD_BYTES, length)).slice();
      check = checkOf(frame, check);
      if (check !== written) return;
      offset += FRAME_HEAD_BYTES + length;
      yield { bytes: frame, end: offset, check };
    }
  } finally {
    await file.close();
  }
}

interface Piece {
  readonly from: number;
  readonly bytes: Uint8Array;
}

/** Lays a frame into bytes and returns its check. */
function layFrame(bytes: Uint8Array, at: number, frame: Uint8Array, before: number): number {
  const check = checkOf(frame, before);
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, FRAME_HEAD_BYTES);
  view.setUint32(0, frame.length);
  view.setUint32(4, check);
  bytes.set(frame, at + FRAME_HEAD_BYTES);
  return check;
}

function checkOf(frame: Uint8Array, before: number): number {
  const head = new Uint8Array(8);
  const view = new DataView(head.buffer);
  view.setUint32(0, before);
  view.setUint32(4, frame.length);
  return ~advanceCrc32c(advanceCrc32c(-1, head, 0, 8), frame, 0, frame.length) >>> 0;
}

function lengthOf(frames: readonly Uint8Array[]): number {
  return frames.reduce((sum, frame) => sum + FRAME_HEAD_BYTES + frame.length, 0);
}
