/**
 * The receiving side of ISO 15765-2, strictly: frames in, whole messages out. Adapters lose characters, repeat frames
 * and hand over the rest of the reply before; whatever is not an unbroken message is not one.
 */

/** What a frame was to the receiver. */
export type FrameEvent =
  /** A message of several frames began: its sender waits for flow control. */
  | "began"
  | "continued"
  | "completed"
  /** The message under way is given up, or the frame begins none that could be. */
  | "broken"
  /** The rest of a message that is not ours to complete, or flow control. */
  | "ignored";

/** Which frames were seen filled up to the full length although their message was shorter. */
export interface Padding {
  readonly single: boolean;
  readonly last: boolean;
}

export const NO_PADDING: Padding = { single: false, last: false };

interface Unfinished {
  readonly bytes: Uint8Array;
  /** How many of them have come. */
  received: number;
  /** Of the next consecutive frame, 0 to 15. */
  sequence: number;
}

export class FrameReceiver {
  /** Bytes of a full frame, protocol byte included. */
  readonly #frameBytes: number;
  readonly #padding: Padding;
  readonly #messages: Uint8Array[] = [];
  #unfinished: Unfinished | undefined;
  /** Sequence number that would go on with the message that was completed last, until another one begins. */
  #beyond: number | undefined;
  #broken = 0;
  #damaged = 0;
  #frames = 0;
  #seenPadding = NO_PADDING;

  /** `padding`: what this sender is known to fill up; a short frame of that kind has lost something. */
  constructor(frameBytes: number, padding: Padding = NO_PADDING) {
    this.#frameBytes = frameBytes;
    this.#padding = padding;
  }

  get messages(): readonly Uint8Array[] {
    return this.#messages;
  }

  /** First frames whose message was not completed. */
  get brokenMessages(): number {
    return this.#broken;
  }

  /** Frames that cannot be. */
  get damagedFrames(): number {
    return this.#damaged;
  }

  /** Frames that were taken, of whole messages and others. */
  get frames(): number {
    return this.#frames;
  }

  get seenPadding(): Padding {
    return this.#seenPadding;
  }

  get isReceiving(): boolean {
    return this.#unfinished !== undefined;
  }

  acceptDamage(): FrameEvent {
    this.#damaged += 1;
    return this.#abandon();
  }

  /** `frame` from its protocol byte on. */
  acceptFrame(frame: Uint8Array): FrameEvent {
    this.#frames += 1;
    const control = frame[0] ?? 0;
    switch (control >> 4) {
      case 0:
        return this.#acceptSingle(frame, control & 0x0f);
      case 1:
        return this.#acceptFirst(frame, ((control & 0x0f) << 8) | (frame[1] ?? 0));
      case 2:
        return this.#acceptConsecutive(frame, control & 0x0f);
      case 3:
        // Flow control concerns the sender of long messages, which we are not.
        return "ignored";
      default:
        return this.acceptDamage();
    }
  }

  /** Nothing more comes: a message under way is broken. */
  finish(): void {
    this.#abandon();
  }

  #acceptSingle(frame: Uint8Array, length: number): FrameEvent {
    this.#abandon();
    if (length === 0 || !this.#holds(frame, 1 + length, this.#padding.single)) {
      this.#damaged += 1;
      return "broken";
    }
    if (frame.length > 1 + length) this.#seenPadding = { ...this.#seenPadding, single: true };
    this.#messages.push(frame.slice(1, 1 + length));
    return "completed";
  }

  #acceptFirst(frame: Uint8Array, length: number): FrameEvent {
    this.#abandon();
    // A message that fits a single frame is not sent as a long one. Length 0 announces 32 bits of length, for CAN FD.
    if (frame.length !== this.#frameBytes || length < this.#frameBytes) {
      this.#broken += 1;
      return "broken";
    }
    // 12 bits of length: 4,095 bytes at most.
    const bytes = new Uint8Array(length);
    bytes.set(frame.subarray(2));
    this.#unfinished = { bytes, received: frame.length - 2, sequence: 1 };
    return "began";
  }

  #acceptConsecutive(frame: Uint8Array, sequence: number): FrameEvent {
    const message = this.#unfinished;
    if (message === undefined) return this.#acceptOrphan(sequence);
    const missing = message.bytes.length - message.received;
    const wanted = Math.min(missing, this.#frameBytes - 1);
    const isLast = wanted === missing;
    if (sequence !== message.sequence || !this.#holds(frame, 1 + wanted, isLast && this.#padding.last)) {
      return this.#abandon();
    }
    message.bytes.set(frame.subarray(1, 1 + wanted), message.received);
    message.received += wanted;
    message.sequence = (message.sequence + 1) & 0x0f;
    if (!isLast) return "continued";
    if (frame.length > 1 + wanted) this.#seenPadding = { ...this.#seenPadding, last: true };
    this.#unfinished = undefined;
    this.#beyond = message.sequence;
    this.#messages.push(message.bytes);
    return "completed";
  }

  /**
   * The rest of a reply that was given up before is the commonest defect of all in recorded replies, and harmless. One
   * that goes on where a message has just ended is not: the head of that one may belong to a shorter message.
   */
  #acceptOrphan(sequence: number): FrameEvent {
    if (sequence !== this.#beyond) return "ignored";
    this.#beyond = undefined;
    this.#broken += 1;
    return "broken";
  }

  /**
   * Cars pad a frame to its full length or do not pad at all. A length in between is a frame that lost characters, and
   * padding may have slid into the place of data.
   */
  #holds(frame: Uint8Array, bytes: number, isPadded: boolean): boolean {
    if (frame.length === this.#frameBytes) return bytes <= this.#frameBytes;
    return frame.length === bytes && !isPadded;
  }

  #abandon(): FrameEvent {
    if (this.#unfinished !== undefined) this.#broken += 1;
    this.#unfinished = undefined;
    this.#beyond = undefined;
    return "broken";
  }
}
