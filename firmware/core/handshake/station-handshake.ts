/** The station's machine. States and their drawing: `station-state.ts`; messages and rules: README. */
import { assert } from "#base/assert.ts";
import { equalBytes } from "#base/bytes.ts";
import { answerHello } from "./answer-hello.ts";
import { answerPromise } from "./answer-promise.ts";
import { isCookieGood, makeCookie } from "./cookie.ts";
import { ignored, type HandshakeEffect, type Send, type Step } from "./effects.ts";
import type { CodedFault, StationContext } from "./handshake-context.ts";
import { ANSWER_KEPT_MS, HALF_OPEN_MS, ANSWERED_WITHOUT_COOKIE_MAX, NONCE_BYTES } from "./handshake-limits.ts";
import { decodeHello, decodeMessage, encodeMessage, handshakeIdOf, type Hello, type M1, type M3 } from "./messages.ts";
import {
  entryOf,
  forgetExpired,
  nextExpiryMs,
  withEntry,
  withoutEntry,
  type Answered,
  type Entry,
  type HalfOpen,
  type StationInput,
  type StationState,
  type Storing,
} from "./station-state.ts";

type StationStep = Step<StationState>;
type MessageInput = Extract<StationInput, { kind: "message" }>;

export function stepStationHandshake(before: StationState, input: StationInput, context: StationContext): StationStep {
  const state = forgetExpired(before, input.at.monotonicMs);
  switch (input.kind) {
    case "message":
      return receive(state, input, context);
    case "stored":
      return tell(state, input.handshake, input.at.monotonicMs);
    case "deadline":
      return waiting(state, []);
    case "unplugged":
      return waiting({ entries: state.entries.filter((entry) => !isHalfOpenOn(entry, input.evse)) }, []);
  }
}

function receive(state: StationState, input: MessageInput, context: StationContext): StationStep {
  const message = decodeMessage(input.bytes);
  if (!message.ok) return stay(state, message.fault);
  switch (message.value.kind) {
    case "M1":
      return receiveM1(state, message.value, input, context);
    case "M3":
      return receiveM3(state, message.value, input, context);
    case "M2":
    case "M4":
    case "RETRY":
      return stay(state, { code: "UNEXPECTED_MESSAGE" });
  }
}

function receiveM1(state: StationState, m1: M1, input: MessageInput, context: StationContext): StationStep {
  const { crypto, network } = context;
  const { at, fresh } = input;
  if (!equalBytes(m1.handshake, handshakeIdOf(crypto, network, m1.hello))) return stay(state, { code: "WRONG_ID" });
  const known = entryOf(state, m1.handshake);
  if (known !== undefined) return answerAgain(state, known, at.monotonicMs);
  const hello = decodeHello(m1.hello);
  if (!hello.ok) return stay(state, hello.fault);
  if (!equalBytes(hello.value.network, network)) return stay(state, { code: "WRONG_NETWORK" });
  const evse = context.evse(hello.value.evse);
  // Silence: the contactor's view of the plug may be a moment behind, and the vehicle repeats its M1.
  if (evse?.isPlugged !== true) return stay(state, { code: "NOT_PLUGGED" });
  const retry = askForCookie(state, m1, hello.value, input, context);
  if (retry !== undefined) return waiting(state, [retry]);
  assert(fresh.nonce.length === NONCE_BYTES, `an M2 has ${NONCE_BYTES} bytes of nonce`);
  const isTaken = isBeingTaken(state, hello.value.evse);
  const answered = answerHello({ m1, hello: hello.value, evse, isTaken, at, fresh }, context);
  if (!answered.ok) return stay(state, answered.fault);
  const next = withEntry(state, answered.value);
  if (next === undefined) return stay(state, { code: "TOO_MANY_HANDSHAKES" });
  const answer = answered.value.phase === "halfOpen" ? answered.value.m2 : answered.value.answer;
  return waiting(next, [reply(answered.value, answer)]);
}

/** A RETRY when many have only greeted and the M1 has no good cookie; it leaves nothing behind. */
function askForCookie(
  { entries }: StationState,
  { handshake, cookie }: M1,
  { ephemeral, token }: Hello,
  ...[{ at }, { crypto, cookieKey }]: [MessageInput, StationContext]
): Send | undefined {
  if (entries.filter(isOnlyGreeted).length < ANSWERED_WITHOUT_COOKIE_MAX) return undefined;
  const subject = { handshake, ephemeral };
  if (cookie !== undefined && isCookieGood(cookie, crypto, cookieKey, subject, at.monotonicMs)) return undefined;
  const asked = makeCookie(crypto, cookieKey, subject, at.monotonicMs);
  return reply({ token }, encodeMessage({ kind: "RETRY", handshake, cookie: asked }));
}

function answerAgain(state: StationState, entry: Entry, nowMs: number): StationStep {
  if (entry.phase === "halfOpen") {
    const expiresMs = Math.min(nowMs + HALF_OPEN_MS, entry.sinceMs + ANSWER_KEPT_MS);
    return waiting(withEntry(state, { ...entry, expiresMs }) ?? state, [reply(entry, entry.m2)]);
  }
  if (entry.phase === "answered" && entry.question === "M1") return waiting(state, [reply(entry, entry.answer)]);
  return stay(state, { code: "LATE_MESSAGE" });
}

function receiveM3(state: StationState, m3: M3, { bytes, at }: MessageInput, context: StationContext): StationStep {
  const entry = entryOf(state, m3.handshake);
  if (entry === undefined) return stay(state, { code: "ANOTHER_HANDSHAKE" });
  if (entry.phase === "answered" && isAnswerTo(entry, context.crypto.sha256(bytes))) {
    return waiting(state, [reply(entry, entry.answer)]);
  }
  if (entry.phase !== "halfOpen") return stay(state, { code: "LATE_MESSAGE" });
  const answered = answerPromise({ m3, bytes, entry, isTaken: isBeingTaken(state, entry.evse), at }, context);
  if (!answered.ok) return stay(state, answered.fault);
  if (answered.value === "forget") return waiting(withoutEntry(state, m3.handshake), []);
  const next = withEntry(state, answered.value) ?? state;
  return answered.value.phase === "storing"
    ? waiting(next, [storeOpen(answered.value)])
    : waiting(next, [reply(answered.value, answered.value.answer)]);
}

/** OPEN is durable: now the vehicle may hear of it. */
function tell(state: StationState, handshake: Uint8Array, nowMs: number): StationStep {
  const entry = entryOf(state, handshake);
  if (entry?.phase !== "storing") return waiting(state, []);
  const { token, m4: answer, questionHash: m3Hash, committed } = entry;
  const expiresMs = nowMs + ANSWER_KEPT_MS;
  const next = withEntry(state, { phase: "answered", handshake, token, question: { m3Hash }, answer, expiresMs });
  return waiting(next ?? state, [reply(entry, answer), committed]);
}

/** Its M1 has cost a signature, and nothing has proven since that somebody listens to the answers. */
function isOnlyGreeted(entry: Entry): boolean {
  return entry.phase === "halfOpen" || (entry.phase === "answered" && entry.question === "M1");
}

function isAnswerTo({ question }: Answered, m3Hash: Uint8Array): boolean {
  return question !== "M1" && equalBytes(question.m3Hash, m3Hash);
}

function isBeingTaken({ entries }: StationState, evse: number): boolean {
  return entries.some((entry) => entry.phase === "storing" && entry.evse === evse);
}

function isHalfOpenOn(entry: Entry, evse: number): entry is HalfOpen {
  return entry.phase === "halfOpen" && entry.evse === evse;
}

function storeOpen({ handshake, committed, vehicleJoin }: Storing): HandshakeEffect {
  return { kind: "store", record: "open", handshake, bytes: committed.open, joins: [vehicleJoin] };
}

function reply({ token }: { readonly token: Uint8Array }, bytes: Uint8Array): Send {
  return { kind: "send", to: { topic: "reply", token }, bytes };
}

function waiting(state: StationState, effects: readonly HandshakeEffect[]): StationStep {
  const monotonicMs = nextExpiryMs(state);
  return { state, effects: monotonicMs === undefined ? effects : [...effects, { kind: "wakeAt", monotonicMs }] };
}

function stay(state: StationState, fault: CodedFault): StationStep {
  return { state, effects: [ignored(fault)] };
}
