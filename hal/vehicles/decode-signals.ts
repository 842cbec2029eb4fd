/** From an answer's bytes to quantities, by the profile's table. */
import { fail, ok, type Result } from "#base/result.ts";
import { answerHeaderBytes } from "#hal/protocols/obd/uds.ts";
import type { ProfileRequest, Quantity, Signal } from "./profile.ts";

/** A quantity that the car marks as unknown is null; one that its answers do not hold is absent. */
export type Quantities = ReadonlyMap<Quantity, number | null>;

export type SignalFault =
  | { readonly code: "SIGNALS_TOO_SHORT"; readonly bytes: number; readonly expectedMin: number }
  | {
      readonly code: "SIGNAL_IMPLAUSIBLE";
      readonly quantity: Quantity;
      readonly value: number;
      readonly expected: string;
    };

/** `payload` from the service byte on, of an answer that was matched to this request. */
export function decodeSignals(
  request: ProfileRequest,
  requestBytes: Uint8Array,
  payload: Uint8Array,
): Result<Quantities, SignalFault> {
  const bytes = payload.subarray(answerHeaderBytes(requestBytes));
  if (bytes.length < request.dataBytesMin) {
    return fail({ code: "SIGNALS_TOO_SHORT", bytes: bytes.length, expectedMin: request.dataBytesMin });
  }
  const quantities = new Map<Quantity, number | null>();
  for (const [quantity, signal] of signalsOf(request)) {
    const value = decodeSignal(signal, bytes);
    if (value !== null && (value < signal.min || value > signal.max)) {
      return fail({ code: "SIGNAL_IMPLAUSIBLE", quantity, value, expected: `${signal.min} to ${signal.max}` });
    }
    quantities.set(quantity, value);
  }
  return ok(quantities);
}

function signalsOf(request: ProfileRequest): readonly (readonly [Quantity, Signal])[] {
  const signals: readonly [string, Signal][] = Object.entries(request.signals);
  return signals.filter((entry): entry is [Quantity, Signal] => entry[0] in request.signals);
}

function decodeSignal(signal: Signal, bytes: Uint8Array): number | null {
  let raw = 0;
  for (const byte of bytes.subarray(signal.offset, signal.offset + signal.bytes)) raw = raw * 256 + byte;
  if (signal.invalid?.includes(raw) === true) return null;
  const span = 256 ** signal.bytes;
  const signed = signal.isSigned === true && raw >= span / 2 ? raw - span : raw;
  // Dividing by 10 rounds once, multiplying by 0.1 twice: 7054 gives 705.4 and not 705.4000000000001. The addition
  // makes -0, which a reader would stumble over, 0.
  return (signed * (signal.multiply ?? 1)) / (signal.divide ?? 1) + (signal.add ?? 0);
}
