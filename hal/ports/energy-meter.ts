/**
 * The station's energy meter.
 *
 * What callers may rely on: calls may overlap, the driver puts them in order; every call settles within the driver's
 * own deadline; an old value is never returned as a new one; energy is the meter's lifetime import register, never a
 * resettable one; after `close` every pending and later call answers METER_CLOSED.
 */
import type { Result } from "#base/result.ts";

export interface EnergyMeter {
  /** What the meter says it is; asked anew after each reconnect, so that a swapped meter is noticed. */
  identify(): Promise<Result<MeterIdentity, MeterFault>>;
  read(): Promise<Result<MeterReading, MeterFault>>;
  close(): Promise<void>;
}

export interface MeterIdentity {
  /** Name of the model table, such as `eastron-sdm630`. */
  readonly model: string;
  /** As the meter gives it, in text; null where the model has no such register. */
  readonly serialNumber: string | null;
  readonly firmware: string | null;
  /** Maker and product as the meter itself gives them, where it does. */
  readonly product?: string;
}

/** One reading. Quantities that the model does not have are null, never 0. */
export interface MeterReading {
  /** Lifetime import register in mWh, rounded to the nearest. */
  readonly importedMilliWh: number;
  /** Smallest step of that register at its present size, in mWh. */
  readonly resolutionMilliWh: number;
  /** The register starts again from 0 after so much; null where it is not known to. */
  readonly rolloverMilliWh: number | null;
  /** Where the value stood: register number with its function, or OBIS code. */
  readonly register: string;
  readonly exportedMilliWh: number | null;
  /** Total active power; positive is consumption. */
  readonly powerW: number | null;
  readonly voltageV: readonly (number | null)[];
  readonly currentA: readonly (number | null)[];
  readonly frequencyHz: number | null;
  /** When the reply that carried the energy had arrived. */
  readonly monotonicMs: number;
  readonly wallMs: number;
}

export type MeterFault =
  | { readonly code: "METER_CLOSED" }
  /** The line or socket itself: no such device, refused, unplugged. */
  | { readonly code: "METER_UNREACHABLE"; readonly endpoint: string; readonly reason: string }
  /** `unit` is null where the line has no units: a meter that speaks by itself. */
  | {
      readonly code: "METER_SILENT";
      readonly endpoint: string;
      readonly unit: number | null;
      readonly waitedMs: number;
    }
  /** Bytes came, but no intact frame: damaged, or another speed or parity. */
  | { readonly code: "METER_BAD_FRAME"; readonly endpoint: string; readonly reason: string }
  /** The meter answered with a Modbus exception (Modbus Application Protocol 1.1b3, section 7). */
  | {
      readonly code: "METER_EXCEPTION";
      readonly functionCode: number;
      readonly exception: number;
      readonly address: number;
    }
  /** Another meter answers than before. Readings are refused until `identify` has told who it is. */
  | {
      readonly code: "METER_SWAPPED";
      readonly expectedSerialNumber: string | null;
      readonly foundSerialNumber: string | null;
    }
  /** A value that this quantity cannot have: wrong model, word order or wiring. */
  | {
      readonly code: "METER_IMPLAUSIBLE";
      readonly quantity: string;
      readonly value: number | string;
      readonly expected: string;
    };
