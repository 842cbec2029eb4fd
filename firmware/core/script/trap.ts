/** Why an evaluation ended without a value. A trap is the program's own: every node finds the same one. */
export type TrapCode =
  /** A result outside -2^63 … 2^63-1. */
  | "SCRIPT_OVERFLOW"
  | "SCRIPT_DIVISION_BY_ZERO"
  /** An operator met a value that it has no meaning for; a program that was checked never does. */
  | "SCRIPT_WRONG_TYPE"
  /** An index below 0 or behind the end of a list. */
  | "SCRIPT_NO_SUCH_ITEM"
  /** A text that is no number, or no truth. */
  | "SCRIPT_NOT_CONVERTIBLE"
  /** A text or list longer than any may be. */
  | "SCRIPT_TOO_LONG"
  /** More steps than the budget: the one trap that nothing absorbs. */
  | "SCRIPT_OUT_OF_STEPS";

export interface Trap {
  readonly code: TrapCode;
}

/** Carries a trap up the tree. It never leaves `evaluate`. */
export class Trapped extends Error {
  readonly trap: Trap;

  constructor(code: TrapCode) {
    super(code);
    this.trap = { code };
  }
}

/**
 * One of each, made once: a hostile program can trap at every step, and an error that looks at the stack each time
 * would make those steps dear.
 */
export const TRAPPED: Readonly<Record<TrapCode, Trapped>> = {
  SCRIPT_OVERFLOW: new Trapped("SCRIPT_OVERFLOW"),
  SCRIPT_DIVISION_BY_ZERO: new Trapped("SCRIPT_DIVISION_BY_ZERO"),
  SCRIPT_WRONG_TYPE: new Trapped("SCRIPT_WRONG_TYPE"),
  SCRIPT_NO_SUCH_ITEM: new Trapped("SCRIPT_NO_SUCH_ITEM"),
  SCRIPT_NOT_CONVERTIBLE: new Trapped("SCRIPT_NOT_CONVERTIBLE"),
  SCRIPT_TOO_LONG: new Trapped("SCRIPT_TOO_LONG"),
  SCRIPT_OUT_OF_STEPS: new Trapped("SCRIPT_OUT_OF_STEPS"),
};
