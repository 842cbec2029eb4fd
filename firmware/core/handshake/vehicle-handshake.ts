/** The vehicle's machine. States and their drawing: `vehicle-state.ts`; messages and rules: README. */
import { assert } from "#base/assert.ts";
import { equalBytes } from "#base/bytes.ts";
import { terms } from "#core/contract/terms.ts";
import type { BlockReference } from "#core/session/facts.ts";
import { encodeShape } from "#core/wire/schema.ts";
import type { AbortReason } from "./abort-reason.ts";
import { ignored, type Committed, type HandshakeEffect, type Send, type Step } from "./effects.ts";
import { greet, sendM1 } from "./greet.ts";
import type { CodedFault, HandshakeContext } from "./handshake-context.ts";
import { HURRIED_MAX, ROUNDS_MAX } from "./handshake-limits.ts";
import { judgeM2 } from "./judge-m2.ts";
import { decodeMessage, type HandshakeMessage, type M2, type M4, type Retry } from "./messages.ts";
import { completeFromMesh, completePromise, encodePromise } from "./open-promise.ts";
import { promiseOpen, refuseM2 } from "./promise-open.ts";
import { firstSending, nextSending } from "./repetition.ts";
import { decodeM4Content, type StationRefuses } from "./sealed-contents.ts";
import type { Greeting, Promised, Start, Unanswered, VehicleInput, VehicleState } from "./vehicle-state.ts";

type VehicleStep = Step<VehicleState>;
type Waiting = Extract<VehicleState, { phase: "promised" }>;
type MessageInput = Extract<VehicleInput, { kind: "message" }>;

export function stepVehicleHandshake(state: VehicleState, input: VehicleInput, context: HandshakeContext): VehicleStep {
  switch (input.kind) {
    case "start":
      return state.phase === "idle" ? start(input, context) : stay(state);
    case "message":
      return receive(state, input, context);
    case "openSeen":
      return state.phase === "promised" || state.phase === "unanswered"
        ? completeWithFact(state, input.open, context)
        : stay(state);
    case "stored":
      return onStored(state, input.handshake, input.at.monotonicMs);
    case "deadline":
      return repeatOrGiveUp(state, input.at.monotonicMs);
    case "unplugged":
      return giveUp(state, { code: "NOT_PLUGGED" });
  }
}

function start(input: Start, context: HandshakeContext): VehicleStep {
  const { offer, plan, expected, at } = input;
  const [secrets, ...spare] = input.secrets;
  assert(secrets !== undefined && spare.length < ROUNDS_MAX, `secrets for 1 to ${ROUNDS_MAX} rounds`);
  const greeted = greet({ offer, plan, expected, secrets }, at.wallSeconds, context);
  if (!greeted.ok) return abort(greeted.fault);
  const repetition = firstSending(at.monotonicMs);
  return {
    state: { phase: "greeting", plan, round: greeted.value, spare, repetition, lastFault: undefined },
    effects: [sendM1(greeted.value), wakeAt(repetition.nextMs)],
  };
}

function receive(state: VehicleState, input: MessageInput, context: HandshakeContext): VehicleStep {
  const message = decodeMessage(input.bytes);
  if (!message.ok) return stay(state, message.fault);
  if (state.phase === "greeting") return receiveInGreeting(state, message.value, input, context);
  if (state.phase === "promised" && message.value.kind === "M4") return receiveM4(state, message.value, context);
  return stay(state, { code: "UNEXPECTED_MESSAGE" });
}

function receiveInGreeting(
  state: Greeting,
  message: HandshakeMessage,
  input: MessageInput,
  context: HandshakeContext,
): VehicleStep {
  if (!equalBytes(message.handshake, state.round.handshake)) return stay(state, { code: "ANOTHER_HANDSHAKE" });
  if (message.kind === "RETRY") return takeCookie(state, message);
  if (message.kind === "M2") return receiveM2(state, message, input, context);
  return stay(state, { code: "UNEXPECTED_MESSAGE" });
}

/** Anybody can send a RETRY, so it costs the vehicle a cookie and at most a few messages. */
function takeCookie(state: Greeting, { cookie }: Retry): VehicleStep {
  const isHurried = state.round.hurried < HURRIED_MAX;
  const round = { ...state.round, cookie, hurried: state.round.hurried + 1 };
  return { state: { ...state, round }, effects: isHurried ? [sendM1(round)] : [] };
}

function receiveM2(state: Greeting, message: M2, { at }: MessageInput, context: HandshakeContext): VehicleStep {
  const { round, plan } = state;
  const judged = judgeM2(message, round, context);
  if (!judged.ok) return { state: { ...state, lastFault: judged.fault }, effects: [ignored(judged.fault)] };
  const { answer, ...m2 } = judged.value;
  if (!answer.isAccepted) return considerCounterOffer(state, answer.content, at, context);
  if (!equalBytes(encodeShape(terms, answer.content.terms), encodeShape(terms, round.terms))) {
    return abort({ code: "TERMS", fault: undefined }, refuseM2(round, m2, "TERMS", context));
  }
  return promise(state, promiseOpen({ round, plan, m2, content: answer.content }, at.wallSeconds, context));
}

function promise({ round }: Greeting, promised: Promised): VehicleStep {
  const bytes = encodePromise(promised.promise);
  return {
    state: { phase: "promising", ...promised },
    effects: [
      { kind: "store", record: "promise", handshake: round.handshake, bytes, joins: [promised.promise.station.join] },
    ],
  };
}

function considerCounterOffer(
  state: Greeting,
  { counterOffer, refusal }: StationRefuses,
  at: MessageInput["at"],
  context: HandshakeContext,
): VehicleStep {
  const [secrets, ...spare] = state.spare;
  if (counterOffer === undefined || secrets === undefined) return abort({ code: "REFUSED", refusal });
  const { plan } = state;
  const { station, evse } = state.round.offer.body;
  const greeted = greet({ offer: counterOffer, plan, expected: { station, evse }, secrets }, at.wallSeconds, context);
  if (!greeted.ok) return abort(greeted.fault);
  const repetition = firstSending(at.monotonicMs);
  return {
    state: { ...state, round: greeted.value, spare, repetition, lastFault: undefined },
    effects: [sendM1(greeted.value), wakeAt(repetition.nextMs)],
  };
}

function receiveM4(state: Waiting, message: M4, context: HandshakeContext): VehicleStep {
  if (!equalBytes(message.handshake, state.promise.handshake)) return stay(state, { code: "ANOTHER_HANDSHAKE" });
  const plain = context.crypto.open(state.answer.key, state.answer.transcript, message.sealed);
  if (plain === undefined) return stay(state, { code: "BAD_SEAL" });
  const answer = decodeM4Content(plain);
  if (!answer.ok) return noteFault(state, answer.fault);
  if (!answer.value.isAccepted) return giveUp(state, { code: "REFUSED", refusal: answer.value.content.refusal });
  const { signature, tip } = answer.value.content;
  const completed = completePromise(state.promise, signature, context);
  return completed.ok ? keep(state, completed.value, tip) : noteFault(state, completed.fault);
}

function completeWithFact(state: Waiting | Unanswered, open: Uint8Array, context: HandshakeContext): VehicleStep {
  const completed = completeFromMesh(state.promise, open, context);
  return completed.ok ? keep(state, completed.value, undefined) : stay(state, completed.fault);
}

/** Both have signed: the contract stands, and is told when it is durable here. */
function keep(
  { promise: { body, address, station, handshake }, channel }: Waiting | Unanswered,
  open: Uint8Array,
  peerTip: BlockReference | undefined,
): VehicleStep {
  const committed: Committed = { kind: "committed", open, body, address, peer: station.deviceId, channel, peerTip };
  return {
    state: { phase: "storing", handshake, committed },
    effects: [{ kind: "store", record: "open", handshake, bytes: open, joins: [station.join] }],
  };
}

function onStored(state: VehicleState, handshake: Uint8Array, nowMs: number): VehicleStep {
  if (state.phase === "promising" && equalBytes(handshake, state.promise.handshake)) {
    const repetition = firstSending(nowMs);
    return {
      state: { ...state, phase: "promised", repetition, lastFault: undefined },
      effects: [sendM3(state), wakeAt(repetition.nextMs)],
    };
  }
  if (state.phase === "storing" && equalBytes(handshake, state.handshake)) {
    return { state: { phase: "committed", address: state.committed.address }, effects: [state.committed] };
  }
  return stay(state);
}

function repeatOrGiveUp(state: VehicleState, nowMs: number): VehicleStep {
  if (state.phase !== "greeting" && state.phase !== "promised") return stay(state);
  if (nowMs < state.repetition.nextMs) return { state, effects: [wakeAt(state.repetition.nextMs)] };
  const repetition = nextSending(state.repetition, nowMs);
  if (repetition === undefined) {
    const { lastFault } = state;
    const timeout = { code: "TIMEOUT", repeated: state.repetition.repeated } as const;
    return giveUp(state, lastFault === undefined ? timeout : { code: "BAD_ANSWER", fault: lastFault });
  }
  const again = state.phase === "greeting" ? sendM1(state.round) : sendM3(state);
  return { state: { ...state, repetition }, effects: [again, wakeAt(repetition.nextMs)] };
}

/** Once M3 may have left, giving up means to wait without hope, not to forget. */
function giveUp(state: VehicleState, reason: AbortReason): VehicleStep {
  switch (state.phase) {
    case "greeting":
    case "promising":
      return abort(reason);
    case "promised": {
      const { promise: kept, channel } = state;
      return { state: { phase: "unanswered", promise: kept, channel }, effects: [{ kind: "aborted", reason }] };
    }
    case "idle":
    case "unanswered":
    case "storing":
    case "committed":
    case "aborted":
      return stay(state);
  }
}

function abort(reason: AbortReason, ...before: readonly Send[]): VehicleStep {
  return { state: { phase: "aborted", reason }, effects: [...before, { kind: "aborted", reason }] };
}

function noteFault(state: Waiting, lastFault: CodedFault): VehicleStep {
  return { state: { ...state, lastFault }, effects: [ignored(lastFault)] };
}

function stay(state: VehicleState, fault?: CodedFault): VehicleStep {
  return { state, effects: fault === undefined ? [] : [ignored(fault)] };
}

function sendM3({ promise: { station }, m3 }: Promised): Send {
  return { kind: "send", to: { topic: "handshake", station: station.deviceId }, bytes: m3 };
}

function wakeAt(monotonicMs: number): HandshakeEffect {
  return { kind: "wakeAt", monotonicMs };
}
