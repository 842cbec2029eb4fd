/**
 * Whether the two courses of power are of one charge at all. Two cars that hang on each other's station may end with
 * similar totals, but begin, pause and end as each likes.
 */
import { PPM } from "#core/contract/terms.ts";
import { saturate, squareRootUp } from "#core/metering/whole-numbers.ts";
import { fitOf, sumOf, type ChargeCourse } from "./charge-course.ts";
import type { Cause } from "./diagnosis.ts";
import { shareOf } from "./envelope.ts";

/** Courses of so many parts, by time: enough to see a pause, few enough that registers' steps do not show. */
const CELLS = 24;
const CORRELATION_PPM_MAX = 750_000;
/** So much of the energy must be apart in time, once the totals are made equal. */
const APART_PPM_MIN = 100_000;

export function swappedVehicleCauses(course: ChargeCourse): readonly Cause[] {
  const cells = cellsOf(course);
  const [station, vehicle] = [cells.map((cell) => cell.stationMilliWh), cells.map((cell) => cell.vehicleMilliWh)];
  if (cells.length < CELLS / 2 || sumOf(station) === 0 || sumOf(vehicle) === 0) return [];
  const correlationPpm = correlation(station, vehicle);
  if (correlationPpm > CORRELATION_PPM_MAX || apartPpm(station, vehicle) < APART_PPM_MIN) return [];
  if (!isBothWays(course)) return [];
  const fitPpm = PPM - Math.max(0, correlationPpm);
  return [{ code: "swapped-vehicles", ...fitOf(course, 0), fitPpm, side: "either", correlationPpm }];
}

/** Sometimes the one is ahead, sometimes the other: a meter that fails is off one way. */
function isBothWays({ blocks, envelope, outsideMilliWh, unexplainedMilliWh }: ChargeCourse): boolean {
  const above = sumOf(
    outsideMilliWh.filter((_, place) => {
      const block = blocks[place];
      return block !== undefined && block.vehicleMilliWh > shareOf(block.stationMilliWh, envelope.middlePpm);
    }),
  );
  return 20 * Math.min(above, unexplainedMilliWh - above) >= unexplainedMilliWh;
}

interface Cell {
  readonly stationMilliWh: number;
  readonly vehicleMilliWh: number;
}

/** Even parts of the time, each at least as long as its readings are apart. */
function cellsOf({ readings }: ChargeCourse): readonly Cell[] {
  const whole = readings.at(-1)?.seconds ?? 0;
  const cells: Cell[] = [];
  let from = readings[0];
  for (const to of readings.slice(1)) {
    if (from === undefined) break;
    const isDue = to.seconds * CELLS >= (cells.length + 1) * whole && to.seconds > from.seconds;
    if (!isDue) continue;
    cells.push({
      stationMilliWh: to.stationMilliWh - from.stationMilliWh,
      vehicleMilliWh: to.vehicleMilliWh - from.vehicleMilliWh,
    });
    from = to;
  }
  return cells;
}

/** Pearson's, in millionths; 0 where one of the two does not vary. */
function correlation(left: readonly number[], right: readonly number[]): number {
  const [a, b] = [centred(left), centred(right)];
  const product = (x: readonly bigint[], y: readonly bigint[]): bigint =>
    x.reduce((sum, value, place) => sum + value * (y[place] ?? 0n), 0n);
  const spread = squareRootUp(product(a, a) * product(b, b));
  return spread === 0n ? 0 : saturate((product(a, b) * BigInt(PPM)) / spread);
}

/** Values less their mean, times their number. */
function centred(values: readonly number[]): readonly bigint[] {
  const sum = values.reduce((total, value) => total + BigInt(value), 0n);
  return values.map((value) => BigInt(value) * BigInt(values.length) - sum);
}

/** Half of the summed difference of the two courses, each as a share of its total. */
function apartPpm(left: readonly number[], right: readonly number[]): number {
  const [wholeLeft, wholeRight] = [left, right].map((values) =>
    values.reduce((total, value) => total + BigInt(value), 0n),
  );
  if (wholeLeft === undefined || wholeRight === undefined) return 0;
  const apart = left.reduce((sum, value, place) => {
    const difference = BigInt(value) * wholeRight - BigInt(right[place] ?? 0) * wholeLeft;
    return sum + (difference < 0n ? -difference : difference);
  }, 0n);
  return saturate((apart * BigInt(PPM)) / (2n * wholeLeft * wholeRight));
}
