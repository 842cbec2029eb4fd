/** The power of both meters on a page of a PDF. */
import { powerChart, type ChartFrame, type ChartMark } from "../power-chart.ts";
import type { PowerCurve } from "../power-curve.ts";
import { textWidth, type Font } from "./helvetica.ts";
import type { Box, Colour, PdfContent, Stroke } from "./pdf-content.ts";
import { GREY } from "./pdf-sheet.ts";

export type PdfChartFrame = Box & Pick<ChartFrame, "startedAt" | "aheadSeconds" | "clockName" | "seriesNames">;

export function drawChart(page: PdfContent, curve: PowerCurve, frame: PdfChartFrame): void {
  const widthOf = (text: string): number => textWidth(text, FONT);
  for (const mark of powerChart(curve, { ...frame, fontSize: FONT.size, widthOf })) drawMark(page, mark, frame);
}

const FONT: Font = { face: "regular", size: 7.5 };

const STATION: Colour = [0.122, 0.373, 0.659];
const VEHICLE: Colour = [0.72, 0.337, 0.059];

/** Told apart by form, too: paper may be black and white. */
const STROKES: Readonly<Record<Extract<ChartMark, { readonly kind: "line" }>["style"], Stroke>> = {
  grid: { colour: [0.87, 0.89, 0.91], width: 0.5 },
  axis: { colour: [0.42, 0.47, 0.51], width: 0.5 },
  station: { colour: STATION, width: 1.3 },
  vehicle: { colour: VEHICLE, width: 1.3, dash: [4, 2.5] },
};

const TEXT_COLOURS = { station: STATION, vehicle: VEHICLE, axis: GREY } as const;

function drawMark(page: PdfContent, mark: ChartMark, { x, y }: Box): void {
  if (mark.kind === "text") {
    const at = { x: x + mark.at.x, y: y + mark.at.y };
    page.text(mark.text, at, { font: FONT, colour: TEXT_COLOURS[mark.of ?? "axis"], anchor: mark.anchor });
    return;
  }
  const points = mark.points.map((point) => ({ x: x + point.x, y: y + point.y }));
  page.line(points, STROKES[mark.style]);
}
