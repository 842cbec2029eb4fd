/** The picture of a power curve as lines and words in a box, which a page and a PDF each draw in their own way. */
import { civilOfUnixMs } from "./civil-time.ts";
import type { PowerCurve } from "./power-curve.ts";
import type { Role } from "#core/session/facts.ts";

export interface ChartPoint {
  readonly x: number;
  readonly y: number;
}

export type ChartMark =
  | { readonly kind: "line"; readonly style: "grid" | "axis" | Role; readonly points: readonly ChartPoint[] }
  | {
      readonly kind: "text";
      readonly text: string;
      readonly at: ChartPoint;
      readonly anchor: "start" | "middle" | "end";
      /** Of a series in the legend; else of an axis. */
      readonly of?: Role;
    };

export interface ChartFrame {
  readonly width: number;
  readonly height: number;
  readonly fontSize: number;
  /** How wide a text of that size is. */
  readonly widthOf: (text: string) => number;
  /** Unix seconds; what the clock of the axis is ahead of UTC, and its name. */
  readonly startedAt: number;
  readonly aheadSeconds: number;
  readonly clockName: string;
  readonly seriesNames: Readonly<Record<Role, string>>;
}

/** Coordinates from the upper left corner. */
export function powerChart(curve: PowerCurve, frame: ChartFrame): readonly ChartMark[] {
  const { width, height, fontSize } = frame;
  const ticksW = powerTicks(curve);
  const top = fontSize * 2;
  const bottom = height - fontSize * 1.7;
  const left = Math.max(...ticksW.map((watts) => frame.widthOf(kilowatts(watts)))) + fontSize * 0.6;
  const right = width - fontSize * 0.5;
  const mostW = Math.max(1, ticksW.at(-1) ?? 1);
  const spanMs = curve.stepMs * curve.steps;
  const x = (ms: number): number => left + ((right - left) * ms) / spanMs;
  const y = (watts: number): number => bottom - ((bottom - top) * Math.min(watts, mostW)) / mostW;
  return [
    ...ticksW.flatMap((watts): readonly ChartMark[] => [
      line(watts === 0 ? "axis" : "grid", [x(0), y(watts)], [x(spanMs), y(watts)]),
      {
        kind: "text",
        text: kilowatts(watts),
        at: { x: left - fontSize * 0.4, y: y(watts) + fontSize * 0.35 },
        anchor: "end",
      },
    ]),
    ...timeTicks(frame, spanMs).flatMap((tick) => timeMarks(tick, { x: x(tick.ms), bottom, right, frame })),
    ...(["station", "vehicle"] as const).map((role): ChartMark => ({
      kind: "line",
      style: role,
      points: curve.watts[role].flatMap((watts, step) => [
        { x: x(step * curve.stepMs), y: y(watts) },
        { x: x((step + 1) * curve.stepMs), y: y(watts) },
      ]),
    })),
    ...legend(frame, left),
  ];
}

/** From 0 in steps of 1, 2 or 5 times a power of ten, at most five. */
function powerTicks({ watts }: PowerCurve): readonly number[] {
  const most = Math.max(100, ...watts.station, ...watts.vehicle);
  const step = STEPS.find((each) => each * 5 >= most) ?? most;
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, place) => place * step);
}

const STEPS = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000].flatMap((each) => [
  each * 10,
  each * 20,
  each * 50,
]);

/** A number without unit; below 1 kW with a point, which both languages' readers understand on an axis. */
function kilowatts(watts: number): string {
  return watts % 1000 === 0 ? (watts / 1000).toString() : (watts / 1000).toFixed(2).replace(/0$/, "");
}

interface TimeTick {
  readonly ms: number;
  readonly text: string;
}

/** Whole minutes or hours of the clock, at most seven. */
function timeTicks({ startedAt, aheadSeconds }: ChartFrame, spanMs: number): readonly TimeTick[] {
  const spanSeconds = spanMs / 1000;
  const step = TIME_STEPS_SECONDS.find((each) => spanSeconds / each <= 6) ?? spanSeconds;
  const local = startedAt + aheadSeconds;
  const first = Math.ceil(local / step) * step;
  const count = Math.max(0, Math.floor((local + spanSeconds - first) / step) + 1);
  return Array.from({ length: count }, (_, place) => {
    const at = first + place * step;
    const [hour, minute] = civilOfUnixMs(Math.floor(at) * 1000).clock;
    return { ms: (at - local) * 1000, text: [hour, minute].map((part) => part.toString().padStart(2, "0")).join(":") };
  });
}

const TIME_STEPS_SECONDS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 240, 360, 720, 1440, 2880].map(
  (minutes) => minutes * 60,
);

interface AxisPlace {
  readonly x: number;
  readonly bottom: number;
  readonly right: number;
  readonly frame: ChartFrame;
}

function timeMarks({ text }: TimeTick, { x, bottom, right, frame }: AxisPlace): readonly ChartMark[] {
  const { fontSize } = frame;
  const anchor = x + frame.widthOf(text) / 2 > right ? "end" : "middle";
  return [
    line("axis", [x, bottom], [x, bottom + fontSize * 0.3]),
    { kind: "text", text, at: { x, y: bottom + fontSize * 1.4 }, anchor },
  ];
}

/** Above the picture: the unit, and a piece of each line with its name. */
function legend({ fontSize, width, widthOf, seriesNames, clockName }: ChartFrame, left: number): readonly ChartMark[] {
  const y = fontSize;
  const unit: ChartMark = { kind: "text", text: `kW, ${clockName}`, at: { x: left, y }, anchor: "start" };
  const sample = fontSize * 2;
  let end = width - fontSize * 0.5;
  const entries = (["vehicle", "station"] as const).flatMap((role): readonly ChartMark[] => {
    const name = seriesNames[role];
    const start = end - widthOf(name);
    const lineEnd = start - fontSize * 0.4;
    end = lineEnd - sample - fontSize;
    return [
      line(role, [lineEnd - sample, y - fontSize * 0.35], [lineEnd, y - fontSize * 0.35]),
      { kind: "text", text: name, at: { x: start, y }, anchor: "start", of: role },
    ];
  });
  return [unit, ...entries];
}

function line(
  style: "grid" | "axis" | Role,
  from: readonly [number, number],
  to: readonly [number, number],
): ChartMark {
  const points = [from, to].map(([x, y]) => ({ x, y }));
  return { kind: "line", style, points };
}
