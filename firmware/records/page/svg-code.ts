/** A QR code as SVG: one path of the runs of dark squares, in units of one square. */
import { QUIET_MODULES } from "../qr/code-matrix.ts";
import { runsOf } from "../qr/module-runs.ts";
import { markup, type Html } from "./html.ts";

export function svgCode(rows: readonly (readonly boolean[])[], alt: string): Html {
  const side = rows.length + 2 * QUIET_MODULES;
  const path = rows
    .flatMap((row, y) => runsOf(row).map(([x, length]) => `M${x} ${y}h${length}v1h-${length}z`))
    .join("");
  const box = `${-QUIET_MODULES} ${-QUIET_MODULES} ${side} ${side}`;
  return markup`<svg
    role="img"
    aria-label="${alt}"
    viewBox="${box}"
    shape-rendering="crispEdges"
    xmlns="http://www.w3.org/2000/svg"
  >
    <rect x="${-QUIET_MODULES}" y="${-QUIET_MODULES}" width="${side}" height="${side}" fill="#fff" />
    <path fill="#000" d="${path}" />
  </svg>`;
}
