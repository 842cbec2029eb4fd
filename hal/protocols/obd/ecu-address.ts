import { hexDigits } from "#base/bytes.ts";

/** Where a control unit of the car listens and answers, on a 500 kbit/s CAN bus (ISO 15765-4). */
export interface EcuAddress {
  /** Width of the identifiers. */
  readonly idBits: 11 | 29;
  readonly requestId: number;
  readonly responseId: number;
  /** Extended addressing (ISO 15765-2, 9.6.3): the first byte of a frame names its receiver. */
  readonly extension?: { readonly ecu: number; readonly tester: number };
}

/** An identifier as the adapter prints it: 3 digits, or 8. */
export function idDigits(id: number, idBits: 11 | 29): string {
  return hexDigits(id, idBits === 11 ? 3 : 8);
}

/** Control units by name; two of them may share a request identifier and not an answer's. */
export function unitOf(ecu: EcuAddress): string {
  const known = UNITS.get(ecu);
  if (known !== undefined) return known;
  const { idBits, requestId, responseId, extension } = ecu;
  const unit = [idBits, requestId, responseId, extension?.ecu ?? ""].join("/");
  UNITS.set(ecu, unit);
  return unit;
}

/** Asked several times for each request; the addresses are those of a profile, and stay. */
const UNITS = new WeakMap<EcuAddress, string>();
