/** A simulated chip of the kernel as the contract suites want it. */
import { type GpioChipOptions, openGpioChip } from "#hal/linux/gpio/open-gpio-chip.ts";
import { SystemClock } from "#hal/linux/system-clock.ts";
import type { GpioChip } from "#hal/ports/gpio-chip.ts";
import type { GpioChipFixture } from "../contract/gpio-chip.ts";
import { SimulatedChip } from "./simulated-chip.ts";

const LINES = 32;

export function simulatedFixture(options: Pick<GpioChipOptions, "inputs"> = {}): Omit<GpioChipFixture, "pass"> {
  const chip = new SimulatedChip({ label: "tallystick-test", lineCount: LINES, names: { 17: "GPIO17" } });
  return {
    open: () => openSimulated(chip.label, options),
    named: { line: "GPIO17", offset: 17 },
    other: 5,
    lineCount: LINES,
    drive: (offset, level) => {
      chip.drive(offset, level);
    },
    level: (offset) => chip.level(offset),
    dispose: () => {
      chip.dispose();
    },
  };
}

export async function openSimulated(label: string, options: Partial<GpioChipOptions> = {}): Promise<GpioChip> {
  const opened = await openGpioChip(label, { clock: new SystemClock(), ...options });
  if (!opened.ok) throw new Error(JSON.stringify(opened.fault));
  return opened.value;
}
