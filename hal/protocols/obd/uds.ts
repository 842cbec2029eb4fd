/** Matches what a control unit said with what it was asked (ISO 14229-1; services 01 and 09 as in SAE J1979). */
import { equalBytes } from "#base/bytes.ts";
import { RESPONSE_CODES } from "./uds-codes.ts";

export type Answer =
  | { readonly kind: "positive"; readonly message: Uint8Array }
  /** Received, the answer follows later. */
  | { readonly kind: "pending" }
  | { readonly kind: "negative"; readonly responseCode: number }
  | { readonly kind: "unclear"; readonly reason: string };

/**
 * One positive answer to this very request counts. The same one twice does too (a gateway that forwards from two buses
 * was recorded doing so); two that differ, or an answer beside a refusal, are none.
 */
export function matchAnswer(request: Uint8Array, messages: readonly Uint8Array[]): Answer {
  const [message, ...more] = messages.filter((candidate) => isAnswerTo(request, candidate));
  const refusals = messages.filter((candidate) => isRefusalOf(request, candidate)).map((refusal) => refusal[2] ?? 0);
  const refusal = refusals.find((code) => code !== RESPONSE_CODES.responsePending);
  if (message === undefined) {
    if (refusal !== undefined) return { kind: "negative", responseCode: refusal };
    return refusals.length > 0 ? { kind: "pending" } : { kind: "unclear", reason: "no answer to this request" };
  }
  if (!more.every((other) => equalBytes(other, message)))
    return { kind: "unclear", reason: "several answers that differ" };
  if (refusal !== undefined) return { kind: "unclear", reason: "an answer and a refusal" };
  return { kind: "positive", message };
}

/** Bytes in front of the data of a positive answer: the service and what it echoes of the request. */
export function answerHeaderBytes(request: Uint8Array): number {
  return 1 + (request[0] === READ_DATA_BY_IDENTIFIER ? 2 : 1);
}

/** First byte of a positive answer. */
export function positiveServiceOf(request: Uint8Array): number {
  return (request[0] ?? 0) + POSITIVE_OFFSET;
}

const READ_DATA_BY_IDENTIFIER = 0x22;
const POSITIVE_OFFSET = 0x40;
const NEGATIVE_RESPONSE = 0x7f;

function isAnswerTo(request: Uint8Array, message: Uint8Array): boolean {
  const echoed = answerHeaderBytes(request);
  if (message[0] !== positiveServiceOf(request) || message.length < echoed) return false;
  return request.subarray(1, echoed).every((byte, index) => byte === message[1 + index]);
}

function isRefusalOf(request: Uint8Array, message: Uint8Array): boolean {
  return message.length === 3 && message[0] === NEGATIVE_RESPONSE && message[1] === request[0];
}
