/**
 * One trade as the paper has it (II.D, II.E): both report, both complete, the amounts are compared, and the transaction
 * is executed when they match. Counted from the signed facts, with fractions where the firmware has whole numbers.
 */
import { Fields, PURPOSES, type ExportedFact } from "./exported-chain.ts";

export type Side = "station" | "vehicle";

export interface PaperOutcome {
  readonly state: "SETTLED" | "DISPUTED" | "ABANDONED" | "CANCELLED";
  /** Of the RESULT, by its keys. */
  readonly fields: Readonly<Record<number, number>>;
}

export const RESULT_KEYS = {
  ...{ state: 2, stationMilliWh: 3, vehicleMilliWh: 4, billedMilliWh: 5, contestedMilliWh: 6, amount: 7 },
  ...{ verdict: 8, differencePpm: 9, rejectionLimitPpm: 10, silent: 11, revision: 12, ending: 13, fault: 14 },
} as const;

interface Log {
  ids: string[];
  /** The newest register that is signed. */
  registerMilliWh: number;
  complete: Fields | undefined;
  isCancelled: boolean;
}

export class PaperTrade {
  readonly station: string;
  readonly vehicle: string;
  readonly parties: readonly [string, string];
  readonly openId: string;
  readonly body: Fields;
  readonly terms: Fields;
  readonly logs: Readonly<Record<Side, Log>>;
  /** Time of the block with the first completion. */
  completingSince = Infinity;
  outcome: PaperOutcome | undefined = undefined;

  constructor({ id, body }: ExportedFact) {
    this.body = body;
    this.terms = body.fields(6);
    this.vehicle = body.hex(3);
    this.station = body.hex(4);
    this.parties = [this.station, this.vehicle];
    this.openId = id;
    const [station = 0, vehicle = 0] = body.numbers(9);
    const logFrom = (registerMilliWh: number): Log => ({
      ...{ ids: [], registerMilliWh, complete: undefined, isCancelled: false },
    });
    this.logs = { station: logFrom(station), vehicle: logFrom(vehicle) };
  }

  get isOver(): boolean {
    return this.outcome !== undefined;
  }

  /** One side has said that it is done: neither trades any more. */
  get isEnding(): boolean {
    return this.logs.station.complete !== undefined || this.logs.vehicle.complete !== undefined;
  }

  /** What is wrong with it, in words. */
  hear({ purpose, id, body }: ExportedFact, side: Side, now: number): string | undefined {
    const log = this.logs[side];
    if (purpose === PURPOSES.CANCEL) log.isCancelled = true;
    if (purpose === PURPOSES.COMPLETE) {
      const isSecond = log.complete !== undefined;
      log.complete = body;
      this.completingSince = Math.min(this.completingSince, now);
      return isSecond ? `the ${side} completes twice` : undefined;
    }
    if (purpose !== PURPOSES.REPORT) return undefined;
    const isNext = body.number(3) === log.ids.length && body.hex(6) === (log.ids.at(-1) ?? this.openId);
    log.ids.push(id);
    log.registerMilliWh = body.numbers(5).reduce((sum, step) => sum + step, 0);
    return isNext ? undefined : `a report of the ${side} is not behind the one before`;
  }

  energyOf(side: Side): number {
    const [station = 0, vehicle = 0] = this.body.numbers(9);
    const { complete, registerMilliWh } = this.logs[side];
    return (complete?.number(3) ?? registerMilliWh) - (side === "station" ? station : vehicle);
  }

  /** Every report that the completion counts is there. */
  isWhole(side: Side): boolean {
    const { complete, ids } = this.logs[side];
    return complete !== undefined && complete.number(4) === ids.length;
  }
}

/** Undefined while it is not decided; by a block of the given time. */
export function paperOutcome(trade: PaperTrade, now: number): PaperOutcome | undefined {
  const { terms, logs, body } = trade;
  const sides = [logs.station, logs.vehicle];
  const isTakenBack = sides.every(({ isCancelled, ids }) => isCancelled && ids.length === 0);
  const isSilent = now > Math.min(body.number(11), trade.completingSince) + terms.number(15);
  const areWhole = trade.isWhole("station") && trade.isWhole("vehicle");
  if (!isTakenBack && !isSilent && !areWhole) return undefined;
  const hasBegun = sides.every(({ ids }) => ids.length > 0);
  const [station, vehicle] = [trade.energyOf("station"), trade.energyOf("vehicle")];
  const missing = sides.map(({ complete }) => complete === undefined);
  const isCompared = hasBegun && !missing.includes(true);
  const compared = isCompared ? compare(terms, station, vehicle) : NOT_COMPARED;
  const state = !hasBegun
    ? "CANCELLED"
    : missing.includes(true)
      ? "ABANDONED"
      : compared.isMatch
        ? "SETTLED"
        : "DISPUTED";
  const billed = state === "SETTLED" ? station : 0;
  const [stationSilent, vehicleSilent] = missing.map((each) => (hasBegun && each ? 1 : 0));
  return {
    state,
    fields: {
      [RESULT_KEYS.state]: ["SETTLED", "DISPUTED", "ABANDONED", "CANCELLED"].indexOf(state) + 1,
      [RESULT_KEYS.stationMilliWh]: station,
      [RESULT_KEYS.vehicleMilliWh]: vehicle,
      [RESULT_KEYS.billedMilliWh]: billed,
      [RESULT_KEYS.contestedMilliWh]: state === "CANCELLED" ? 0 : station - billed,
      [RESULT_KEYS.amount]: Number(priceOf(terms, billed)),
      [RESULT_KEYS.verdict]: compared.verdict,
      [RESULT_KEYS.differencePpm]: compared.differencePpm,
      [RESULT_KEYS.rejectionLimitPpm]: compared.limitPpm,
      [RESULT_KEYS.silent]: (stationSilent ?? 0) + 2 * (vehicleSilent ?? 0),
      [RESULT_KEYS.revision]: 1,
      [RESULT_KEYS.ending]: state === "CANCELLED" ? 6 : state === "ABANDONED" ? 2 : 1,
      [RESULT_KEYS.fault]: 0,
    },
  };
}

interface Compared {
  readonly isMatch: boolean;
  readonly verdict: number;
  readonly differencePpm: number;
  readonly limitPpm: number;
}

const VERDICTS = { AGREE: 1, INCONCLUSIVE: 2, DISAGREE: 3, NOT_CAPABLE: 4, NONE: 5 } as const;
const NOT_COMPARED: Compared = { isMatch: false, verdict: VERDICTS.NONE, differencePpm: 0, limitPpm: 0 };
const SKEW_SECONDS = 2;

/**
 * Two meters never show the same. By the tolerance T that both signed and twice the standard uncertainty (JCGM 100: the
 * half-widths are of even distributions, a register's step is one at each end), amounts differ from T + U on.
 */
function compare(terms: Fields, station: number, vehicle: number): Compared {
  const [mpeStation = 0, mpeVehicle = 0] = terms.numbers(11).map((ppm) => ppm / 1e6);
  const [least = 0, most = 0] = terms.numbers(12).map((ppm) => ppm / 1e6);
  const [stepStation = 0, stepVehicle = 0] = terms.numbers(20);
  const tolerance = terms.number(18) / 1e6;
  const share = 1 - (least + most) / 2;
  const expected = Math.max(1, station) * share;
  const skew = (terms.number(8) * SKEW_SECONDS * 1000) / 3600;
  const widths = [mpeStation, mpeVehicle, (most - least) / 2 / share, skew / Math.max(1, station)];
  const steps = [stepStation / Math.max(1, station), stepVehicle / Math.max(1, Math.floor(expected))];
  const squares = (values: readonly number[]): number => values.reduce((sum, value) => sum + value ** 2, 0);
  const uncertainty = 2 * Math.sqrt(squares(widths) / 3 + squares(steps) / 6);
  const difference = vehicle / expected - 1;
  const found = { differencePpm: Math.trunc(difference * 1e6), limitPpm: Math.ceil((tolerance + uncertainty) * 1e6) };
  const leastQuantity = Math.max(1e6, 100 * stepStation, 100 * stepVehicle, 50 * skew);
  if (station < leastQuantity && vehicle / share < leastQuantity) {
    // Too little for a verdict: what certified limits, added up, allow.
    const add = (mpe: number, energy: number, step: number): number => (energy * mpe) / (1 - mpe) + step / (1 - mpe);
    const stepAtStation = stepVehicle / (1 - most);
    const bound =
      add(mpeStation, station + skew, stepStation) + add(mpeVehicle, vehicle / (1 - most), stepAtStation) + skew;
    const isMatch = vehicle / (1 - least) - bound <= station && station <= vehicle / (1 - most) + bound;
    return { ...found, isMatch, verdict: VERDICTS.INCONCLUSIVE };
  }
  const off = Math.abs(difference);
  if (off >= tolerance + uncertainty) return { ...found, isMatch: false, verdict: VERDICTS.DISAGREE };
  if (tolerance < uncertainty) return { ...found, isMatch: true, verdict: VERDICTS.NOT_CAPABLE };
  const isWithin = off <= tolerance - uncertainty;
  return { ...found, isMatch: true, verdict: isWithin ? VERDICTS.AGREE : VERDICTS.INCONCLUSIVE };
}

/** Of one price for each kWh with its tax in it, in minor units, half to even: no other tariff is recounted here. */
function priceOf(terms: Fields, milliWh: number): bigint {
  const tariff = terms.fields(4);
  const [rule, ...others] = tariff.list(2).map((each) => new Fields(each));
  const isPlain = rule?.number(1) === ENERGY && rule.keys().every((key) => key <= 5) && tariff.number(3) === HALF_EVEN;
  if (!isPlain || others.length > 0 || rule.number(4) !== 0 || tariff.number(1) === TAX_ON_TOP) {
    throw new Error("bug of the test: a tariff that the recount does not know");
  }
  const millionths = BigInt(milliWh) * BigInt(rule.number(2)) * 10n ** BigInt(terms.number(21));
  const whole = 1_000_000n * 1_000_000n;
  const [down, left] = [millionths / whole, 2n * (millionths % whole)];
  return left > whole || (left === whole && down % 2n === 1n) ? down + 1n : down;
}

const ENERGY = 1;
const HALF_EVEN = 1;
const TAX_ON_TOP = 1;
