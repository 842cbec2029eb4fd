/**
 * One request and its answer on a CAN bus (ISO 15765-2, client side): sends the request in one frame, gives the unit
 * leave to send the rest of a long answer, and waits as long as the standards say.
 *
 *   waiting for the answer --first frame--> receiving (flow control sent) --last frame--> judged
 *        \--single frame--> judged            \--N_Cr without a frame, or a wrong one--> broken
 *        \--P2 without a frame--> silent
 *   judged: ours --> answered; "response pending" --> waiting, up to P2*; another request's --> waiting
 *
 * It has no timer and no bus: frames, deadlines and the time come in, effects go out.
 */
import { assert } from "#base/assert.ts";
import type { EcuRequest } from "./decode-reply.ts";
import type { EcuAddress } from "./ecu-address.ts";
import { flowControlFrame, frameBytesOf, singleFrame } from "./isotp-frame.ts";
import { FrameReceiver } from "./isotp-receiver.ts";
import { matchAnswer } from "./uds.ts";
import { RESPONSE_CODES } from "./uds-codes.ts";

export type ClientEffect =
  /** The bytes of a frame to the unit's request identifier. */
  { readonly kind: "send"; readonly bytes: Uint8Array } | { readonly kind: "ended"; readonly outcome: ClientOutcome };

export type ClientOutcome =
  | { readonly kind: "positive"; readonly message: Uint8Array }
  | { readonly kind: "negative"; readonly responseCode: number }
  | { readonly kind: "silent"; readonly waitedMs: number }
  | { readonly kind: "broken"; readonly reason: string };

export interface ClientTiming {
  /** P2: from the request to the first frame. ISO 14229-2 has 50 ms; gateways between buses add to it. */
  readonly answerMs: number;
  /** P2*: after a "response pending". */
  readonly pendingMs: number;
  /** All of them together. */
  readonly pendingTotalMs: number;
  /** N_Cr (ISO 15765-2): from one frame of an answer to the next. */
  readonly frameMs: number;
  /** STmin that is asked of the unit: 0 is as fast as it can. */
  readonly separationMs: number;
  /** Whatever the unit goes on sending, an exchange is over after this. */
  readonly exchangeMs: number;
}

export const CLIENT_TIMING: ClientTiming = {
  answerMs: 500,
  pendingMs: 5_000,
  pendingTotalMs: 10_000,
  frameMs: 1_000,
  separationMs: 0,
  exchangeMs: 20_000,
};

/** ISO 15765-2 recommends this value: it needs the fewest stuff bits. */
const PADDING = 0xcc;
const FRAME_BYTES = 8;

export class IsoTpClient {
  readonly #request: EcuRequest;
  readonly #timing: ClientTiming;
  readonly #receiver: FrameReceiver;
  #startedMs = 0;
  #deadlineMs: number | undefined;
  #pendingUntilMs: number | undefined;

  constructor(request: EcuRequest, timing: ClientTiming = CLIENT_TIMING) {
    this.#request = request;
    this.#timing = timing;
    this.#receiver = new FrameReceiver(frameBytesOf(request.ecu));
  }

  /** When `acceptDeadline` wants to be called; undefined before the start and after the end. */
  get deadlineMs(): number | undefined {
    return this.#deadlineMs;
  }

  start(nowMs: number): readonly ClientEffect[] {
    assert(this.#deadlineMs === undefined, "a request is started once");
    this.#startedMs = nowMs;
    this.#deadlineMs = nowMs + this.#timing.answerMs;
    return [{ kind: "send", bytes: padded(singleFrame(this.#request.bytes, this.#request.ecu)) }];
  }

  /** A frame with the unit's response identifier. */
  acceptFrame(bytes: Uint8Array, nowMs: number): readonly ClientEffect[] {
    const frame = frameForUs(bytes, this.#request.ecu);
    if (this.#deadlineMs === undefined || frame === undefined) return [];
    switch (this.#receiver.acceptFrame(frame)) {
      case "began":
        this.#waitUntil(nowMs + this.#timing.frameMs);
        return [{ kind: "send", bytes: padded(flowControlFrame(this.#request.ecu, 0, this.#timing.separationMs)) }];
      case "continued":
        this.#waitUntil(nowMs + this.#timing.frameMs);
        return [];
      case "completed":
        return this.#judge(nowMs);
      case "broken":
        return this.#end({ kind: "broken", reason: "a frame is missing or out of order" });
      case "ignored":
        return [];
    }
  }

  acceptDeadline(nowMs: number): readonly ClientEffect[] {
    if (this.#deadlineMs === undefined || nowMs < this.#deadlineMs) return [];
    if (this.#receiver.isReceiving) return this.#end({ kind: "broken", reason: "the answer broke off" });
    if (this.#pendingUntilMs !== undefined)
      return this.#end({ kind: "negative", responseCode: RESPONSE_CODES.responsePending });
    return this.#end({ kind: "silent", waitedMs: nowMs - this.#startedMs });
  }

  #judge(nowMs: number): readonly ClientEffect[] {
    const message = this.#receiver.messages.at(-1) ?? new Uint8Array();
    const answer = matchAnswer(this.#request.bytes, [message]);
    switch (answer.kind) {
      case "positive":
        return this.#end({ kind: "positive", message: answer.message });
      case "negative":
        return this.#end({ kind: "negative", responseCode: answer.responseCode });
      case "pending":
        this.#pendingUntilMs ??= nowMs + this.#timing.pendingTotalMs;
        this.#waitUntil(Math.min(nowMs + this.#timing.pendingMs, this.#pendingUntilMs));
        return [];
      case "unclear":
        // A late answer to the request before. Ours has its own time, which has not changed.
        this.#waitUntil(this.#pendingUntilMs ?? this.#startedMs + this.#timing.answerMs);
        return [];
    }
  }

  #waitUntil(deadlineMs: number): void {
    this.#deadlineMs = Math.min(deadlineMs, this.#startedMs + this.#timing.exchangeMs);
  }

  #end(outcome: ClientOutcome): readonly ClientEffect[] {
    this.#deadlineMs = undefined;
    return [{ kind: "ended", outcome }];
  }
}

/** From the protocol byte on; undefined where the frame names another receiver, or nothing. */
function frameForUs(bytes: Uint8Array, ecu: EcuAddress): Uint8Array | undefined {
  if (ecu.extension === undefined) return bytes.length > 0 ? bytes : undefined;
  return bytes[0] === ecu.extension.tester && bytes.length > 1 ? bytes.subarray(1) : undefined;
}

function padded(bytes: Uint8Array): Uint8Array {
  const frame = new Uint8Array(FRAME_BYTES).fill(PADDING);
  frame.set(bytes);
  return frame;
}
