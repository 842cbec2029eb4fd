/** One line as the kernel has lent it to us: a descriptor, its value, and what a failed call means. */
import { closeSync } from "node:fs";
import { constants } from "node:os";
import { getSystemErrorMap } from "node:util";
import { assert } from "#base/assert.ts";
import { fail, ok, type Result } from "#base/result.ts";
import type { GpioFault } from "#hal/ports/gpio-chip.ts";
import type { FoundChip } from "./find-gpio-chip.ts";
import { findLine, readLineInfo } from "./find-line.ts";
import {
  decodeLineDescriptor,
  decodeLineValue,
  encodeLineRequest,
  encodeLineValue,
  GPIO_CALLS,
  LINE_FLAGS,
} from "./gpio-abi.ts";
import type { KernelCalls } from "./kernel-calls.ts";

export interface LineWish {
  readonly line: string | number;
  readonly activeLow?: true;
  /** Direction, bias and edges. */
  readonly flags: number;
  /** First meaning of an output. */
  readonly isActive?: boolean;
}

export class HeldLine {
  readonly descriptor: number;
  readonly #calls: KernelCalls;
  #isReleased = false;

  constructor(calls: KernelCalls, descriptor: number) {
    this.#calls = calls;
    this.descriptor = descriptor;
  }

  get isReleased(): boolean {
    return this.#isReleased;
  }

  read(): Result<boolean, GpioFault> {
    const bytes = encodeLineValue(false);
    const done = this.#call(GPIO_CALLS.GPIO_V2_LINE_GET_VALUES_IOCTL, bytes);
    return done.ok ? ok(decodeLineValue(bytes)) : done;
  }

  write(isActive: boolean): Result<void, GpioFault> {
    return this.#call(GPIO_CALLS.GPIO_V2_LINE_SET_VALUES_IOCTL, encodeLineValue(isActive));
  }

  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    closeSync(this.descriptor);
  }

  #call(call: number, bytes: Uint8Array): Result<void, GpioFault> {
    if (this.#isReleased) return fail({ code: "GPIO_CLOSED" });
    const errno = this.#calls.ioctl(this.descriptor, call, bytes);
    return errno === 0 ? ok(undefined) : fail(refusal(errno));
  }
}

/** Under this name other programs see who holds the line. */
const CONSUMER = "tallystick";

/** @returns GPIO_LINE_MISSING, GPIO_LINE_BUSY with its holder, or GPIO_FAILED with the kernel's reason. */
export function requestLine(calls: KernelCalls, chip: FoundChip, wish: LineWish): Result<HeldLine, GpioFault> {
  const found = findLine(calls, chip, wish.line);
  if (!found.ok) return found;
  const offset = found.value;
  const polarity = wish.activeLow === true ? LINE_FLAGS.GPIO_V2_LINE_FLAG_ACTIVE_LOW : 0;
  const bytes = encodeLineRequest({
    offset,
    consumer: CONSUMER,
    flags: wish.flags | polarity,
    ...(wish.isActive === undefined ? {} : { isActive: wish.isActive }),
  });
  const errno = calls.ioctl(chip.descriptor, GPIO_CALLS.GPIO_V2_GET_LINE_IOCTL, bytes);
  if (errno === constants.errno.EBUSY) {
    const holder = readLineInfo(calls, chip, offset)?.consumer ?? "";
    return fail({ code: "GPIO_LINE_BUSY", line: wish.line, ...(holder === "" ? {} : { holder }) });
  }
  if (errno !== 0) return fail(refusal(errno));
  const descriptor = decodeLineDescriptor(bytes);
  assert(descriptor > 2, "the kernel gives a descriptor for a line");
  return ok(new HeldLine(calls, descriptor));
}

/** What the numbers mean on this device, where the usual sentence would mislead. */
const MEANINGS: Readonly<Record<number, string>> = {
  [constants.errno.ENODEV]: "the chip has gone, or cannot do this",
  [constants.errno.ENOTTY]: "the kernel is older than 5.10 and does not know this call",
  [constants.errno.EINVAL]: "the kernel does not know this setting",
  [constants.errno.EIO]: "the line serves as an interrupt of a driver",
  524: "the chip cannot do this",
};

function refusal(errno: number): GpioFault {
  const [name, sentence] = getSystemErrorMap().get(-errno) ?? [`error ${errno}`, "unknown"];
  return { code: "GPIO_FAILED", reason: `${MEANINGS[errno] ?? sentence} (${name})` };
}
