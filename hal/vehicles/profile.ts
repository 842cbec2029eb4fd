/** How one generation of cars is asked, and what its answers mean. A profile is data; the driver has no car in it. */
import type { EcuAddress } from "#hal/protocols/obd/ecu-address.ts";

export interface VehicleProfile {
  readonly name: string;
  readonly covers: string;
  /** Asked one right after the other, in this order; together they carry voltage and current. */
  readonly powerRequests: readonly ProfileRequest[];
  /** Asked afterwards; a sample is complete without them. */
  readonly otherRequests: readonly ProfileRequest[];
  readonly charging: ChargingRule;
  /** Cells in series of the batteries that this profile covers; empty where the car tells no cell voltages. */
  readonly cellCounts: readonly number[];
  readonly currentMaxA: number;
  /** More than the car can charge or regenerate with; bounds the growth of its counter. */
  readonly powerMaxW: number;
  /** Smallest step of the charge counter; null where there is none. */
  readonly chargedResolutionMilliWh: number | null;
  /** Diagnostic sessions that reading needs; most cars need none. */
  readonly sessions: readonly number[];
}

export interface ProfileRequest {
  readonly ecu: EcuAddress;
  /** Service and identifier in hex. */
  readonly request: string;
  /** Data bytes behind the identifier: a shorter answer is another car's. */
  readonly dataBytesMin: number;
  readonly signals: Readonly<Partial<Record<Quantity, Signal>>>;
}

/** What a car may tell, with its unit. Current into the battery is positive. */
export type Quantity =
  | "batteryVoltageV"
  | "batteryCurrentA"
  | "stateOfChargePercent"
  | "chargedMilliWh"
  | "dischargedMilliWh"
  | "cellVoltageMaxV"
  | "cellVoltageMinV"
  | "auxiliaryVoltageV"
  | "motorRpm"
  | "operatingSeconds"
  /** A number or bits with a meaning of the car's own. */
  | "chargeState";

/** value = raw x multiply / divide + add. Offsets count from the first byte behind the identifier; big-endian. */
export interface Signal {
  readonly offset: number;
  readonly bytes: 1 | 2 | 3 | 4;
  readonly isSigned?: true;
  readonly multiply?: number;
  readonly divide?: number;
  readonly add?: number;
  /** Raw values, read without sign, that mean "not known". */
  readonly invalid?: readonly number[];
  readonly min: number;
  readonly max: number;
}

/** Charging is when all conditions have held for this long. A quantity that is not known fulfils nothing. */
export interface ChargingRule {
  readonly all: readonly ChargingCondition[];
  readonly heldMs: number;
}

export interface ChargingCondition {
  readonly quantity: Quantity;
  /** Bits that count; all of them when absent. */
  readonly mask?: number;
  readonly min: number;
  readonly max: number;
}
