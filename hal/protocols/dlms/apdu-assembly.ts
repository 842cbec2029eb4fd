/**
 * APDUs from the parts that frames or transfer blocks carry. Parts must come from one source and in order; a missing
 * one costs its APDU, never the next one.
 */
import { concatBytes } from "#base/bytes.ts";
import type { DecodedTelegram, TelegramProblemCode } from "../telegram.ts";
import type { LinkSegment } from "./link-frame.ts";

/** A part, and where in the stream it was found. */
export interface PlacedSegment extends LinkSegment {
  readonly offset: number;
  readonly lengthBytes: number;
}

export interface PlacedApdu {
  readonly source: string;
  readonly offset: number;
  readonly lengthBytes: number;
  readonly bytes: Uint8Array;
}

/** The longest recorded push has 581 bytes; a list of a hundred objects with scalers has 2.5 kB. */
export const APDU_BYTES_MAX = 8 * 1024;

export class ApduAssembly {
  #begun: PlacedSegment | undefined;

  /** Bytes kept of an APDU that is not complete. */
  get heldBytes(): number {
    return this.#begun?.bytes.length ?? 0;
  }

  /** The APDU that this part completes, if it does, and what it puts an end to. */
  add(segment: PlacedSegment): { readonly apdu?: PlacedApdu; readonly given: readonly DecodedTelegram[] } {
    const given = [...this.#giveUpUnlessContinuedBy(segment)];
    const begun = this.#begun;
    if (begun === undefined && !segment.isFirst) {
      return { given: [...given, failed(segment, "TELEGRAM_CUT_SHORT", "the beginning of this telegram is missing")] };
    }
    const joined = begun === undefined ? segment : join(begun, segment);
    this.#begun = undefined;
    if (joined.bytes.length > APDU_BYTES_MAX) {
      return { given: [...given, failed(joined, "TELEGRAM_TOO_LONG", `more than ${APDU_BYTES_MAX} bytes of APDU`)] };
    }
    if (joined.isLast) return { apdu: joined, given };
    this.#begun = { ...joined, bytes: joined.bytes.slice() };
    return { given };
  }

  end(): readonly DecodedTelegram[] {
    const begun = this.#begun;
    this.#begun = undefined;
    return begun === undefined
      ? []
      : [failed(begun, "TELEGRAM_CUT_SHORT", "further parts of this telegram were announced and did not come")];
  }

  #giveUpUnlessContinuedBy(segment: PlacedSegment): readonly DecodedTelegram[] {
    const begun = this.#begun;
    if (begun === undefined) return [];
    const isNext = begun.sequence === null || segment.sequence === begun.sequence + 1;
    return !segment.isFirst && segment.source === begun.source && isNext ? [] : this.end();
  }
}

function join(begun: PlacedSegment, segment: PlacedSegment): PlacedSegment {
  return {
    ...segment,
    offset: begun.offset,
    lengthBytes: segment.offset + segment.lengthBytes - begun.offset,
    bytes: concatBytes(begun.bytes, segment.bytes),
  };
}

function failed(place: PlacedSegment, code: TelegramProblemCode, reason: string): DecodedTelegram {
  return { offset: place.offset, lengthBytes: place.lengthBytes, problem: { code, reason }, values: [] };
}
