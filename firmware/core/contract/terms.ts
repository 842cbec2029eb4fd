/**
 * TERMS: what station and vehicle both sign before any energy flows. Part of OPEN, so its bytes are in the transaction
 * address and cannot change afterwards.
 */
import { HASH_BYTES } from "#core/identity/cryptography.ts";
import { READINGS_PER_REPORT_MAX } from "#core/limits.ts";
import { tariff } from "#core/tariff/tariff-terms.ts";
import {
  boolean,
  bytes,
  choice,
  field,
  integer,
  nullable,
  optional,
  record,
  text,
  tuple,
  unsigned,
  type ValueOf,
} from "#core/wire/schema.ts";

/** Parts per million: 1,000,000 is the whole. */
export const PPM = 1_000_000;

/**
 * An exposure that nothing reaches: the two compare their amounts at the end, as the paper has it, and nothing that one
 * of them reports on the way stops the power.
 */
export const EXPOSURE_UNLIMITED_MILLI_WH = Number.MAX_SAFE_INTEGER;

const ppm = integer(0, PPM);
const sessionSeconds = integer(0, 7 * 86_400);

/**
 * Where an amount is measured (domain: metrology). Amounts of two points may differ by the losses between them, and
 * only by those.
 */
export const measuringPoint = choice({ mains: 1, "vehicle-inlet": 2, "charger-output": 3, battery: 4 });
export type MeasuringPoint = ValueOf<typeof measuringPoint>;

/** How the two find out that they hang on one cable; the specification is in the folder `binding`. */
export const physicalBinding = choice({ watermark: 1 });
export type PhysicalBinding = ValueOf<typeof physicalBinding>;

export const terms = record({
  version: field(1, integer(1, 1)),
  /** Hash of the contract code that runs at the transaction address. */
  codeHash: field(2, bytes(HASH_BYTES)),
  /** ISO 4217. */
  currency: field(3, text(3)),
  /** What is paid for energy, for time and once; the specification is in the folder `tariff`. */
  tariff: field(4, tariff),
  /** A reading is taken each so many seconds after the start, by both sides. */
  readingIntervalSeconds: field(5, integer(1, 3600)),
  /** Readings in a report when nothing forces it out earlier. */
  readingsPerReport: field(6, integer(1, READINGS_PER_REPORT_MAX)),
  /** X: energy that either side may have at risk at any moment, or no limit. */
  exposureMilliWh: field(7, unsigned),
  powerMaxW: field(8, integer(1, 1_000_000)),
  energyMaxMilliWh: field(9, unsigned),
  durationMaxSeconds: field(10, sessionSeconds),
  /** Maximum permissible error of the station's and of the vehicle's measurement. */
  mpePpm: field(11, tuple(ppm, ppm)),
  /** Share of the station's energy that is lost on the way to the vehicle's measuring point: least and most. */
  lossPpm: field(12, tuple(ppm, ppm)),
  /** What is billed when both amounts agree. */
  basis: field(13, choice({ station: 1, least: 2 })),
  /** How long the other side's completion is waited for. */
  graceSeconds: field(15, integer(1, 30 * 86_400)),
  /** The side that falls silent pays up to the exposure: the vehicle signs that when it is set. */
  silentPays: field(16, boolean),
  /** Device id of the arbiter of disputes, if the two named one. */
  arbiter: field(17, nullable(bytes(HASH_BYTES))),
  /** Largest relative difference that counts as agreement, before uncertainty (JCGM 106: the tolerance). */
  tolerancePpm: field(18, ppm),
  measuringPoints: field(19, tuple(measuringPoint, measuringPoint)),
  /** Smallest step of the two registers. */
  resolutionMilliWh: field(20, tuple(unsigned, unsigned)),
  /** Digits after the point of the currency (ISO 4217): amounts are rounded to them as the tariff says. */
  currencyDigits: field(21, integer(0, 3)),
  /** Hash of the learned model that the loss band comes from; null: a default band. */
  lossModel: field(22, nullable(bytes(HASH_BYTES))),
  /** Absent: by nothing. In an offer, what the station can do. */
  bind: optional(23, physicalBinding),
});

export type Terms = ValueOf<typeof terms>;
