/** What the two machines ask of their services, and the time that each input brings. */
import type { BlockReference, OpenBody } from "#core/session/facts.ts";
import type { AbortReason } from "./abort-reason.ts";
import type { CodedFault } from "./handshake-context.ts";
import type { ChannelKeys } from "./key-schedule.ts";

export interface Instant {
  readonly monotonicMs: number;
  readonly wallSeconds: number;
}

export type HandshakeEffect = Send | Store | WakeAt | Committed | Aborted | Ignored;

export interface Step<State> {
  readonly state: State;
  readonly effects: readonly HandshakeEffect[];
}

/** Publish, once; the machine repeats by itself. */
export interface Send {
  readonly kind: "send";
  readonly to:
    | { readonly topic: "handshake"; readonly station: Uint8Array }
    | { readonly topic: "reply"; readonly token: Uint8Array };
  readonly bytes: Uint8Array;
}

/**
 * Make the record survive a power cut, then give the machine the input `stored` with this handshake. What depends on it
 * is sent only then. `promise` is read back by `resumeVehicleHandshake`, `open` by `recommit`.
 */
export interface Store {
  readonly kind: "store";
  readonly record: "promise" | "open";
  readonly handshake: Uint8Array;
  readonly bytes: Uint8Array;
  /** JOINs to store before it: without the other side's, nobody can check its signature. */
  readonly joins: readonly Uint8Array[];
}

/** Give the machine the input `deadline` then. Too early, too late or twice does no harm. */
export interface WakeAt {
  readonly kind: "wakeAt";
  readonly monotonicMs: number;
}

/** The contract exists and is durable here. The service publishes OPEN as a fact, until it is final. */
export interface Committed {
  readonly kind: "committed";
  /** The envelope of OPEN: payload, the vehicle's signature, the station's. */
  readonly open: Uint8Array;
  readonly body: OpenBody;
  readonly address: Uint8Array;
  readonly peer: Uint8Array;
  /** Absent after a restart between promise and answer. */
  readonly channel: ChannelKeys | undefined;
  /** The newest block of the station, as M4 said. */
  readonly peerTip: BlockReference | undefined;
}

export interface Aborted {
  readonly kind: "aborted";
  readonly reason: AbortReason;
}

/** Something came in that changes nothing; for the log and for budgets by sender. */
export interface Ignored {
  readonly kind: "ignored";
  readonly fault: CodedFault;
}

export function ignored(fault: CodedFault): Ignored {
  return { kind: "ignored", fault };
}
