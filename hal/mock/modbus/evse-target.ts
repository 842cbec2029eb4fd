/** The socket behind a simulated charge controller: who is plugged in, and how much current may flow. */
import type { ContactorState, PlugState } from "#hal/ports/charge-point.ts";

export interface EvseTarget {
  plugState(): PlugState;
  /** Of a socket that can weld; where it is absent the contactor follows. */
  contactor?(): ContactorState;
  /** Called at each change; 0 means that the contactor is open. */
  setPermittedCurrent(currentA: number): void;
}
