/** What `meter decode` has found at one place of a file, and how it is said. */
import type { TelegramValue } from "#hal/protocols/telegram.ts";

export interface Finding {
  /** Of the first byte, in the file; in a recording of hexadecimal frames, in those frames behind one another. */
  readonly offset: number;
  readonly lengthBytes: number;
  readonly problem?: { readonly code: string; readonly reason: string };
  readonly values: readonly TelegramValue[];
  /** What was asked, where a question belongs to it. */
  readonly exchange?: Exchange;
}

export interface Exchange {
  readonly unit: number;
  readonly function: number;
  readonly address: number;
  readonly quantity: number;
}

export function jsonLine({ offset, lengthBytes, problem, values, exchange }: Finding): string {
  const intact = problem === undefined;
  return JSON.stringify({
    offset,
    length: lengthBytes,
    intact,
    ...(problem === undefined ? {} : { problem: { code: problem.code, reason: problem.reason } }),
    ...(exchange === undefined ? {} : { exchange }),
    values: values.map(({ code, value, kind, unit }) => ({ code, value, kind, unit })),
  });
}

/** A heading, and a row for each value. */
export function tableLines({ offset, lengthBytes, problem, values, exchange }: Finding): readonly string[] {
  const verdict = problem === undefined ? "intact" : `${problem.code}: ${problem.reason}`;
  const question =
    exchange === undefined
      ? ""
      : `, unit ${exchange.unit} function ${exchange.function}: ${exchange.quantity} from ${exchange.address}`;
  const codeWidth = Math.max(0, ...values.map(({ code }) => code.length));
  const valueWidth = Math.min(VALUE_COLUMNS_MAX, Math.max(0, ...values.map(({ value }) => value.length)));
  return [
    `at ${offset}, ${lengthBytes} bytes${question}: ${verdict}`,
    ...values.map(({ code, value, kind, unit }) => {
      const shown = kind === "number" ? value.padStart(valueWidth) : value;
      return `  ${code.padEnd(codeWidth)}  ${shown} ${unit ?? ""}`.trimEnd();
    }),
  ];
}

/** A text message is not a reason to push all numbers off the screen. */
const VALUE_COLUMNS_MAX = 16;
