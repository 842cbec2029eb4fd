/** The evidence of one interval as it is stored: what was measured, for which charge, and the replies. */
import { fail, ok, type Result } from "#base/result.ts";
import {
  boolean,
  bytes,
  choice,
  decodeShape,
  encodeShape,
  field,
  integer,
  list,
  nullable,
  record,
  text,
  unsigned,
  type ValueOf,
  type WireFault,
} from "#core/wire/schema.ts";
import { EVIDENCE_PARTS_MAX, EVIDENCE_REPLIES_MAX, EVIDENCE_SAMPLE_BYTES_MAX } from "./battery-evidence.ts";
import type { BatteryEstimate } from "./battery-statement.ts";

/** Of a charge without a contract. */
export const NO_ADDRESS = new Uint8Array();

const method = choice({
  integral: 1,
  counter: 2,
  "state-of-charge": 3,
  "inlet-active": 4,
  "inlet-apparent": 5,
  "inlet-direct-current": 6,
});

/** An estimate and its expanded uncertainty U. */
const estimate = record({
  method: field(1, method),
  measuringPoint: field(2, choice({ "vehicle-inlet": 2, "charger-output": 3, battery: 4 })),
  energyMilliWh: field(3, unsigned),
  expandedMilliWh: field(4, unsigned),
});
/** Integral, counter, state of charge and three kinds of inlet. */
const estimates = list(estimate, 6);

const reply = record({
  atMs: field(1, unsigned),
  charging: field(2, boolean),
  plugged: field(3, nullable(boolean)),
  /** As the adapter sent them, in the order of the requests. */
  replies: field(4, list(bytes(0, EVIDENCE_SAMPLE_BYTES_MAX), EVIDENCE_PARTS_MAX)),
});

const intervalRecord = record({
  version: field(1, integer(1, 1)),
  /** Transaction address of the charge; empty without a contract. */
  address: field(2, bytes(0, 32)),
  /** Intervals of one charge count from 0; a missing number is a lost one. */
  index: field(3, unsigned),
  /** By which the replies are decoded. */
  profile: field(4, text(64)),
  fromWallMs: field(5, unsigned),
  durationMs: field(6, unsigned),
  /** Taken in the interval; the replies are a part of them. */
  samples: field(7, unsigned),
  interval: field(8, estimates),
  /** The whole charge up to the end of this interval. */
  charge: field(9, estimates),
  signedMilliWh: field(10, unsigned),
  gaps: field(11, unsigned),
  gapsBridged: field(12, unsigned),
  isInconsistent: field(13, boolean),
  /** The most that the contract lets flow: bounds its gaps. */
  powerMaxW: field(14, nullable(unsigned)),
  replies: field(15, list(reply, EVIDENCE_REPLIES_MAX)),
});

export type IntervalRecord = ValueOf<typeof intervalRecord>;
export type RecordedEstimate = ValueOf<typeof estimate>;

export function recordedEstimates(all: readonly BatteryEstimate[]): readonly RecordedEstimate[] {
  return all.map(({ uncertainty, ...rest }) => ({ ...rest, expandedMilliWh: uncertainty.expandedMilliWh }));
}

export function encodeIntervalRecord(value: IntervalRecord): Uint8Array {
  return encodeShape(intervalRecord, value);
}

export function decodeIntervalRecord(stored: Uint8Array): Result<IntervalRecord, WireFault> {
  const read = decodeShape(intervalRecord, stored);
  return read.ok ? ok(read.value) : fail(read.fault);
}
