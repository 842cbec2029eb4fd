/**
 * How a reader asks a D0 meter for its readout, IEC 62056-21, modes A, B and C (6.3.1 to 6.3.3), as a pure machine:
 * what to send at which speed, and what to do with what comes back. A driver runs it with a line and a clock.
 *
 * ```
 *   begin ──▶ identifying ──identification──▶ reading ──▶ (the decoder takes the readout)
 *                 │  ▲
 *                 └──┘ again, REQUESTS_MAX times    ──▶ failed
 * ```
 *
 * The driver gives every byte it receives to an Iec62056Decoder as well, which wants the identification, too. All is
 * 7 bits, even parity, 1 stop bit, at each speed.
 */
import { equalBytes } from "#base/bytes.ts";
import { asciiBytes, asciiText, quoted } from "../ascii.ts";
import { INITIAL_BAUD, protocolModeOf, readIdentification, type Identification } from "./identification.ts";

export interface SignOnOptions {
  /** Where several meters share a line: at most 32 letters, digits and spaces. Without it any meter answers. */
  readonly deviceAddress?: string;
  /** What the line can do; a meter that proposes more is kept at 300 baud. */
  readonly baudMax?: number;
}

/** In the order in which the driver has to do them, each when the one before is done. */
export type SignOnEffect =
  /** Also of the line's own speed while sending: a byte still in the buffer must go out at the old speed. */
  | { readonly kind: "setSpeed"; readonly baud: number }
  | { readonly kind: "pause"; readonly ms: number }
  /** Done when the last bit is on the line, which `durationMs` estimates where the driver cannot know. */
  | { readonly kind: "send"; readonly bytes: Uint8Array; readonly durationMs: number }
  /** Input `silent` is due when for so long nothing has come, counted anew from each byte and each send. */
  | { readonly kind: "listen"; readonly silenceMs: number };

export type SignOnState =
  | {
      readonly phase: "identifying";
      readonly request: Uint8Array;
      readonly requests: number;
      readonly received: Uint8Array;
      readonly baudMax: number;
    }
  /** The readout comes now, at this speed. */
  | { readonly phase: "reading"; readonly identification: Identification; readonly baud: number }
  | { readonly phase: "failed"; readonly code: SignOnFault; readonly reason: string };

export type SignOnFault = "SIGN_ON_SILENT" | "SIGN_ON_NO_IDENTIFICATION";

export type SignOnInput = { readonly kind: "received"; readonly bytes: Uint8Array } | { readonly kind: "silent" };

export interface SignOnStep {
  readonly state: SignOnState;
  readonly effects: readonly SignOnEffect[];
}

/** The meter begins to answer within 1500 ms, and leaves no more than that between two characters. */
export const SILENCE_MS_MAX = 1500;
/** What a meter needs between its last character and ours. Those with a small third letter would be ready after 20. */
export const REACTION_MS_MIN = 200;
/** The standard's own number for a request that is not understood. RECALL. */
export const REQUESTS_MAX = 3;

/** @throws when the address cannot be one: it comes from the configuration, which has to check it before. */
export function beginSignOn({ deviceAddress = "", baudMax = FASTEST_BAUD }: SignOnOptions = {}): SignOnStep {
  if (!isDeviceAddress(deviceAddress)) throw new Error(`bug: ${quoted(deviceAddress)} is no device address`);
  return ask({ request: requestMessage(deviceAddress), requests: 1, baudMax });
}

export function stepSignOn(state: SignOnState, input: SignOnInput): SignOnStep {
  if (state.phase !== "identifying") return { state, effects: [] };
  return input.kind === "silent" ? askAgain(state) : look(state, input.bytes);
}

export function isDeviceAddress(text: string): boolean {
  return /^[0-9A-Za-z ]{0,32}$/.test(text);
}

/** 6.3.1: `/ ? address ! CR LF`. */
function requestMessage(deviceAddress = ""): Uint8Array {
  return asciiBytes(`/?${deviceAddress}!\r\n`);
}

/** 6.3.3: `ACK 0 Z 0 CR LF`, normal procedure, at this speed, data readout. */
function acknowledgement(speed: string): Uint8Array {
  return asciiBytes(`\x060${speed}0\r\n`);
}

type Identifying = Extract<SignOnState, { phase: "identifying" }>;

function ask({ request, requests, baudMax }: Omit<Identifying, "phase" | "received">): SignOnStep {
  return {
    state: { phase: "identifying", request, requests, baudMax, received: new Uint8Array(0) },
    effects: [{ kind: "setSpeed", baud: INITIAL_BAUD }, sending(request, INITIAL_BAUD), LISTEN],
  };
}

function askAgain(state: Identifying): SignOnStep {
  if (state.requests < REQUESTS_MAX) return ask({ ...state, requests: state.requests + 1 });
  const answer = withoutEcho(state.received, state.request);
  const failed: SignOnState =
    answer.length === 0
      ? { phase: "failed", code: "SIGN_ON_SILENT", reason: `no answer to ${state.requests} requests` }
      : {
          phase: "failed",
          code: "SIGN_ON_NO_IDENTIFICATION",
          reason: `${quoted(asciiText(answer))} is no identification`,
        };
  return { state: failed, effects: [] };
}

function look(before: Identifying, bytes: Uint8Array): SignOnStep {
  const received = new Uint8Array(before.received.length + bytes.length);
  received.set(before.received);
  received.set(
    bytes.map((byte) => byte & 0x7f),
    before.received.length,
  );
  const state = { ...before, received: received.slice(-RECEIVED_BYTES_MAX) };
  // The request itself, given back by an optical head, has `?` where a manufacturer begins.
  for (const [line] of asciiText(state.received).matchAll(/\/[A-Za-z]{3}[^\r\n]*\r?\n/g)) {
    const identification = readIdentification(line.trimEnd());
    if (identification !== undefined) return agree(identification, state.baudMax);
  }
  return { state, effects: [LISTEN] };
}

/** What the meter waits for now, by its mode. */
function agree(identification: Identification, baudMax: number): SignOnStep {
  const mode = protocolModeOf(identification);
  if (mode.letter !== "C") {
    const state: SignOnState = { phase: "reading", identification, baud: mode.baud };
    return { state, effects: mode.letter === "A" ? [LISTEN] : [{ kind: "setSpeed", baud: mode.baud }, LISTEN] };
  }
  // 6.3.3: whoever cannot follow answers 0, and both stay at the initial speed.
  const [speed, baud] = mode.baud <= baudMax ? [identification.speed, mode.baud] : ["0", INITIAL_BAUD];
  return {
    state: { phase: "reading", identification, baud },
    effects: [
      { kind: "pause", ms: REACTION_MS_MIN },
      sending(acknowledgement(speed), INITIAL_BAUD),
      { kind: "setSpeed", baud },
      LISTEN,
    ],
  };
}

function sending(bytes: Uint8Array, baud: number): SignOnEffect {
  return { kind: "send", bytes, durationMs: Math.ceil((bytes.length * BITS_PER_CHARACTER * 1000) / baud) };
}

function withoutEcho(received: Uint8Array, request: Uint8Array): Uint8Array {
  return equalBytes(received.subarray(0, request.length), request) ? received.subarray(request.length) : received;
}

const LISTEN: SignOnEffect = { kind: "listen", silenceMs: SILENCE_MS_MAX };
const FASTEST_BAUD = 19_200;
/** Start, seven bits, parity, stop. */
const BITS_PER_CHARACTER = 10;
/** An echo and an identification; of a line that babbles no more is kept. */
const RECEIVED_BYTES_MAX = 256;
