/**
 * Everything a gateway's folder holds, read without owning or changing it: for `verify` on a gateway that is stopped,
 * or on a copy of its card. On the folder of a running gateway the last records may be half written, and look torn.
 */
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { readDroppedMark, RECORD_KIND, type DroppedMark } from "#core/ledger/journal-record.ts";
import { inspectSegments } from "./inspect-segments.ts";
import type { SegmentInspection } from "./inspect-segments.ts";
import { readRegister } from "./read-register.ts";
import type { RegisterReading } from "./read-register.ts";
import { SLOT_BYTES } from "./register-slot.ts";
import { REGISTER_NAME } from "./safety-register.ts";
import { KEPT_PREFIX } from "./kept-store.ts";
import { partsOf } from "./place-index.ts";
import { segmentIndex, segmentName } from "./segment-format.ts";
import { indexSegment } from "./segment-index.ts";
import { openSnapshotFiles, SNAPSHOT_NAMES } from "./snapshot-files.ts";

export interface FolderInspection extends SegmentInspection {
  /** Undefined when the folder has none. */
  readonly register: RegisterReading | undefined;
  /** Up to where records are dropped; then the first ones of `records` are those that outlive them. */
  readonly dropped?: DroppedMark;
  /** Files that are neither segments nor the register. */
  readonly otherFiles: readonly string[];
  /** Frames of the newest snapshot that is whole; none without one. */
  readonly snapshot?: () => Promise<readonly Uint8Array[]>;
}

/** Rejects with the system's error when a file cannot be read. */
export async function inspectFolder(folder: string): Promise<FolderInspection> {
  const entries = await readdir(folder, { withFileTypes: true });
  // The flash keeps its own files under names with a dot, and shows them to nobody.
  const names = entries.filter((entry) => entry.isFile() && !entry.name.startsWith(".")).map((entry) => entry.name);
  const read = (name: string): Promise<Uint8Array> => readFile(join(folder, name));
  const kept = await inspectKept(read, names);
  const segments = await inspectSegments(read, names, kept.first);
  return {
    ...{ ...segments, ...(kept.dropped && { dropped: kept.dropped }) },
    records: [...kept.records, ...segments.records],
    findings: [...kept.findings, ...segments.findings],
    register: names.includes(REGISTER_NAME) ? inspectRegister(await readFile(join(folder, REGISTER_NAME))) : undefined,
    otherFiles: names.filter((name) => !isOfStore(name)).sort(),
    snapshot: () => snapshotIn(folder, names),
  };
}

interface KeptInspection extends Pick<SegmentInspection, "records" | "findings"> {
  readonly dropped: DroppedMark | undefined;
  /** The first segment that is not dropped. */
  readonly first: number;
}

/** What outlives dropped records; as long as none is, nothing of it is told, since all of it is in the log as well. */
async function inspectKept(
  read: (name: string) => Promise<Uint8Array>,
  names: readonly string[],
): Promise<KeptInspection> {
  const own = names.filter((name) => name.startsWith(KEPT_PREFIX)).map((name) => name.slice(KEPT_PREFIX.length));
  const kept = await inspectSegments((name) => read(KEPT_PREFIX + name), own);
  const marks = kept.records.flatMap(({ bytes }) => readDroppedMark(bytes) ?? []);
  const dropped = marks.at(-1);
  const fileOf = (segment: number): string => KEPT_PREFIX + segmentName(segment);
  const findings = kept.findings.map((each) => ({ ...each, file: fileOf(each.segment) }));
  if (dropped === undefined) return { records: [], findings, dropped, first: 0 };
  const records = kept.records
    .filter(({ bytes }) => bytes[0] !== RECORD_KIND.dropped)
    .map((record) => ({ ...record, file: fileOf(record.segment) }));
  return { records, findings, dropped, first: partsOf(dropped.place).segment };
}

async function snapshotIn(folder: string, names: readonly string[]): Promise<readonly Uint8Array[]> {
  const refuse = (): never => {
    throw new Error("bug: a folder that is looked at is not changed");
  };
  const { generations } = await openSnapshotFiles({
    list: () => Promise.resolve(names),
    open: async (name) => {
      const bytes = await readFile(join(folder, name));
      const read = (offset: number, length: number): Promise<Uint8Array> =>
        Promise.resolve(Uint8Array.from(bytes.subarray(offset, offset + length)));
      const close = (): Promise<void> => Promise.resolve();
      return { sizeBytes: bytes.length, read, write: refuse, sync: refuse, close };
    },
    ...{ create: refuse, remove: refuse, readNow: refuse, close: () => Promise.resolve() },
  });
  const frames: Uint8Array[] = [];
  for await (const frame of generations[0]?.frames() ?? []) frames.push(frame);
  return frames;
}

/** What a register's file says, of any bytes. */
export function inspectRegister(bytes: Uint8Array): RegisterReading {
  if (bytes.length !== 2 * SLOT_BYTES) return { state: "amnesia", newest: undefined, faults: [] };
  return readRegister([bytes.subarray(0, SLOT_BYTES), bytes.subarray(SLOT_BYTES)]);
}

/** Also what follows from the segments and is made again from them: their indexes, and snapshots of the state. */
function isOfStore(name: string): boolean {
  const own = name.startsWith(KEPT_PREFIX) ? name.slice(KEPT_PREFIX.length) : name;
  const isDerived = indexSegment(own) !== undefined || SNAPSHOT_NAMES.includes(name);
  return name === REGISTER_NAME || segmentIndex(own) !== undefined || isDerived;
}
