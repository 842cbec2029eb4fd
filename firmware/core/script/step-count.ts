/** Counts what an evaluation does, and ends it when the budget is used up. */
import { TRAPPED } from "./trap.ts";

export class StepCount {
  #left: number;
  #taken = 0;

  constructor(budget: number) {
    this.#left = budget;
  }

  get taken(): number {
    return this.#taken;
  }

  /** @throws Trapped when there are not so many left; nothing is done then that was not paid for. */
  count(steps: number): void {
    if (steps > this.#left) throw TRAPPED.SCRIPT_OUT_OF_STEPS;
    this.#left -= steps;
    this.#taken += steps;
  }
}
