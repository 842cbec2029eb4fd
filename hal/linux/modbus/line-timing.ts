/** Times that follow from the line itself. */
import type { SerialSettings } from "#hal/ports/byte-link.ts";

export interface LineTiming {
  /** One character on the line; 0 where there is no line. */
  readonly characterMs: number;
  /** Silence that must precede a request. */
  readonly silenceMs: number;
}

/**
 * Modbus over serial line 1.02, section 2.5.1.1: 3.5 characters of silence between frames, and 1.75 ms above
 * 19200 baud, where the characters become too short to be timed.
 */
export function serialTiming(settings: SerialSettings): LineTiming {
  const bits = 1 + settings.dataBits + (settings.parity === "none" ? 0 : 1) + settings.stopBits;
  const characterMs = (1000 * bits) / settings.baudRate;
  return { characterMs, silenceMs: settings.baudRate > 19_200 ? 1.75 : 3.5 * characterMs };
}

export const TCP_TIMING: LineTiming = { characterMs: 0, silenceMs: 0 };

/**
 * A serial server keeps its line's times itself; how fast its line is, we do not know: as slow as 9600 baud is safe.
 */
export const RTU_OVER_TCP_TIMING: LineTiming = { characterMs: 11_000 / 9600, silenceMs: 4 };
