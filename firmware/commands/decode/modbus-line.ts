/**
 * A Modbus RTU line as somebody recorded it: requests and answers behind one another, without the silences that told
 * them apart. A frame is where a length by its header ends in a fitting CRC; what fits nowhere is noise, or a damaged
 * answer if a request stands before it.
 */
import { concatBytes } from "#base/bytes.ts";
import {
  answerLength,
  answerShapeOf,
  FRAME_BYTES_MAX,
  selfDeclaredLength,
} from "#hal/protocols/modbus/answer-shape.ts";
import { hasGoodCrc } from "#hal/protocols/modbus/rtu-checksum.ts";
import type { Finding } from "./finding.ts";
import { readExchange, requestLength } from "./modbus-exchange.ts";

export class ModbusLine {
  #received: Uint8Array = new Uint8Array(0);
  /** Of the first byte in `#received`. */
  #offset = 0;
  #open: OpenExchange | undefined;

  push(bytes: Uint8Array): readonly Finding[] {
    this.#received = concatBytes(this.#received, bytes);
    return this.#read(false);
  }

  end(): readonly Finding[] {
    const found = [...this.#read(true), ...this.#closeOpen()];
    this.#received = new Uint8Array(0);
    this.#offset = 0;
    return found;
  }

  #read(isEnded: boolean): readonly Finding[] {
    const found: Finding[] = [];
    let at = 0;
    while (at < this.#received.length) {
      const rest = this.#received.subarray(at, at + FRAME_BYTES_MAX);
      const frame = frameIn(rest, this.#open?.request, isEnded);
      if (frame === "incomplete") break;
      if (frame === "none") this.#keepStray(rest);
      else found.push(...this.#take(frame.kind, rest.slice(0, frame.length), this.#offset + at));
      at += frame === "none" ? 1 : frame.length;
    }
    this.#received = this.#received.slice(at);
    this.#offset += at;
    return found;
  }

  #take(kind: FrameKind, bytes: Uint8Array, offset: number): readonly Finding[] {
    if (kind === "request") {
      const before = this.#closeOpen();
      this.#open = { offset, request: bytes, stray: [], strayBytes: 0 };
      return before;
    }
    if (kind === "answer" && this.#open !== undefined) {
      const exchange = readExchange({ ...this.#open, answer: bytes });
      const lengthBytes = offset + bytes.length - this.#open.offset;
      this.#open = undefined;
      return [{ ...exchange, lengthBytes }];
    }
    const problem = {
      code: "TELEGRAM_CUT_SHORT",
      reason: "an answer without its request: its registers have no address",
    };
    return [...this.#closeOpen(), { offset, lengthBytes: bytes.length, problem, values: [] }];
  }

  /** The exchange that will not be answered any more. */
  #closeOpen(): readonly Finding[] {
    const open = this.#open;
    this.#open = undefined;
    if (open === undefined) return [];
    const exchange = readExchange({ ...open, answer: Uint8Array.from(open.stray) });
    return [{ ...exchange, lengthBytes: open.request.length + open.strayBytes }];
  }

  /** One byte that belongs to no frame; enough of them are kept to say what is wrong. */
  #keepStray([byte = 0]: Uint8Array): void {
    if (this.#open === undefined) return;
    this.#open.strayBytes += 1;
    if (this.#open.stray.length < FRAME_BYTES_MAX) this.#open.stray.push(byte);
  }
}

interface OpenExchange {
  readonly offset: number;
  readonly request: Uint8Array;
  readonly stray: number[];
  strayBytes: number;
}

type FrameKind = "request" | "answer" | "stray answer";
type FrameAhead = { readonly kind: FrameKind; readonly length: number } | "none" | "incomplete";

/** As many bytes as tell the length of any frame. */
const HEADER_BYTES = 8;

/** What begins with these bytes. The answer that is waited for comes first: it may look like a request. */
function frameIn(rest: Uint8Array, request: Uint8Array | undefined, isEnded: boolean): FrameAhead {
  if (rest.length < HEADER_BYTES && !isEnded) return "incomplete";
  const candidates: readonly (readonly [FrameKind, number | undefined])[] = [
    ["answer", request === undefined ? undefined : answerLength(rest, answerShapeOf(request))],
    ["request", requestLength(rest)],
    ["stray answer", selfDeclaredLength(rest)],
  ];
  for (const [kind, length] of candidates) {
    if (length === undefined || length > FRAME_BYTES_MAX) continue;
    if (length > rest.length && !isEnded) return "incomplete";
    if (length <= rest.length && hasGoodCrc(rest.subarray(0, length))) return { kind, length };
  }
  return "none";
}
