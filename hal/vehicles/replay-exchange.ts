/** Sends a recorded reply through the same path that the driver uses, byte by byte as it came. */
import { fail, ok, type Result } from "#base/result.ts";
import { fromHex } from "#base/bytes.ts";
import { decodeReply, type EcuRequest } from "#hal/protocols/obd/decode-reply.ts";
import type { EcuAddress } from "#hal/protocols/obd/ecu-address.ts";
import { ReplyCollector } from "#hal/protocols/obd/elm327/reply-collector.ts";

/** How the recordings name a request: hex digits, null for what does not apply. */
export interface RecordedRequest {
  readonly service: string;
  readonly did: string;
  readonly tx: string;
  readonly rx: string;
  /** Extended addressing: the control unit's own address byte. */
  readonly ext: string | null;
  /** 29-bit identifiers are recorded without their first byte; this is it. */
  readonly priority: string | null;
  /** Last byte of the request's 29-bit identifier, recorded apart from `tx`. */
  readonly tester: string | null;
}

export interface ReplayVerdict {
  readonly outcome: "payload" | "ask-again";
  readonly payload?: Uint8Array;
  readonly reason?: string;
}

/** `chunks`: the reply's bytes with the prompt at the end, cut anywhere. */
export function replayExchange(request: EcuRequest, command: string, chunks: Iterable<Uint8Array>): ReplayVerdict {
  const collector = new ReplyCollector();
  for (const chunk of chunks) {
    const [collected] = collector.accept(chunk);
    if (collected?.kind === "reply") return judge(request, command, collected.text);
    if (collected !== undefined) return { outcome: "ask-again", reason: "the reply is too long" };
  }
  return { outcome: "ask-again", reason: "no prompt" };
}

/** A refusal by the control unit is an answer too: its message is the payload. */
function judge(request: EcuRequest, command: string, text: string): ReplayVerdict {
  const decoded = decodeReply(request, command, text);
  switch (decoded.kind) {
    case "payload":
      return { outcome: "payload", payload: decoded.payload };
    case "refused":
      return { outcome: "payload", payload: Uint8Array.of(0x7f, request.bytes[0] ?? 0, decoded.responseCode) };
    case "ask-again":
      return { outcome: "ask-again", reason: decoded.reason };
    case "pending":
      return { outcome: "ask-again", reason: "response pending" };
    case "trouble":
      return { outcome: "ask-again", reason: decoded.text };
  }
}

export interface RecordingFault {
  readonly code: "RECORDING_INVALID";
  readonly reason: string;
}

export function requestOfRecording(recorded: RecordedRequest): Result<EcuRequest, RecordingFault> {
  const bytes = fromHex(`${recorded.service}${recorded.did}`);
  const address = addressOf(recorded);
  if (bytes === undefined || bytes.length < 2) return invalid(`request ${recorded.service}${recorded.did}`);
  return address === undefined ? invalid(`address ${recorded.tx} ${recorded.rx}`) : ok({ ecu: address, bytes });
}

function invalid(reason: string): Result<EcuRequest, RecordingFault> {
  return fail({ code: "RECORDING_INVALID", reason });
}

/** The address of a tester with extended addressing on the cars that are recorded (BMW). */
const TESTER = 0xf1;

function addressOf(recorded: RecordedRequest): EcuAddress | undefined {
  const idBits = recorded.rx.length === 3 ? 11 : 29;
  const prefix = recorded.priority ?? "";
  const requestId = hexNumber(`${prefix}${recorded.tx}${recorded.tester ?? ""}`);
  const responseId = hexNumber(`${prefix}${recorded.rx}`);
  if (requestId === undefined || responseId === undefined) return undefined;
  if (recorded.ext === null) return { idBits, requestId, responseId };
  const ecu = hexNumber(recorded.ext);
  return ecu === undefined ? undefined : { idBits, requestId, responseId, extension: { ecu, tester: TESTER } };
}

function hexNumber(digits: string): number | undefined {
  return /^[0-9A-Fa-f]{1,8}$/.test(digits) ? Number.parseInt(digits, 16) : undefined;
}
