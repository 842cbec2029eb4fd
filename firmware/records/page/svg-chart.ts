/** The power of both meters as SVG. */
import { textWidth } from "../pdf/helvetica.ts";
import { powerChart, type ChartFrame, type ChartMark, type ChartPoint } from "../power-chart.ts";
import type { PowerCurve } from "../power-curve.ts";
import { markup, type Html } from "./html.ts";

export type SvgChartFrame = Pick<ChartFrame, "startedAt" | "aheadSeconds" | "clockName" | "seriesNames"> & {
  readonly title: string;
  /** For those who do not see the picture. */
  readonly description: string;
};

export function svgChart(curve: PowerCurve, frame: SvgChartFrame): Html {
  const widthOf = (text: string): number => textWidth(text, { face: "regular", size: FONT_SIZE });
  const marks = powerChart(curve, { ...frame, width: WIDTH, height: HEIGHT, fontSize: FONT_SIZE, widthOf });
  return markup`<svg
    role="img"
    aria-labelledby="curve-title curve-text"
    viewBox="0 0 ${WIDTH} ${HEIGHT}"
    xmlns="http://www.w3.org/2000/svg"
    font-family="Helvetica,Arial,sans-serif"
    font-size="${FONT_SIZE}"
  >
    <title id="curve-title">${frame.title}</title>
    <desc id="curve-text">${frame.description}</desc>
    ${marks.map(markOf)}
  </svg>`;
}

/** In its own units: on a narrow phone one is 0.7 pixels, so that 14 of them stay readable. */
const WIDTH = 480;
const HEIGHT = 230;
const FONT_SIZE = 15;

/** Told apart by form, too: paper may be black and white, and eyes see colours differently. */
const STROKES: Readonly<Record<Extract<ChartMark, { readonly kind: "line" }>["style"], Html>> = {
  grid: markup`stroke="#dde3e8" stroke-width="1"`,
  axis: markup`stroke="#6b7782" stroke-width="1"`,
  station: markup`stroke="#1f5fa8" stroke-width="2.4"`,
  vehicle: markup`stroke="#b8560f" stroke-width="2.4" stroke-dasharray="7 4"`,
};

const FILLS = { station: "#1f5fa8", vehicle: "#9a4709", axis: "#4a5662" } as const;

function markOf(mark: ChartMark): Html {
  if (mark.kind === "text") {
    const { at, anchor, text, of } = mark;
    const colour = FILLS[of ?? "axis"];
    return markup`<text x="${fixed(at.x)}" y="${fixed(at.y)}" text-anchor="${anchor}" fill="${colour}">${text}</text>`;
  }
  return markup`<polyline fill="none" ${STROKES[mark.style]} points="${mark.points.map(pointOf).join(" ")}" />`;
}

function pointOf({ x, y }: ChartPoint): string {
  return `${fixed(x)},${fixed(y)}`;
}

function fixed(value: number): string {
  return value.toFixed(1);
}
