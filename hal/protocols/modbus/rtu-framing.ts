/**
 * RTU frames on a byte stream. Modbus over serial line 1.02, section 2.5.1: frames are told apart by silence, but a USB
 * adapter delivers one frame in several pieces with gaps far longer than the 1.5 characters allowed, so the answer is
 * found by its header, its length and its checksum, wherever it begins.
 */
import { concatBytes, equalBytes } from "#base/bytes.ts";
import type { FrameProblem } from "#hal/ports/register-bus.ts";
import { answerLength, answerShapeOf, selfDeclaredLength, type AnswerShape } from "./answer-shape.ts";
import { hasGoodCrc } from "./rtu-checksum.ts";
import { DIAGNOSIS_BYTES_MAX, type FrameDiagnosis, type Framing } from "./framing.ts";

export interface RtuFramingOptions {
  /** Half-duplex adapters without receiver control give back each byte that is sent. */
  readonly echoes: boolean;
}

/** A babbling line is not worth more memory than a few frames. */
const RECEIVED_BYTES_MAX = 1024;

export class RtuFraming implements Framing {
  /** A request and the head of its answer cost 13 bytes: half of that in registers is cheaper read along. */
  readonly bridgedRegistersMax = 7;
  readonly tellsAnswersApart = false;
  readonly #options: RtuFramingOptions;
  #received: Uint8Array = new Uint8Array(0);
  #request: Uint8Array = new Uint8Array(0);
  #echo: Uint8Array = new Uint8Array(0);
  #shape: AnswerShape | undefined;

  constructor(options: RtuFramingOptions) {
    this.#options = options;
  }

  begin(request: Uint8Array): Uint8Array {
    this.#received = new Uint8Array(0);
    this.#request = request.slice();
    this.#echo = this.#options.echoes ? this.#request : new Uint8Array(0);
    this.#shape = answerShapeOf(request);
    return request;
  }

  receive(bytes: Uint8Array): Uint8Array | undefined {
    this.#received = concatBytes(this.#received, bytes).subarray(-RECEIVED_BYTES_MAX);
    if (!this.#removeEcho() || this.#shape === undefined) return undefined;
    const frame = findFrame(this.#received, this.#shape);
    if (frame !== undefined) this.#shape = undefined;
    return frame;
  }

  diagnose(): FrameDiagnosis | undefined {
    if (this.#received.length === 0 || this.#shape === undefined) return undefined;
    const isEcho = equalBytes(this.#received, this.#request);
    return {
      problem: isEcho ? { kind: "echo" } : problemOf(this.#received, this.#shape),
      bytes: this.#received.slice(0, DIAGNOSIS_BYTES_MAX),
    };
  }

  /** False while the echo may still be arriving. An adapter that does not echo after all costs nothing. */
  #removeEcho(): boolean {
    const arrived = Math.min(this.#echo.length, this.#received.length);
    if (!equalBytes(this.#received.subarray(0, arrived), this.#echo.subarray(0, arrived))) {
      this.#echo = new Uint8Array(0);
      return true;
    }
    if (arrived < this.#echo.length) return false;
    this.#received = this.#received.subarray(arrived);
    this.#echo = new Uint8Array(0);
    return true;
  }
}

/** The first intact answer. A wrong start costs nothing, because its checksum does not fit. */
function findFrame(bytes: Uint8Array, shape: AnswerShape): Uint8Array | undefined {
  for (let start = 0; start + 5 <= bytes.length; start += 1) {
    const length = answerLength(bytes.subarray(start), shape);
    if (length === undefined || start + length > bytes.length) continue;
    const frame = bytes.slice(start, start + length);
    if (hasGoodCrc(frame)) return frame;
  }
  return undefined;
}

function problemOf(bytes: Uint8Array, shape: AnswerShape): FrameProblem {
  let longest = 0;
  for (let start = 0; start < bytes.length; start += 1) {
    const rest = bytes.subarray(start);
    const stranger = intactFrameOf(rest);
    if (stranger !== undefined) return { kind: "wrong-unit", unit: stranger };
    const length = rest.length < 3 ? undefined : answerLength(rest, shape);
    if (length === undefined) continue;
    if (rest.length >= length) return { kind: "crc" };
    longest = Math.max(longest, rest.length);
  }
  if (longest === 0) return { kind: "noise" };
  return { kind: "length", expectedBytes: shape.bytes, receivedBytes: longest };
}

/** The unit of an intact answer that begins here, whatever it answers. */
function intactFrameOf(bytes: Uint8Array): number | undefined {
  const length = selfDeclaredLength(bytes);
  if (length === undefined || length > bytes.length) return undefined;
  return hasGoodCrc(bytes.subarray(0, length)) ? bytes[0] : undefined;
}
