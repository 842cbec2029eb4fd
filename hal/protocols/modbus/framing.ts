/**
 * How frames lie on a byte stream: RTU with checksum and silence, or TCP with a header. Pure: it is told what is sent
 * and what arrives. The frames themselves, on both sides of this interface, are RTU frames (unit … checksum).
 */
import type { FrameProblem } from "#hal/ports/register-bus.ts";

export interface Framing {
  readonly bridgedRegistersMax: number;
  /** Forgets all bytes before, and returns what has to be sent for this request frame. */
  begin(request: Uint8Array): Uint8Array;
  /** Takes bytes cut anywhere; returns the answer to the request once it is there, intact. */
  receive(bytes: Uint8Array): Uint8Array | undefined;
  /** What was wrong with the bytes since `begin`; undefined when there were none. */
  diagnose(): FrameDiagnosis | undefined;
  /** Whether an answer to an earlier request can be told from one to the next request by its frame alone. */
  readonly tellsAnswersApart: boolean;
}

export interface FrameDiagnosis {
  readonly problem: FrameProblem;
  readonly bytes: Uint8Array;
}

/** Bytes kept for a report: enough to see what it was. */
export const DIAGNOSIS_BYTES_MAX = 64;
