/** What a simulated chip and the programs that hold its lines say to each other: one JSON object a line. */
import type { LineRequest } from "#hal/ports/gpio-chip.ts";

/** From a program to the chip. `hold` is the program's own number of a line that it holds. */
export type ToChip =
  | { readonly kind: "hello"; readonly consumer: string }
  | ({ readonly kind: "output"; readonly hold: number; readonly isActive: boolean } & LineRequest)
  | ({ readonly kind: "input"; readonly hold: number; readonly bias: "pull-up" | "pull-down" | "none" } & LineRequest)
  | { readonly kind: "set"; readonly hold: number; readonly isActive: boolean }
  | { readonly kind: "release"; readonly hold: number };

/** From the chip to a program. */
export type FromChip =
  /** Once, before anything can be held: who holds what, by offset, and how each line would be read. */
  | { readonly kind: "lines"; readonly label: string; readonly lines: readonly LineNews[] }
  | { readonly kind: "holder"; readonly offset: number; readonly holder: string | null }
  | { readonly kind: "level"; readonly hold: number; readonly isActive: boolean }
  /** Two programs wanted a line at the same moment, and the other one has it. */
  | { readonly kind: "refused"; readonly hold: number };

export interface LineNews {
  readonly name: string;
  readonly holder: string | null;
  /** Volts with no pull. */
  readonly level: 0 | 1;
}

/** A line that is longer is no message. */
export const GPIO_MESSAGE_BYTES_MAX = 64 * 1024;

export function encodeGpioMessage(message: ToChip | FromChip): string {
  return `${JSON.stringify(message)}\n`;
}

/** Undefined for what is no message; both ends are of one build, so its fields are believed. */
export function decodeGpioMessage<Message extends ToChip | FromChip>(
  line: string,
  kinds: readonly Message["kind"][],
): Message | undefined {
  try {
    const value: unknown = JSON.parse(line);
    const isMessage =
      typeof value === "object" && value !== null && "kind" in value && kinds.some((kind) => kind === value.kind);
    return isMessage ? (value as Message) : undefined;
  } catch {
    return undefined;
  }
}
