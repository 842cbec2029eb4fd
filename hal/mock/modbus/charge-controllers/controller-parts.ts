/** What every simulated charge controller stands on: its socket, its time, and what it has of them. */
import type { PlugState } from "#hal/ports/charge-point.ts";
import type { Cancel, Clock } from "#hal/ports/clock.ts";
import type { EvseTarget } from "../evse-target.ts";
import type { SimulatedUnit } from "../simulated-unit.ts";

export interface ControllerParts {
  readonly target: EvseTarget;
  readonly clock: Clock;
}

export interface SimulatedController extends SimulatedUnit {
  /** As after a power cut: what is not kept without power is as at the beginning. */
  restart(): void;
}

/** Letters of the control pilot; with a 2 where the station offers a current. */
export function pilotState(plug: PlugState, isOffering: boolean): string {
  const letter = { unplugged: "A", plugged: "B", charging: "C", fault: "F" }[plug];
  return letter === "F" ? "F" : `${letter}${isOffering ? 2 : 1}`;
}

/** Two characters in a register, the first one high. */
export function lettersWord(text: string): number {
  return (text.charCodeAt(0) << 8) | (text.length > 1 ? text.charCodeAt(1) : 0);
}

/** Runs out when nothing resets it for so long; 0 ms never does. */
export class ControllerWatchdog {
  readonly #clock: Clock;
  readonly #onSilence: () => void;
  #cancel: Cancel = () => undefined;

  constructor(clock: Clock, onSilence: () => void) {
    this.#clock = clock;
    this.#onSilence = onSilence;
  }

  reset(timeoutMs: number): void {
    this.#cancel();
    if (timeoutMs > 0) this.#cancel = this.#clock.wakeAt(this.#clock.monotonicMs() + timeoutMs, this.#onSilence);
  }
}
