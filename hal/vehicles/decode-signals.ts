/** From an answer's bytes to quantities, by the profile's table. */
import { fail, ok, type Result } from "#base/result.ts";
import { answerHeaderBytes } from "#hal/protocols/obd/uds.ts";
import type { RequestVariant, Signal } from "./profile.ts";
import { isQuantity, type Quantity } from "./quantity.ts";

/** A quantity that the car marks as unknown is null; one that its answers do not hold is absent. */
export type Quantities = ReadonlyMap<Quantity, number | null>;

export type SignalFault =
  | { readonly code: "SIGNALS_OTHER_LENGTH"; readonly bytes: number; readonly expected: string }
  | {
      readonly code: "SIGNAL_IMPLAUSIBLE";
      readonly quantity: Quantity;
      readonly value: number;
      readonly expected: string;
    };

/**
 * `payload` from the service byte on, of an answer that was matched to this request. Signals that cannot be trusted
 * are left out: nothing behind this function can measure with them.
 */
export function decodeSignals(
  request: RequestVariant,
  requestBytes: Uint8Array,
  payload: Uint8Array,
): Result<Quantities, SignalFault> {
  const bytes = payload.subarray(answerHeaderBytes(requestBytes));
  const lengthMax = request.dataBytesMax ?? Number.POSITIVE_INFINITY;
  if (bytes.length < request.dataBytesMin || bytes.length > lengthMax) {
    const most = request.dataBytesMax === undefined ? " or more" : ` to ${request.dataBytesMax}`;
    return fail({ code: "SIGNALS_OTHER_LENGTH", bytes: bytes.length, expected: `${request.dataBytesMin}${most}` });
  }
  const quantities = new Map<Quantity, number | null>();
  for (const [quantity, signal] of signalsOf(request)) {
    if ((signal.grade ?? request.grade) === "untrusted") continue;
    const value = decodeSignal(signal, bytes);
    if (value !== null && (value < signal.min || value > signal.max)) {
      return fail({ code: "SIGNAL_IMPLAUSIBLE", quantity, value, expected: `${signal.min} to ${signal.max}` });
    }
    quantities.set(quantity, value);
  }
  return ok(quantities);
}

/** The signals of a request in the table's order. */
export function signalsOf(request: Pick<RequestVariant, "signals">): readonly (readonly [Quantity, Signal])[] {
  const known = SIGNALS.get(request.signals);
  if (known !== undefined) return known;
  const signals = Object.entries<Signal>(request.signals).flatMap(([name, signal]) =>
    isQuantity(name) ? [[name, signal] as const] : [],
  );
  SIGNALS.set(request.signals, signals);
  return signals;
}

/** A profile does not change, and each of its requests is decoded each second. */
const SIGNALS = new WeakMap<RequestVariant["signals"], readonly (readonly [Quantity, Signal])[]>();

/** @param bytes the data behind the identifier, long enough for the signal */
export function decodeSignal(signal: Signal, bytes: Uint8Array): number | null {
  let raw = 0;
  for (const byte of bytes.subarray(signal.offset, signal.offset + signal.bytes)) raw = raw * 256 + byte;
  if (signal.invalid?.includes(raw) === true) return null;
  const counted = signal.mask === undefined ? raw : raw & signal.mask;
  const span = 256 ** signal.bytes;
  const signed = signal.isSigned === true && counted >= span / 2 ? counted - span : counted;
  // Dividing by 10 rounds once, multiplying by 0.1 twice: 7054 gives 705.4 and not 705.4000000000001. The addition
  // makes -0, which a reader would stumble over, 0.
  return (signed * (signal.multiply ?? 1)) / (signal.divide ?? 1) + (signal.add ?? 0);
}
