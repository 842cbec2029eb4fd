/** Sends a recorded reply through the same path that the driver uses, byte by byte as it came. */
import { fromHex, hexDigits } from "#base/bytes.ts";
import { fail, ok, type Result } from "#base/result.ts";
import { decodeReply, type EcuRequest } from "#hal/protocols/obd/decode-reply.ts";
import type { EcuAddress } from "#hal/protocols/obd/ecu-address.ts";
import { CommandExchange } from "#hal/protocols/obd/elm327/command-exchange.ts";

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
  const exchange = new CommandExchange();
  exchange.start(command, 0, TIMEOUT_MS);
  for (const chunk of chunks) {
    const [effect] = exchange.acceptBytes(chunk, 0);
    if (effect?.kind === "replied") return judge(request, command, effect.text);
    if (effect !== undefined) return { outcome: "ask-again", reason: "the reply is too long" };
  }
  return { outcome: "ask-again", reason: "no prompt" };
}

/** A recorded reply takes no time. */
const TIMEOUT_MS = 1;

/** A refusal by the control unit is an answer too: its message is the payload. */
function judge(request: EcuRequest, command: string, text: string): ReplayVerdict {
  const decoded = decodeReply(request, command, text);
  switch (decoded.kind) {
    case "payload":
      return { outcome: "payload", payload: decoded.payload };
    case "refused": {
      const code = hexDigits(decoded.responseCode, 2);
      const payload = Uint8Array.of(0x7f, request.bytes[0] ?? 0, decoded.responseCode);
      return { outcome: "payload", payload, reason: `the control unit refuses: ${code}` };
    }
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
  if (bytes === undefined || bytes.length === 0 || bytes.length > REQUEST_BYTES_MAX) {
    return invalid(`request "${recorded.service}${recorded.did}" is no hex`);
  }
  return address === undefined
    ? invalid(`address "${recorded.tx}", "${recorded.rx}" is neither 11 nor 29 bit`)
    : ok({ ecu: address, bytes });
}

/** What ISO 15765-2 can carry at all. */
const REQUEST_BYTES_MAX = 4095;

function invalid(reason: string): Result<EcuRequest, RecordingFault> {
  return fail({ code: "RECORDING_INVALID", reason });
}

/** The address of a tester with extended addressing on the cars that are recorded (BMW). */
const TESTER = 0xf1;

function addressOf(recorded: RecordedRequest): EcuAddress | undefined {
  const { priority, tester, ext } = recorded;
  const isWhole = recorded.tx.length === 8 || recorded.tx.length === 3;
  const request = idOf(isWhole ? recorded.tx : `${priority ?? ""}${recorded.tx}${tester ?? ""}`);
  const response = idOf(
    recorded.rx.length > 3 && recorded.rx.length < 8 ? `${priority ?? ""}${recorded.rx}` : recorded.rx,
  );
  if (request === undefined || response?.idBits !== request.idBits) return undefined;
  const ids = { idBits: request.idBits, requestId: request.id, responseId: response.id };
  if (ext === null) return ids;
  const ecu = /^[0-9A-Fa-f]{2}$/.test(ext) ? Number.parseInt(ext, 16) : undefined;
  return ecu === undefined ? undefined : { ...ids, extension: { ecu, tester: TESTER } };
}

/** 3 digits of an 11-bit identifier or 8 of a 29-bit one. */
function idOf(digits: string): { readonly idBits: 11 | 29; readonly id: number } | undefined {
  if (/^[0-7][0-9A-Fa-f]{2}$/.test(digits)) return { idBits: 11, id: Number.parseInt(digits, 16) };
  if (/^[01][0-9A-Fa-f]{7}$/.test(digits)) return { idBits: 29, id: Number.parseInt(digits, 16) };
  return undefined;
}
