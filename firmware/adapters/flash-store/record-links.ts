/** Whether each record of a log follows the one before it, segment by segment as they are read. */
import type { Finding } from "./finding.ts";
import type { Frame } from "./frame.ts";
import { FRAMES_START } from "./segment-format.ts";
import type { SegmentRead } from "./segment-read.ts";

export class RecordLinks {
  readonly #broken: Finding[] = [];
  /** Check of the record that the next one has to name; undefined where nobody can know. */
  #expected: number | undefined;
  #nextIndex: number;

  /** @param first with which the log begins now; what the first record of another one than 0 follows is not known */
  constructor(first: number) {
    this.#expected = first === 0 ? 0 : undefined;
    this.#nextIndex = first;
  }

  /** Segments that are missing, and places where a record does not follow although nothing bad lies between the two. */
  get broken(): readonly Finding[] {
    return this.#broken;
  }

  /** The next segment that is there, with its good frames. */
  follow({ index, scan }: SegmentRead, frames: readonly Frame[]): void {
    if (index > this.#nextIndex) this.#reportMissing(index);
    this.#nextIndex = index + 1;
    let end = FRAMES_START;
    for (const frame of frames) {
      const isBehindHole = frame.offset > end;
      const isExpected = this.#expected === undefined || frame.previous === this.#expected;
      if (!isBehindHole && !isExpected) this.#reportBroken(index, frame);
      this.#expected = frame.kind === "mark" ? undefined : frame.check;
      end = frame.end;
    }
    if (scan === undefined || scan.tail !== undefined) this.#expected = undefined;
  }

  #reportMissing(index: number): void {
    const segment = this.#nextIndex;
    const detail = index - segment === 1 ? "the file is missing" : `the files up to ${index - 1} are missing`;
    this.#broken.push({ code: "SEGMENT_MISSING", segment, offset: 0, lengthBytes: 0, detail });
    this.#expected = undefined;
  }

  #reportBroken(segment: number, { offset }: Frame): void {
    const detail = "the record does not follow the one before it";
    this.#broken.push({ code: "RECORD_MISSING", segment, offset, lengthBytes: 0, detail });
  }
}
