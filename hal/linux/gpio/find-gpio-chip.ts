/** Finds the device of a GPIO chip by what the kernel calls it. */
import { closeSync, constants, openSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fail, ok, type Result } from "#base/result.ts";
import type { GpioFault } from "#hal/ports/gpio-chip.ts";
import { type ChipInfo, chipInfoBuffer, decodeChipInfo, GPIO_CALLS } from "./gpio-abi.ts";
import type { KernelCalls } from "./kernel-calls.ts";

export interface FoundChip {
  readonly descriptor: number;
  readonly info: ChipInfo;
}

/**
 * Opens the chip with this label, or with this name such as `gpiochip2` where no label tells two apart.
 *
 * @returns GPIO_CHIP_MISSING with the labels that exist; GPIO_DENIED if the chip may be one that this user may not
 * open; GPIO_FAILED if two chips have the label, because a contactor must not be switched on the wrong one.
 */
export function findGpioChip(calls: KernelCalls, folder: string, label: string): Result<FoundChip, GpioFault> {
  const denied: string[] = [];
  const open: FoundChip[] = [];
  for (const path of devicesIn(folder)) {
    const chip = openDevice(calls, path);
    if (chip === "denied") denied.push(path);
    // An old name of a chip may be left as a link to its device: the same chip twice is one.
    else if (chip !== undefined && open.some(({ info }) => info.name === chip.info.name)) closeSync(chip.descriptor);
    else if (chip !== undefined) open.push(chip);
  }
  const labelled = open.filter(({ info }) => info.label === label);
  const matching = labelled.length > 0 ? labelled : open.filter(({ info }) => info.name === label);
  const [found] = matching;
  const chosen = matching.length === 1 ? found : undefined;
  for (const chip of open) if (chip !== chosen) closeSync(chip.descriptor);
  if (chosen !== undefined) return ok(chosen);
  if (matching.length > 1) {
    const names = matching.map(({ info }) => info.name).join(" and ");
    return fail({
      code: "GPIO_FAILED",
      reason: `${names} are both labelled ${label}: give one of these names instead`,
    });
  }
  const [path] = denied;
  if (path !== undefined) return fail({ code: "GPIO_DENIED", path });
  return fail({ code: "GPIO_CHIP_MISSING", label, found: open.map(({ info }) => info.label) });
}

function devicesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => /^gpiochip\d+$/.test(name))
      .map((name) => join(folder, name));
  } catch {
    return [];
  }
}

/** Undefined for what is no GPIO chip, or no longer there. */
function openDevice(calls: KernelCalls, path: string): FoundChip | "denied" | undefined {
  let descriptor: number;
  try {
    // Without O_NONBLOCK a pipe of that name would stop the program here.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    return code === "EACCES" || code === "EPERM" ? "denied" : undefined;
  }
  const bytes = chipInfoBuffer();
  if (calls.ioctl(descriptor, GPIO_CALLS.GPIO_GET_CHIPINFO_IOCTL, bytes) === 0) {
    return { descriptor, info: decodeChipInfo(bytes) };
  }
  closeSync(descriptor);
  return undefined;
}
