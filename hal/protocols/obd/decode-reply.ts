/** From the adapter's text to the message that answers the request, or to what is to be done instead. */
import type { EcuAddress } from "./ecu-address.ts";
import { type AdapterTrouble, readReply } from "./elm327/read-reply.ts";
import { reassemble } from "./isotp.ts";
import { matchAnswer } from "./uds.ts";

export interface EcuRequest {
  readonly ecu: EcuAddress;
  /** Service and identifier. */
  readonly bytes: Uint8Array;
}

export type DecodedReply =
  /** `payload` from the service byte on; `frames` is how many lines it took. */
  | { readonly kind: "payload"; readonly payload: Uint8Array; readonly frames: number }
  | { readonly kind: "ask-again"; readonly reason: string }
  | { readonly kind: "pending" }
  | { readonly kind: "refused"; readonly responseCode: number }
  | { readonly kind: "trouble"; readonly trouble: AdapterTrouble; readonly text: string };

/** `command` is the text that was sent for the request; `text` the reply up to its prompt. */
export function decodeReply(request: EcuRequest, command: string, text: string): DecodedReply {
  const reply = readReply(text, command);
  if (reply.kind === "trouble") return reply;
  const { messages, brokenMessages, damagedLines, frames } = reassemble(reply.lines, request.ecu);
  const answer = matchAnswer(request.bytes, messages);
  switch (answer.kind) {
    case "positive":
      // A message that broke off beside the whole one means that two replies ran into each other. The whole one may be
      // sound, but asking once more costs a tenth of a second and a wrong value costs a session.
      if (brokenMessages > 0) return { kind: "ask-again", reason: "a second reply ran into this one" };
      if (damagedLines > 0) return { kind: "ask-again", reason: "a damaged line beside the answer" };
      return { kind: "payload", payload: answer.message, frames };
    case "negative":
      return { kind: "refused", responseCode: answer.responseCode };
    case "pending":
      return { kind: "pending" };
    case "unclear":
      return { kind: "ask-again", reason: brokenMessages > 0 ? "the answer is incomplete" : answer.reason };
  }
}
