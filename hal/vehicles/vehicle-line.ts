/**
 * The way from the driver to the car's control units, one request at a time: through an adapter on a byte link, or
 * straight on a CAN bus. One attempt a call; who asks decides whether to ask again.
 *
 * What callers may rely on: calls may overlap and are done in order; every call settles; only requests that read ever
 * leave; `close` is safe at any time and ends what is under way.
 */
import type { Result } from "#base/result.ts";
import type { VehicleFault } from "#hal/ports/vehicle-link.ts";
import type { EcuRequest } from "#hal/protocols/obd/decode-reply.ts";

export interface VehicleLine {
  /** Opens and sets up where needed. What is at the other end, such as the adapter's banner, or why nothing is. */
  prepare(): Promise<Result<string, VehicleFault>>;
  ask(request: EcuRequest): Promise<AskOutcome>;
  /** Volts of the 12 V system, read without touching the car's bus; null where the line cannot tell. */
  supplyVoltage(): Promise<Result<number | null, VehicleFault>>;
  /** What the line is set to is not believed any more: it is set up from the start before the next request. */
  distrust(): void;
  close(): Promise<void>;
}

export interface Attempt {
  /** From the request's first byte to the end of the answer. */
  readonly startedMs: number;
  readonly endedMs: number;
  /** The answer's frames as an adapter prints them: identifier and bytes in hex, one a line. */
  readonly text: string;
}

export type AskOutcome =
  | ({ readonly kind: "payload"; readonly payload: Uint8Array } & Attempt)
  | { readonly kind: "ask-again"; readonly fault: VehicleFault }
  | { readonly kind: "refused"; readonly responseCode: number }
  /** Asking at once again is of no use. */
  | { readonly kind: "given-up"; readonly fault: VehicleFault };

/** Something came, and it was no answer. */
export function badReply(request: string, reason: string): AskOutcome {
  return { kind: "ask-again", fault: { code: "VEHICLE_BAD_REPLY", request, reason } };
}

/** The line works, and nobody on it answers. */
export function asleep(reply: string): AskOutcome {
  return { kind: "ask-again", fault: { code: "VEHICLE_ASLEEP", reply } };
}
