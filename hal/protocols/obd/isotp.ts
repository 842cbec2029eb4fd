/**
 * Puts the frames of one reply together (ISO 15765-2, receiving side), strictly. Adapters lose characters, merge lines
 * and hand over the rest of the reply before; whatever is not an unbroken message is not one.
 */
import { fromHex } from "#base/bytes.ts";
import { type EcuAddress, idDigits } from "./ecu-address.ts";

/** ISO 15765-2: 12 bits of length. The 32-bit escape is for CAN FD and is refused. */
export const MESSAGE_BYTES_MAX = 4095;

export interface Reassembly {
  readonly messages: readonly Uint8Array[];
  /** First frames whose message was not completed. */
  readonly brokenMessages: number;
  /** Lines from this control unit that cannot be a frame. */
  readonly damagedLines: number;
  /** Frames that were taken, of whole messages and others: how many lines the adapter printed for this unit. */
  readonly frames: number;
}

/** `lines` without spaces, in capitals, with the identifier in front. */
export function reassemble(lines: readonly string[], ecu: EcuAddress): Reassembly {
  const receiver = new Receiver(ecu.extension === undefined ? 8 : 7);
  const header = idDigits(ecu.responseId, ecu.idBits);
  for (const line of lines) {
    if (!line.startsWith(header)) continue;
    const frame = frameOf(line.slice(header.length), ecu);
    if (frame === "elsewhere") continue;
    if (frame === "damaged") receiver.acceptDamage();
    else receiver.acceptFrame(frame);
  }
  return receiver.finish();
}

/** The bytes of a frame from its protocol control byte on. */
function frameOf(digits: string, ecu: EcuAddress): Uint8Array | "damaged" | "elsewhere" {
  const bytes = digits.length <= 16 ? fromHex(digits) : undefined;
  const [first, second] = bytes ?? [];
  if (bytes === undefined || first === undefined) return "damaged";
  if (ecu.extension === undefined) return bytes;
  if (second === undefined) return "damaged";
  return first === ecu.extension.tester ? bytes.subarray(1) : "elsewhere";
}

interface Unfinished {
  readonly length: number;
  readonly bytes: number[];
  /** Of the next consecutive frame, 0 to 15. */
  sequence: number;
}

class Receiver {
  /** Bytes of a full frame, protocol control byte included. */
  readonly #frameBytes: number;
  readonly #messages: Uint8Array[] = [];
  #unfinished: Unfinished | undefined;
  #broken = 0;
  #damaged = 0;
  #frames = 0;

  constructor(frameBytes: number) {
    this.#frameBytes = frameBytes;
  }

  acceptDamage(): void {
    this.#damaged += 1;
    this.#abandon();
  }

  acceptFrame(frame: Uint8Array): void {
    this.#frames += 1;
    const control = frame[0] ?? 0;
    switch (control >> 4) {
      case 0:
        this.#acceptSingle(frame, control & 0x0f);
        return;
      case 1:
        this.#acceptFirst(frame, ((control & 0x0f) << 8) | (frame[1] ?? 0));
        return;
      case 2:
        this.#acceptConsecutive(frame, control & 0x0f);
        return;
      case 3:
        // Flow control concerns the sender of long messages, which the adapter is not for this unit.
        return;
      default:
        this.acceptDamage();
    }
  }

  finish(): Reassembly {
    this.#abandon();
    return {
      messages: this.#messages,
      brokenMessages: this.#broken,
      damagedLines: this.#damaged,
      frames: this.#frames,
    };
  }

  #acceptSingle(frame: Uint8Array, length: number): void {
    this.#abandon();
    if (length === 0 || !this.#holds(frame, 1 + length)) this.#damaged += 1;
    else this.#messages.push(frame.slice(1, 1 + length));
  }

  #acceptFirst(frame: Uint8Array, length: number): void {
    this.#abandon();
    // A message that fits a single frame is not sent as a long one.
    if (frame.length !== this.#frameBytes || length < this.#frameBytes) {
      this.#broken += 1;
      return;
    }
    this.#unfinished = { length, bytes: [...frame.subarray(2)], sequence: 1 };
  }

  #acceptConsecutive(frame: Uint8Array, sequence: number): void {
    const message = this.#unfinished;
    // The rest of a reply that was given up before: the commonest defect of all in recorded replies.
    if (message === undefined) return;
    const missing = message.length - message.bytes.length;
    const wanted = Math.min(missing, this.#frameBytes - 1);
    if (sequence !== message.sequence || !this.#holds(frame, 1 + wanted)) {
      this.#abandon();
      return;
    }
    message.bytes.push(...frame.subarray(1, 1 + wanted));
    message.sequence = (message.sequence + 1) & 0x0f;
    if (wanted < missing) return;
    this.#unfinished = undefined;
    this.#messages.push(Uint8Array.from(message.bytes));
  }

  /**
   * Cars pad a frame to its full length or do not pad at all. A length in between is a frame that lost characters, and
   * padding may have slid into the place of data.
   */
  #holds(frame: Uint8Array, bytes: number): boolean {
    return frame.length === bytes || (frame.length === this.#frameBytes && bytes <= this.#frameBytes);
  }

  #abandon(): void {
    if (this.#unfinished !== undefined) this.#broken += 1;
    this.#unfinished = undefined;
  }
}
