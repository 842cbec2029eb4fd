/**
 * A GPIO chip of this machine through the kernel's character device.
 *
 * Changes of inputs come as the kernel's own edge events, by the event loop; where a chip has no interrupts for a line,
 * it is looked at every 5 ms. A killed process loses its lines at once; what level they have then is up to the pin
 * controller, so a contactor needs a resistor that opens it.
 */
import { ok, type Result } from "#base/result.ts";
import type { GpioChip, GpioFault } from "#hal/ports/gpio-chip.ts";
import { findGpioChip } from "./find-gpio-chip.ts";
import { loadKernelCalls } from "./kernel-calls.ts";
import { KernelGpioChip, type KernelGpioChipOptions } from "./kernel-gpio-chip.ts";

export interface GpioChipOptions extends KernelGpioChipOptions {
  /** Where the devices are; the default is /dev. */
  readonly deviceFolder?: string;
}

/**
 * Opens the chip with this label, or with this name such as `gpiochip2`.
 *
 * @returns GPIO_CHIP_MISSING with the labels that exist, GPIO_DENIED, GPIO_BINDING_MISSING without koffi, GPIO_FAILED.
 */
export async function openGpioChip(label: string, options: GpioChipOptions): Promise<Result<GpioChip, GpioFault>> {
  const calls = await loadKernelCalls();
  if (!calls.ok) return calls;
  const found = findGpioChip(calls.value, options.deviceFolder ?? "/dev", label);
  return found.ok ? ok(new KernelGpioChip(calls.value, found.value, options)) : found;
}
