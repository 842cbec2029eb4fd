/**
 * Reads a log without owning or changing it, for whoever wants to know whether all of it is as it was written. Every
 * byte is accounted for: it belongs to a header, to a good frame, is zero, or is in a finding.
 */
import { examineLog } from "./examine-log.ts";
import type { LogPlace, StoredRecord } from "./examine-log.ts";
import type { Finding } from "./finding.ts";
import { SEGMENT_BYTES_MAX, segmentIndex } from "./segment-format.ts";
import type { SegmentSource } from "./segment-read.ts";

export interface SegmentInspection {
  /** In the order of their appends. */
  readonly records: readonly StoredRecord[];
  /** Empty if nothing was changed since it was written and no power cut is still to be tidied up after. */
  readonly findings: readonly Finding[];
  /** Where an earlier start has covered an interrupted write that had good records behind it. */
  readonly marks: readonly LogPlace[];
}

/**
 * `names` are the files of the folder; those that are no segments are left alone, and so are those before `first`,
 * which are dropped. `readFile` gives a file whole.
 */
export async function inspectSegments(
  readFile: (name: string) => Promise<Uint8Array>,
  names: readonly string[],
  first = 0,
): Promise<SegmentInspection> {
  const sources: SegmentSource[] = [];
  // A log may be larger than memory, so only the file that is being read is kept.
  let kept = { name: "", bytes: new Uint8Array(0) };
  for (const name of names.toSorted()) {
    const index = segmentIndex(name);
    if (index === undefined || index < first) continue;
    const read = async (offset: number, length: number): Promise<Uint8Array> => {
      if (kept.name !== name) kept = { name, bytes: Uint8Array.from(await readFile(name)) };
      return kept.bytes.subarray(offset, offset + length);
    };
    sources.push({ index, sizeBytes: (await read(0, SEGMENT_BYTES_MAX + 1)).length, read });
  }
  const { records, findings, marks } = await examineLog(sources, { from: { segment: first, salt: undefined } });
  return { records, findings, marks };
}
