/** What is wrong in a log, and where. */

export type FindingCode =
  /**
   * Bytes behind the last good record, of a write that a power cut interrupted; nobody was told that they are durable.
   */
  | "TORN_TAIL"
  /** The same, but some record of that last write reached the flash behind the missing one. */
  | "TORN_BATCH"
  /** A segment made ahead whose making was interrupted; there is no record in it. */
  | "TORN_SEGMENT"
  /** Bytes that were a durable record and are not readable. */
  | "RECORD_DAMAGED"
  /**
   * A good record that does not follow the one before it: what stood between them is gone, or one of them was
   * exchanged.
   */
  | "RECORD_MISSING"
  /** One of a segment's two headers is bad, or both; its records may be readable all the same. */
  | "SEGMENT_HEADER"
  | "SEGMENT_MISSING"
  /** A file that cannot be a segment of this log, or whose log is unknown because no header is readable. */
  | "SEGMENT_UNREADABLE";

export interface Finding {
  readonly code: FindingCode;
  readonly segment: number;
  /** In the segment's file. */
  readonly offset: number;
  readonly lengthBytes: number;
  /** Name of that file, where it is not the segment's own. */
  readonly file?: string;
  /** For people. */
  readonly detail: string;
}

/** True for what a power cut leaves behind; everything else means that durable bytes have changed. */
export function isTear(finding: Finding): boolean {
  return finding.code === "TORN_TAIL" || finding.code === "TORN_BATCH" || finding.code === "TORN_SEGMENT";
}
