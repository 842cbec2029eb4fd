/** A QR code as a picture, for decoders that look at pixels. */
import { QUIET_MODULES } from "#records/qr/code-matrix.ts";

export interface Pixels {
  /** Red, green, blue and opacity of each pixel, row by row. */
  readonly data: Uint8ClampedArray;
  /** The picture is a square. */
  readonly width: number;
}

/** Black on white with the quiet zone, `scale` pixels to a square. */
export function pixelsOfMatrix(rows: readonly (readonly boolean[])[], scale: number): Pixels {
  const width = (rows.length + 2 * QUIET_MODULES) * scale;
  const data = new Uint8ClampedArray(width * width * 4).fill(255);
  for (let y = 0; y < width; y += 1) {
    const row = rows[Math.floor(y / scale) - QUIET_MODULES];
    for (let x = 0; x < width; x += 1) {
      if (row?.[Math.floor(x / scale) - QUIET_MODULES] === true)
        data.fill(0, (y * width + x) * 4, (y * width + x) * 4 + 3);
    }
  }
  return { data, width };
}
