/** The station's answer to an M3 that only the sender of its M1 can have sealed: co-sign OPEN, or say why not. */
import { fail, ok, type Result } from "#base/result.ts";
import { encodeShape } from "#core/wire/schema.ts";
import { encodeSigned } from "#core/wire/signed.ts";
import type { RefusalCode } from "./abort-reason.ts";
import type { Instant } from "./effects.ts";
import type { CodedFault, StationContext } from "./handshake-context.ts";
import { ANSWER_KEPT_MS } from "./handshake-limits.ts";
import { transcriptOfM4 } from "./key-schedule.ts";
import { encodeMessage, type M3 } from "./messages.ts";
import { addressOfOpen, judgeOpen, openMessage, type PromisedOpen } from "./open-contract.ts";
import { decodeM3Content, refuses, stationCommits, type VehicleAccepts } from "./sealed-contents.ts";
import type { Answered, HalfOpen, Storing } from "./station-state.ts";

export interface PromiseReceived {
  readonly m3: M3;
  /** The message as it came. */
  readonly bytes: Uint8Array;
  readonly entry: HalfOpen;
  /** Another handshake has taken the outlet since M2. */
  readonly isTaken: boolean;
  readonly at: Instant;
}

/** The entry that follows; "forget" after the vehicle's no; a fault when the seal is not of this handshake. */
export function answerPromise(
  promise: PromiseReceived,
  context: StationContext,
): Result<Storing | Answered | "forget", CodedFault> {
  const { m3, entry, isTaken, at } = promise;
  const plain = context.crypto.open(entry.keys.e1, entry.transcript, m3.sealed);
  if (plain === undefined) return fail({ code: "BAD_SEAL" });
  const answer = decodeM3Content(plain);
  if (!answer.ok) return ok(refuse(promise, "WRONG_OPEN", context));
  if (!answer.value.isAccepted) return ok("forget");
  const evse = context.evse(entry.evse);
  if (evse?.isPlugged !== true) return ok(refuse(promise, "NOT_PLUGGED", context));
  if (isTaken || evse.isBusy) return ok(refuse(promise, "EVSE_BUSY", context));
  const { content } = answer.value;
  const judged = judgeOpen(content, entry, at.wallSeconds, context);
  return ok(judged.ok ? coSign(promise, content, judged.value, context) : refuse(promise, judged.fault.code, context));
}

function coSign(
  promise: PromiseReceived,
  content: VehicleAccepts,
  promised: PromisedOpen,
  context: StationContext,
): Storing {
  const { entry, bytes } = promise;
  const signature = context.signer.sign(openMessage(context.network, content.open));
  const { body, vehicle } = promised;
  return {
    phase: "storing",
    handshake: entry.handshake,
    token: entry.token,
    evse: entry.evse,
    questionHash: context.crypto.sha256(bytes),
    m4: sealM4(promise, encodeShape(stationCommits, { signature, tip: context.tip }), context),
    vehicleJoin: vehicle.join,
    committed: {
      kind: "committed",
      open: encodeSigned(content.open, [content.signature, signature]),
      body,
      address: addressOfOpen(context, body, content.open),
      peer: vehicle.deviceId,
      channel: entry.keys.channel,
      peerTip: undefined,
    },
  };
}

function refuse(promise: PromiseReceived, refusal: RefusalCode, context: StationContext): Answered {
  const { entry, bytes, at } = promise;
  return {
    phase: "answered",
    handshake: entry.handshake,
    token: entry.token,
    question: { m3Hash: context.crypto.sha256(bytes) },
    answer: sealM4(promise, encodeShape(refuses, { refusal }), context),
    expiresMs: at.monotonicMs + ANSWER_KEPT_MS,
  };
}

function sealM4({ entry, bytes }: PromiseReceived, plain: Uint8Array, { crypto }: StationContext): Uint8Array {
  const additional = transcriptOfM4(crypto, entry.transcript, bytes);
  const sealed = crypto.seal(entry.keys.s2, additional, plain);
  return encodeMessage({ kind: "M4", handshake: entry.handshake, sealed });
}
