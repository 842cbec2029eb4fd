/** Finds a line of a chip by its name on the board or by its offset. */
import { fail, ok, type Result } from "#base/result.ts";
import type { GpioFault } from "#hal/ports/gpio-chip.ts";
import type { FoundChip } from "./find-gpio-chip.ts";
import { decodeLineInfo, encodeLineInfoQuestion, GPIO_CALLS, type LineInfo } from "./gpio-abi.ts";
import type { KernelCalls } from "./kernel-calls.ts";

/** @returns the offset, or GPIO_LINE_MISSING; GPIO_FAILED if two lines have the name, which happens on expanders. */
export function findLine(calls: KernelCalls, chip: FoundChip, line: string | number): Result<number, GpioFault> {
  const { label, lineCount } = chip.info;
  const isMissing = fail({ code: "GPIO_LINE_MISSING", label, line } as const);
  if (typeof line === "number") return Number.isInteger(line) && line >= 0 && line < lineCount ? ok(line) : isMissing;
  const offsets: number[] = [];
  for (let offset = 0; offset < lineCount; offset += 1) {
    if (line !== "" && readLineInfo(calls, chip, offset)?.name === line) offsets.push(offset);
  }
  if (offsets.length > 1) {
    const reason = `lines ${offsets.join(" and ")} of ${label} are both named ${line}: give the number instead`;
    return fail({ code: "GPIO_FAILED", reason });
  }
  const [offset] = offsets;
  return offset === undefined ? isMissing : ok(offset);
}

/** Undefined when the chip has gone. */
export function readLineInfo(calls: KernelCalls, chip: FoundChip, offset: number): LineInfo | undefined {
  const bytes = encodeLineInfoQuestion(offset);
  const failure = calls.ioctl(chip.descriptor, GPIO_CALLS.GPIO_V2_GET_LINEINFO_IOCTL, bytes);
  return failure === 0 ? decodeLineInfo(bytes) : undefined;
}
