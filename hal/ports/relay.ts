/**
 * A switched contact that serves the box: a lamp circuit, a lock, a fan. Not the contactor in front of a car, which is
 * a charge point.
 *
 * What callers may rely on: it is without current from the moment it exists and after its board is closed, so a
 * normally closed contact is closed then; each call takes effect before it returns.
 */
import type { Result } from "#base/result.ts";
import type { GpioFault } from "./gpio-chip.ts";

export interface Relay {
  /** As last ordered, and taken by the chip. */
  readonly isClosed: boolean;
  close(): Result<void, GpioFault>;
  open(): Result<void, GpioFault>;
}
