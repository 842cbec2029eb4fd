/**
 * What the lamps of a box say. The README's table is made of this one.
 *
 * The rhythm alone says it, so that it can be read by people who see no colours, and from one lamp. No state is
 * steadily lit or dark: a lamp that does not change belongs to a box that is off or hangs. Nothing flashes more than
 * three times in any second, the limit of WCAG 2.3.1 for people with photosensitive epilepsy.
 */
import type { IndicatorState } from "#hal/ports/indicator.ts";

export type LampColour = "green" | "blue" | "amber" | "red";

export interface LampPattern {
  readonly colour: LampColour;
  /** Lit, dark, lit, dark … in milliseconds, again and again. */
  readonly rhythmMs: readonly number[];
  /** How one would describe it on the telephone. */
  readonly looksLike: string;
  readonly means: string;
}

export const LAMP_PATTERNS = {
  fault: {
    colour: "red",
    rhythmMs: [200, 200],
    looksLike: "fast, even flashing",
    means: "Out of order: it does not charge. The log says why.",
  },
  updating: {
    colour: "blue",
    rhythmMs: [900, 300],
    looksLike: "lit, with a short gap every second",
    means: "New software is being installed: leave the power on.",
  },
  attention: {
    colour: "amber",
    rhythmMs: [200, 200, 200, 200, 200, 1000],
    looksLike: "three short flashes and a pause",
    means: "Somebody should look: the two sides disagree, or a device answers oddly.",
  },
  noClock: {
    colour: "amber",
    rhythmMs: [700, 300, 200, 200, 200, 1000],
    looksLike: "one long and two short flashes and a pause",
    means: "The date is not known, so nothing can be signed.",
  },
  noNetwork: {
    colour: "amber",
    rhythmMs: [700, 300, 200, 1000],
    looksLike: "one long and one short flash and a pause",
    means: "The mesh cannot be reached.",
  },
  agreeing: {
    colour: "blue",
    rhythmMs: [500, 500],
    looksLike: "even blinking, once a second",
    means: "Charger and car agree on the terms.",
  },
  charging: {
    colour: "blue",
    rhythmMs: [2000, 2000],
    looksLike: "slow, even blinking: two seconds lit, two dark",
    means: "Energy flows and is measured on both sides.",
  },
  plugged: {
    colour: "green",
    rhythmMs: [200, 200, 200, 1400],
    looksLike: "two short flashes and a pause",
    means: "A car is plugged in and does not charge yet, or no more.",
  },
  starting: {
    colour: "green",
    rhythmMs: [100, 900],
    looksLike: "one short flash every second",
    means: "The box starts.",
  },
  ready: {
    colour: "green",
    rhythmMs: [3800, 200],
    looksLike: "lit, with a short gap every four seconds",
    means: "Free and working.",
  },
} as const satisfies Readonly<Record<IndicatorState, LampPattern>>;
