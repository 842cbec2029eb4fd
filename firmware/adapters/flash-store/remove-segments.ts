/** Removes what is dropped from the log, and what a power cut has left of it before. */
import type { Flash } from "#hal/ports/flash.ts";
import { indexSegment } from "./segment-index.ts";
import { segmentIndex } from "./segment-format.ts";

export async function removeSegmentsBefore(flash: Flash, first: number): Promise<void> {
  for (const name of await flash.list()) {
    const segment = segmentIndex(name) ?? indexSegment(name);
    if (segment !== undefined && segment < first) await flash.remove(name);
  }
}
