/** A stretch of charging as such, and that of a car which tells no more of it than what it takes at its inlet. */
import type { BatterySample, LastSample, Stretch } from "./battery-state.ts";

export const CLOSED: Stretch = { isOpen: false, quietSinceMs: null, opening: null, doubt: null };
/** So long without charging ends a stretch. */
export const QUIET_MS = 60_000;

/** Charging of which only the end is known: that it was over by then. */
export function pausedSince({ atMs }: LastSample): Stretch {
  return { ...CLOSED, isOpen: true, quietSinceMs: atMs };
}

/** What it takes at its inlet is known with its first word; only the end is waited for. */
export function blindStretch(stretch: Stretch, { charging, plugged, atMs }: LastSample): Stretch {
  if (charging) return { ...CLOSED, isOpen: true };
  if (!stretch.isOpen || plugged === false) return CLOSED;
  const quietSinceMs = stretch.quietSinceMs ?? atMs;
  return atMs - quietSinceMs >= QUIET_MS ? CLOSED : { ...CLOSED, isOpen: true, quietSinceMs };
}

/** Its word may come ten seconds later, and nothing flows through an inlet on the road. */
export function takesAtInlet({ plugged, inlet }: BatterySample): boolean {
  return plugged !== false && inlet !== null && inlet.powerW >= INLET_W;
}

const INLET_W = 300;
