/** What was used, by the rule that has a price for it: the lines of a price before step sizes and amounts. */
import { ascending, cutCourse, withoutFalls, type Piece } from "./course-pieces.ts";
import { energyEdges, ruleFinder, timeEdges, type FindRule, type PhaseClock } from "./find-rule.ts";
import type { Course, EnergyPoint, Reservation, Stretch } from "./price-session.ts";
import type { TariffDimension, TariffPhase, TariffRule } from "./tariff-terms.ts";

export interface UsageLine extends Stretch {
  /** Undefined where no rule holds. */
  readonly rule: number | undefined;
  readonly dimension: TariffDimension;
  readonly phase: TariffPhase;
  readonly quantity: number;
  readonly isBilled: boolean;
}

/** Lines of the reservations and of the charge, in order of time; of one time in the order of `tariffDimension`. */
export function usageLines(rules: readonly TariffRule[], course: Course): readonly UsageLine[] {
  const reserved = (course.reservations ?? []).flatMap((reservation) => reservationLines(rules, course, reservation));
  const charged = course.points.length === 0 ? [] : chargeLines(rules, course);
  return [...reserved, ...charged].sort((left, right) => left.fromMs - right.fromMs);
}

function chargeLines(rules: readonly TariffRule[], course: Course): readonly UsageLine[] {
  const clock: PhaseClock = { phases: ["charging"], startedAt: course.startedAt, originMs: 0 };
  const points = withoutFalls([{ atMs: 0, milliWh: 0 }, ...course.points]);
  const measured = points.at(-1)?.milliWh ?? 0;
  const billed = Math.max(0, course.billedMilliWh ?? measured);
  const pieces = cutCourse(wholeCourse(points, billed, course.endMs), {
    timesMs: ascending([...timeEdges(rules, clock), ...clockEdges(course)]),
    milliWh: ascending([...energyEdges(rules), billed]),
  });
  const find = ruleFinder(rules, clock);
  const isPaused = pauseFinder(course.pauses ?? []);
  const lines = new LineList("charging");
  addFlat(lines, pieces, find);
  for (const piece of pieces) {
    const moment = momentOf(piece);
    const milliWh = piece.toMilliWh - piece.fromMilliWh;
    if (milliWh > 0) {
      const isBilled = piece.fromMilliWh < billed;
      lines.add("ENERGY", { piece, quantity: milliWh, rule: isBilled ? find("ENERGY", moment) : undefined, isBilled });
    }
    const dimension = isPaused(piece.fromMs) ? undefined : clockDimension(course, piece.fromMs);
    const ms = piece.toMs - piece.fromMs;
    if (dimension !== undefined && ms > 0) {
      lines.add(dimension, { piece, quantity: ms, rule: find(dimension, moment), isBilled: true });
    }
  }
  return lines.inOrder();
}

/** Only time passes; the durations of the rules count from the begin of the reservation. */
function reservationLines(
  rules: readonly TariffRule[],
  course: Course,
  reservation: Reservation,
): readonly UsageLine[] {
  const { phase, fromMs, toMs } = reservation;
  const isExpired = phase === "reservation-expired";
  const phases: readonly TariffPhase[] = isExpired ? ["reservation-expired", "reservation"] : ["reservation"];
  const clock: PhaseClock = { phases, startedAt: course.startedAt, originMs: fromMs };
  const points = [
    { atMs: fromMs, milliWh: 0 },
    { atMs: Math.max(fromMs, toMs), milliWh: 0 },
  ];
  const pieces = cutCourse(points, { timesMs: timeEdges(rules, clock), milliWh: [] });
  const find = ruleFinder(rules, clock);
  const lines = new LineList(phase);
  addFlat(lines, pieces.length > 0 ? pieces : [{ ...EMPTY_PIECE, fromMs, toMs: fromMs }], find);
  for (const piece of pieces) {
    const rule = find("TIME", momentOf(piece));
    lines.add("TIME", { piece, quantity: piece.toMs - piece.fromMs, rule, isBilled: true });
  }
  return lines.inOrder();
}

/** What is paid once is paid by the rule that holds first, at the first moment at which one does. */
function addFlat(lines: LineList, pieces: readonly Piece[], find: FindRule): void {
  for (const piece of pieces.length > 0 ? pieces : [EMPTY_PIECE]) {
    const rule = find("FLAT", momentOf(piece));
    if (rule === undefined) continue;
    lines.add("FLAT", { piece: { ...piece, toMs: piece.fromMs }, quantity: 1, rule, isBilled: true });
    return;
  }
}

/** The signed points, then what is billed beyond them at the last one's instant, then the time until the end. */
function wholeCourse(points: readonly EnergyPoint[], billed: number, endMs: number): readonly EnergyPoint[] {
  const last = points.at(-1) ?? { atMs: 0, milliWh: 0 };
  const milliWh = Math.max(last.milliWh, billed);
  return [...points, { atMs: last.atMs, milliWh }, { atMs: Math.max(last.atMs, endMs), milliWh }];
}

function clockEdges({ chargingEndMs, endMs, pauses = [] }: Course): readonly number[] {
  return [chargingEndMs, endMs, ...pauses.flatMap(({ fromMs, toMs }) => [fromMs, toMs])];
}

function clockDimension(course: Course, atMs: number): "TIME" | "PARKING_TIME" | undefined {
  if (atMs >= course.endMs) return undefined;
  return atMs < course.chargingEndMs ? "TIME" : "PARKING_TIME";
}

/** For instants that only go forward: a log may pause at each of its readings, and each pause is looked at once. */
function pauseFinder(pauses: readonly Stretch[]): (atMs: number) => boolean {
  const ordered = pauses.toSorted((left, right) => left.fromMs - right.fromMs);
  let [next, untilMs] = [0, Number.NEGATIVE_INFINITY];
  return (atMs) => {
    for (let pause = ordered[next]; pause !== undefined && pause.fromMs <= atMs; pause = ordered[++next]) {
      untilMs = Math.max(untilMs, pause.toMs);
    }
    return atMs < untilMs;
  };
}

function momentOf(piece: Piece): { atMs: number; milliWh: number; flow: Piece["flow"] } {
  return { atMs: piece.fromMs, milliWh: piece.fromMilliWh, flow: piece.flow };
}

const EMPTY_PIECE: Piece = { fromMs: 0, toMs: 0, fromMilliWh: 0, toMilliWh: 0, flow: { milliWh: 0, ms: 1 } };

interface Use {
  readonly piece: Stretch;
  readonly quantity: number;
  readonly rule: number | undefined;
  readonly isBilled: boolean;
}

type Draft = { -readonly [Key in keyof UsageLine]: UsageLine[Key] };

/**
 * Pieces of one rule become one line: energy across stretches in which none flowed, time only where it touches.
 */
class LineList {
  readonly #phase: TariffPhase;
  readonly #lines: Draft[] = [];
  readonly #last = new Map<TariffDimension, Draft>();

  constructor(phase: TariffPhase) {
    this.#phase = phase;
  }

  add(dimension: TariffDimension, { piece, quantity, rule, isBilled }: Use): void {
    const last = this.#last.get(dimension);
    const isSame = last !== undefined && last.rule === rule && last.isBilled === isBilled;
    if (isSame && (dimension === "ENERGY" || last.toMs === piece.fromMs)) {
      last.quantity += quantity;
      last.toMs = piece.toMs;
      return;
    }
    const { fromMs, toMs } = piece;
    const line: Draft = { rule, dimension, phase: this.#phase, fromMs, toMs, quantity, isBilled };
    this.#last.set(dimension, line);
    this.#lines.push(line);
  }

  inOrder(): readonly UsageLine[] {
    const order: readonly TariffDimension[] = ["FLAT", "ENERGY", "TIME", "PARKING_TIME"];
    return this.#lines.sort(
      (left, right) => left.fromMs - right.fromMs || order.indexOf(left.dimension) - order.indexOf(right.dimension),
    );
  }
}
