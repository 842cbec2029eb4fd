/**
 * The facts of one charge as they are signed: OPEN by both, REPORT and COMPLETE by each side for itself, CANCEL by
 * either while nothing has flowed; and in a dispute RESOLVE by each side, ADJUDICATE by the arbiter. Energies are
 * integer mWh, instants are unix seconds, session times are ms since t0.
 */
import { HASH_BYTES } from "#core/identity/cryptography.ts";
import { KEYS_PER_DEVICE_MAX } from "#core/identity/membership-facts.ts";
import { showableText } from "#core/identity/showable-text.ts";
import {
  PROPOSALS_PER_ROLE_MAX,
  READINGS_PER_REPORT_MAX,
  REASON_BYTES_MAX,
  REPORTS_PER_SESSION_MAX,
} from "#core/limits.ts";
import { terms } from "#core/contract/terms.ts";
import {
  bytes,
  choice,
  field,
  integer,
  list,
  optional,
  record,
  tuple,
  unsigned,
  where,
  type ValueOf,
} from "#core/wire/schema.ts";

export const NETWORK_BYTES = 8;
const hash = bytes(HASH_BYTES);
const network = bytes(NETWORK_BYTES);
const version = integer(1, 1);
const anyKey = integer(0, KEYS_PER_DEVICE_MAX - 1);

/** The two sides of a charge. */
export const role = choice({ station: 1, vehicle: 2 });
export type Role = ValueOf<typeof role>;

export function otherRole(own: Role): Role {
  return own === "station" ? "vehicle" : "station";
}

/** A block, by serial and id. */
export const blockReference = tuple(unsigned, hash);
export type BlockReference = ValueOf<typeof blockReference>;

export const openBody = record({
  version: field(1, version),
  network: field(2, network),
  vehicle: field(3, hash),
  station: field(4, hash),
  evse: field(5, integer(1, 255)),
  terms: field(6, terms),
  /** Transcript of the handshake: binds the contract to the two who met. */
  transcript: field(7, hash),
  /** The newest block that both hold: certificates and revocations are judged there. */
  reference: field(8, blockReference),
  /** Start registers of station and vehicle. */
  startMilliWh: field(9, tuple(unsigned, unsigned)),
  startedAt: field(10, unsigned),
  notAfter: field(11, unsigned),
  salt: field(12, bytes(16)),
  /** Numbers of the keys of vehicle and station that sign it; absent while neither has ever rotated. */
  keys: optional(
    13,
    where(tuple(anyKey, anyKey), ([one, other]) => one + other > 0, "a rotated key among the two"),
  ),
});
export type OpenBody = ValueOf<typeof openBody>;

/** With which key of its own that side signed the contract: what it says later is signed with this or a later one. */
export function keyNumberIn({ keys = [0, 0] }: Pick<OpenBody, "keys">, side: Role): number {
  return keys[side === "vehicle" ? 0 : 1];
}

/** Bits of a report's `flags`. */
export const REPORT_FLAG = {
  /** Power is stopped for now; the charge may go on. */
  PAUSED: 1,
  /** The meter does not answer: readings are left out until it does. */
  METER_ABSENT: 2,
  /** The wall clock of the sender is not synchronised. */
  CLOCK_UNSURE: 4,
  /**
   * The energy has ended by the car's own will, and the plug is still in: at every reading of this report nothing to
   * speak of had flowed for a while although it could. Said only under a tariff with a price for standing.
   */
  IDLE: 8,
  /** The sender's own meter has shown the pattern of the other side: the two hang on one cable (folder `binding`). */
  BOUND: 16,
} as const;

export const reportBody = record({
  address: field(1, hash),
  role: field(2, role),
  sequence: field(3, integer(0, REPORTS_PER_SESSION_MAX)),
  /** Index of the first reading: reading k belongs to t0 + k × readingIntervalSeconds. */
  firstReading: field(4, unsigned),
  /** The first register value, then what each further reading adds. */
  registerMilliWh: field(5, list(unsigned, READINGS_PER_REPORT_MAX, 1)),
  /** Id of this role's report before; OPEN's id for the first. */
  previous: field(6, hash),
  /** The newest report of the other side that the sender holds: sequence and the first 16 bytes of its id. */
  seen: optional(7, tuple(unsigned, bytes(16))),
  /** When the last reading was taken, in ms since t0. */
  atMs: field(8, unsigned),
  flags: field(9, integer(0, 255)),
  /** SHA-256 of the meter's own signed record, where it makes one. */
  meterProof: optional(10, hash),
});
export type ReportBody = ValueOf<typeof reportBody>;

export const completionReason = choice({
  finished: 1,
  unplugged: 2,
  "stopped-by-driver": 3,
  "stopped-by-station": 4,
  "peer-silent": 5,
  disagreement: 6,
  "meter-absent": 7,
  "limit-reached": 8,
  fault: 9,
  /**
   * The car on the station's cable is another one than the vehicle that has signed (folder `binding`). 10 is no reason:
   * the vectors have it as one that nobody knows.
   */
  "another-car": 11,
});
export type CompletionReason = ValueOf<typeof completionReason>;

export const completeBody = record({
  address: field(1, hash),
  role: field(2, role),
  finalMilliWh: field(3, unsigned),
  /** Number of this role's reports, and the id of the last. */
  reports: field(4, integer(0, REPORTS_PER_SESSION_MAX + 1)),
  head: field(5, hash),
  reason: field(6, completionReason),
  atMs: field(7, unsigned),
  meterProof: optional(8, hash),
});
export type CompleteBody = ValueOf<typeof completeBody>;

export const cancelBody = record({ address: field(1, hash), role: field(2, role) });
export type CancelBody = ValueOf<typeof cancelBody>;

/**
 * One side's proposal how to end a dispute. It cannot be taken back, so it does not matter when the other side makes
 * the same one: what both have proposed is agreed.
 */
export const resolveBody = record({
  address: field(1, hash),
  role: field(2, role),
  /** Which of this role's proposals; no two have one number. */
  number: field(3, integer(0, PROPOSALS_PER_ROLE_MAX - 1)),
  energyMilliWh: field(4, unsigned),
  /** Minor units of the contract's currency. */
  amount: field(5, unsigned),
});
export type ResolveBody = ValueOf<typeof resolveBody>;

/** Whose fault a dispute was, as the arbiter says: bit 0 the station's, bit 1 the vehicle's. */
export const faultSide = choice({ none: 0, station: 1, vehicle: 2, both: 3 });
export type FaultSide = ValueOf<typeof faultSide>;

const reason = where(showableText(REASON_BYTES_MAX), (words) => /[^ ]/.test(words), "a reason in words");

/** The word of the arbiter whom the terms name. */
export const adjudicateBody = record({
  address: field(1, hash),
  /** What is to be billed; within what is contested, as `settle` reads it. */
  energyMilliWh: field(2, unsigned),
  fault: field(3, faultSide),
  reason: field(4, reason),
});
export type AdjudicateBody = ValueOf<typeof adjudicateBody>;

/** By what a charge came to its end. */
export const ending = choice({ comparison: 1, silence: 2, mutual: 3, arbiter: 4, lapse: 5, cancelled: 6 });
export type Ending = ValueOf<typeof ending>;

/** One reading: reading k belongs to t0 + k × the interval. */
export interface RegisterAt {
  readonly index: number;
  readonly registerMilliWh: number;
}

/** Register values of a report, written out. */
export function readingsOf(report: ReportBody): readonly RegisterAt[] {
  let register = 0;
  return report.registerMilliWh.map((step, place) => {
    register += step;
    return { index: report.firstReading + place, registerMilliWh: register };
  });
}
