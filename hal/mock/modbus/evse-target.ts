/** The socket behind a simulated charge controller: who is plugged in, and how much current may flow. */
import type { PlugState } from "#hal/ports/charge-point.ts";

export interface EvseTarget {
  plugState(): PlugState;
  /** Called at each change; 0 means that the contactor is open. */
  setPermittedCurrent(currentA: number): void;
}
