/** The GPIO contract on the chip in memory. On lines of a real kernel `npm run test:gpio` runs the same suite. */
import { MemoryGpio } from "#hal/mock/gpio/memory-gpio.ts";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import { gpioChipContract } from "./gpio-chip.ts";

gpioChipContract("memory", () => {
  const clock = new SimulatedClock();
  const gpio = new MemoryGpio({ clock, lines: ["", "GPIO17", "", "GPIO27"] });
  return {
    open: () => Promise.resolve(gpio.open()),
    named: { line: "GPIO17", offset: 1 },
    other: 3,
    lineCount: 4,
    drive: (offset, level) => {
      gpio.drive(offset, level);
    },
    level: (offset) => gpio.level(offset),
    pass: (durationMs) => clock.runFor(durationMs),
    dispose: () => {
      gpio.killHolders();
    },
  };
});
