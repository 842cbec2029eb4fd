/** From the adapter's text to the message that answers the request, or to what is to be done instead. */
import type { EcuAddress } from "./ecu-address.ts";
import type { AdapterTrouble } from "./elm327/adapter-texts.ts";
import { readReply } from "./elm327/read-reply.ts";
import { type Reassembly, reassemble } from "./isotp.ts";
import type { Padding } from "./isotp-receiver.ts";
import { matchAnswer, positiveServiceOf } from "./uds.ts";

export interface EcuRequest {
  readonly ecu: EcuAddress;
  /** Service and identifier. */
  readonly bytes: Uint8Array;
}

export type DecodedReply =
  /** `payload` from the service byte on; `frames` is how many lines it took. */
  | {
      readonly kind: "payload";
      readonly payload: Uint8Array;
      readonly frames: number;
      readonly padding: Padding;
    }
  | { readonly kind: "ask-again"; readonly reason: string; readonly sign: ReplySign }
  | { readonly kind: "pending" }
  | { readonly kind: "refused"; readonly responseCode: number }
  | { readonly kind: "trouble"; readonly trouble: AdapterTrouble; readonly text: string };

/** What an unusable reply says about the adapter, if it comes again and again. */
export type ReplySign =
  | "none"
  /** A first frame and nothing else: the flow control frame did not reach the unit. */
  | "first-frame-only"
  /** The adapter leaves out the protocol bytes. */
  | "unframed"
  /** Nothing, or the reply to another command: prompts and replies are out of step. */
  | "out-of-step";

/** `command` is the text that was sent for the request; `text` the reply up to its prompt. */
export function decodeReply(request: EcuRequest, command: string, text: string, padding?: Padding): DecodedReply {
  const reply = readReply(text, command);
  if (reply.kind === "trouble") return reply;
  const format = { ecu: request.ecu, answerService: positiveServiceOf(request.bytes) };
  const reassembly = reassemble(reply.lines, padding === undefined ? format : { ...format, padding });
  const answer = matchAnswer(request.bytes, reassembly.messages);
  const doubt = doubtOf(reassembly);
  switch (answer.kind) {
    case "positive":
      if (doubt !== undefined) return { kind: "ask-again", reason: doubt, sign: "none" };
      return {
        kind: "payload",
        payload: answer.message,
        frames: reassembly.frames,
        padding: reassembly.padding,
      };
    case "negative":
      if (doubt !== undefined) return { kind: "ask-again", reason: doubt, sign: "none" };
      return { kind: "refused", responseCode: answer.responseCode };
    case "pending":
      return { kind: "pending" };
    case "unclear":
      return { kind: "ask-again", ...explain(reassembly, reply.lines, answer.reason) };
  }
}

/**
 * Damage beside a whole message means that two replies ran into each other, or that a line was lost. The whole one may
 * be sound, but asking once more costs a tenth of a second and a wrong value costs a session.
 */
function doubtOf({ brokenMessages, damagedLines, strayLines }: Reassembly): string | undefined {
  if (brokenMessages > 0) return "a second reply ran into this one";
  if (damagedLines > 0) return "a damaged line beside the answer";
  return strayLines > 0 ? "a line that is no frame beside the answer" : undefined;
}

function explain(
  { brokenMessages, damagedLines, unframedLines, frames }: Reassembly,
  lines: readonly string[],
  otherwise: string,
): { readonly reason: string; readonly sign: ReplySign } {
  if (lines.length === 0) return { reason: "an empty reply", sign: "out-of-step" };
  if (lines.includes("OK")) return { reason: "the reply to another command", sign: "out-of-step" };
  if (unframedLines > 0) return { reason: "the adapter leaves out the protocol bytes", sign: "unframed" };
  if (brokenMessages === 1 && frames === 1 && damagedLines === 0) {
    return { reason: "only the first frame came", sign: "first-frame-only" };
  }
  return { reason: brokenMessages > 0 ? "the answer is incomplete" : otherwise, sign: "none" };
}
