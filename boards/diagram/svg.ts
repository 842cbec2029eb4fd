/** The few shapes that a wiring picture is made of, as SVG text. */

export function text(at: Point, content: string, style = ""): string {
  return `<text x="${at.x}" y="${at.y}"${style === "" ? "" : ` ${style}`}>${escape(content)}</text>`;
}

export function box(corner: Point, size: { readonly width: number; readonly height: number }, fill: string): string {
  const { width, height } = size;
  const place = `x="${corner.x}" y="${corner.y}" width="${width}" height="${height}"`;
  return `<rect ${place} rx="6" fill="${fill}" stroke="#333"/>`;
}

export function dot(at: Point, fill: string): string {
  return `<circle cx="${at.x}" cy="${at.y}" r="7" fill="${fill}" stroke="#333"/>`;
}

/** A wire with corners. The white line under it keeps crossings readable. */
export function wire(points: readonly Point[], colour: string): string {
  const path = points.map(({ x, y }, index) => `${index === 0 ? "M" : "L"}${x} ${y}`).join(" ");
  const line = (stroke: string, width: number): string =>
    `<path d="${path}" fill="none" stroke="${stroke}" stroke-width="${width}" stroke-linejoin="round"/>`;
  return line("#fff", 6) + line(colour, 3);
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export function picture(
  size: { readonly width: number; readonly height: number },
  title: string,
  shapes: readonly string[],
): string {
  const { width, height } = size;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="13">`,
    `<title>${escape(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...shapes,
    "</svg>",
    "",
  ].join("\n");
}

function escape(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Of the wires that every picture has. */
export const FIVE_VOLTS = "#b91c1c";
export const GROUND = "#374151";

/** Title and warning at the top of a picture. */
export function heading(title: string, warning: string): readonly string[] {
  return [
    text({ x: 30, y: 36 }, title, 'font-size="20" font-weight="bold"'),
    text({ x: 30, y: 60 }, warning, 'fill="#b91c1c"'),
  ];
}
