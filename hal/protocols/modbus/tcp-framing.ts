/**
 * Modbus TCP frames: the MBAP header in place of the checksum. Modbus Messaging on TCP/IP 1.0b, section 3.1.3:
 * transaction, protocol 0, length, unit. An answer to an earlier request is known by its transaction and dropped.
 */
import { concatBytes } from "#base/bytes.ts";
import { answerLength, answerShapeOf, FRAME_BYTES_MAX, type AnswerShape } from "./answer-shape.ts";
import { withCrc } from "./rtu-checksum.ts";
import { DIAGNOSIS_BYTES_MAX, type FrameDiagnosis, type Framing } from "./framing.ts";
import type { FrameProblem } from "#hal/ports/register-bus.ts";

const HEADER_BYTES = 6;
const TRANSACTIONS = 0x1_0000;

export class TcpFraming implements Framing {
  /** A second packet costs about 60 bytes of headers. */
  readonly bridgedRegistersMax = 31;
  readonly tellsAnswersApart = true;
  #transaction = 0;
  #received: Uint8Array = new Uint8Array(0);
  #shape: AnswerShape | undefined;
  #diagnosis: FrameDiagnosis | undefined;

  begin(request: Uint8Array): Uint8Array {
    this.#transaction = (this.#transaction + 1) % TRANSACTIONS;
    this.#shape = answerShapeOf(request);
    this.#diagnosis = undefined;
    // Bytes of a late answer may have been cut here: they stay, or the stream would lose its frames.
    const packet = new Uint8Array(HEADER_BYTES + request.length - 2);
    const header = new DataView(packet.buffer);
    header.setUint16(0, this.#transaction);
    header.setUint16(4, request.length - 2);
    packet.set(request.subarray(0, -2), HEADER_BYTES);
    return packet;
  }

  receive(bytes: Uint8Array): Uint8Array | undefined {
    this.#received = concatBytes(this.#received, bytes);
    for (let packet = this.#takePacket(); packet !== undefined; packet = this.#takePacket()) {
      const answer = this.#answerIn(packet);
      if (answer !== undefined) return answer;
    }
    return undefined;
  }

  diagnose(): FrameDiagnosis | undefined {
    if (this.#diagnosis !== undefined || this.#received.length === 0) return this.#diagnosis;
    return { problem: { kind: "noise" }, bytes: this.#received.slice(0, DIAGNOSIS_BYTES_MAX) };
  }

  /**
   * The next whole packet. What cannot be one is dropped with all that follows: there is no mark to find the next by.
   */
  #takePacket(): Uint8Array | undefined {
    if (this.#received.length < HEADER_BYTES) return undefined;
    const header = new DataView(this.#received.buffer, this.#received.byteOffset);
    const length = header.getUint16(4);
    if (header.getUint16(2) !== 0 || length < 3 || length > FRAME_BYTES_MAX) {
      this.#note(this.#received, { kind: "noise" });
      this.#received = new Uint8Array(0);
      return undefined;
    }
    if (this.#received.length < HEADER_BYTES + length) return undefined;
    const packet = this.#received.subarray(0, HEADER_BYTES + length);
    this.#received = this.#received.slice(HEADER_BYTES + length);
    return packet;
  }

  #answerIn(packet: Uint8Array): Uint8Array | undefined {
    const shape = this.#shape;
    if (shape === undefined || new DataView(packet.buffer, packet.byteOffset).getUint16(0) !== this.#transaction) {
      return undefined;
    }
    const body = packet.subarray(HEADER_BYTES);
    const expectedBytes = answerLength(body, shape);
    if (expectedBytes === body.length + 2) {
      this.#shape = undefined;
      return withCrc(body);
    }
    const unit = body[0];
    const receivedBytes = body.length + 2;
    if (unit !== undefined && unit !== shape.unit) this.#note(packet, { kind: "wrong-unit", unit });
    else this.#note(packet, { kind: "length", expectedBytes: expectedBytes ?? shape.bytes, receivedBytes });
    return undefined;
  }

  #note(bytes: Uint8Array, problem: FrameProblem): void {
    this.#diagnosis = { problem, bytes: bytes.slice(0, DIAGNOSIS_BYTES_MAX) };
  }
}
