/**
 * What a person in front of the box sees of its state, by lamps.
 *
 * What callers may rely on: `show` takes effect at once and never throws; the state that is shown already goes on
 * without a break; after `close` the lamps are dark. A lamp that cannot be reached does not disturb anything else.
 */
import type { Result } from "#base/result.ts";
import type { GpioFault } from "./gpio-chip.ts";

export interface Indicator {
  show(state: IndicatorState): void;
  close(): void;
}

/** What is worth telling somebody who stands there; the least urgent last, for whoever has several to choose from. */
export type IndicatorState =
  | "fault"
  | "updating"
  | "attention"
  | "noClock"
  | "noNetwork"
  | "agreeing"
  | "charging"
  | "plugged"
  | "starting"
  | "ready";

export interface Lamp {
  set(isLit: boolean): Result<void, GpioFault>;
}
