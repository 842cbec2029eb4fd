/**
 * Lines of a GPIO chip: relays, lamps, buttons, feedback contacts.
 *
 * What callers may rely on: a line is held by one owner at a time; an output has its first level from the moment it is
 * held, without a glitch; `isActive` speaks of meaning, `activeLow` turns it into volts; `onChange` tells every lasting
 * change in order, beginning from the level at the time of asking, and never within the call that asks for the line;
 * after `release` of a line or `close` of its chip nothing is called any more, and an output that is let go is put to
 * inactive first. What level a line has that nobody holds is the board's affair: whatever must not move then has a
 * resistor. A chip that goes away is told by the next `set` or `isActive`, not by `onChange`.
 */
import type { Result } from "#base/result.ts";

export interface GpioChip {
  /** What the kernel calls it, such as `pinctrl-bcm2711`: numbers of chips change between kernels, labels do not. */
  readonly label: string;
  holdOutput(request: OutputRequest): Result<OutputLine, GpioFault>;
  holdInput(request: InputRequest, onChange: (isActive: boolean) => void): Result<InputLine, GpioFault>;
  close(): void;
}

export interface LineRequest {
  /** Its name on the board, such as `GPIO17`, or its offset on the chip. */
  readonly line: string | number;
  readonly activeLow?: true;
}

export interface OutputRequest extends LineRequest {
  readonly isActive: boolean;
}

export interface InputRequest extends LineRequest {
  readonly bias: "pull-up" | "pull-down" | "none";
  /** A level counts when it has lasted this long; bounds how late `onChange` may come, too. */
  readonly debounceMs: number;
}

export interface OutputLine {
  set(isActive: boolean): Result<void, GpioFault>;
  release(): void;
}

export interface InputLine {
  /** The level of this moment, also one that has not lasted yet. */
  isActive(): Result<boolean, GpioFault>;
  release(): void;
}

export type GpioFault =
  | { readonly code: "GPIO_CHIP_MISSING"; readonly label: string; readonly found: readonly string[] }
  | { readonly code: "GPIO_DENIED"; readonly path: string }
  /** What calls the kernel is not installed, or not made for this machine. */
  | { readonly code: "GPIO_BINDING_MISSING"; readonly reason: string }
  | { readonly code: "GPIO_LINE_MISSING"; readonly label: string; readonly line: string | number }
  /** Another program or another part of this one holds it; `holder` is what it calls itself, when that is known. */
  | { readonly code: "GPIO_LINE_BUSY"; readonly line: string | number; readonly holder?: string }
  | { readonly code: "GPIO_CLOSED" }
  | { readonly code: "GPIO_FAILED"; readonly reason: string };
