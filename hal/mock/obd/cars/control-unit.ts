/** One control unit of a car, as data: where it listens, what it can be asked, and what it wants first. */
import type { VehicleModel } from "#hal/mock/physics/vehicle-models.ts";
import type { Encode } from "./data-layout.ts";

export interface CarDescription {
  /** Battery and on-board charger. */
  readonly vehicle: VehicleModel;
  readonly units: readonly ControlUnit[];
}

export interface ControlUnit {
  readonly name: string;
  readonly idBits: 11 | 29;
  readonly requestId: number;
  readonly responseId: number;
  /** Extended addressing (ISO 15765-2, 9.6.3): the first byte of a frame names its receiver. */
  readonly extension?: { readonly unit: number; readonly tester: number };
  /** With which frames are filled up to 8 bytes. */
  readonly padding: number;
  /** Without this session it reads nothing; absent: it reads in the default one. */
  readonly session?: DiagnosticSession;
  readonly identifiers: readonly Identifier[];
}

export interface DiagnosticSession {
  /** Sub-function of service 10. */
  readonly kind: number;
  /** It falls back to the default session when nothing was asked for so long (ISO 14229-2: S3 server, 5 s). */
  readonly timeoutMs: number;
}

export interface Identifier {
  /** Read by local identifier of one byte (21), or by data identifier of two (22). */
  readonly service: 0x21 | 0x22;
  readonly id: number;
  /** The bytes behind the identifier. */
  readonly encode: Encode;
  /** What the unit sends instead while it has no value, in hex; one of these. */
  readonly unknown?: readonly string[];
}

/** Service 22. */
export function dataIdentifier(id: number, encode: Encode, unknown?: readonly string[]): Identifier {
  return unknown === undefined ? { service: 0x22, id, encode } : { service: 0x22, id, encode, unknown };
}

/** Service 21. */
export function localIdentifier(id: number, encode: Encode): Identifier {
  return { service: 0x21, id, encode };
}
