/**
 * Relays, lamps and buttons on the chip in memory. `npm run test:gpio` runs the same suite on a real kernel's lines.
 */
import { SystemClock } from "#hal/linux/system-clock.ts";
import { MemoryGpio } from "#hal/mock/gpio/memory-gpio.ts";
import { gpioBoardContract } from "./gpio-board.ts";

gpioBoardContract("memory", () => {
  const gpio = new MemoryGpio({ clock: new SystemClock(), lines: ["", "GPIO17", "", "GPIO27"] });
  return {
    open: () => Promise.resolve(gpio.open()),
    named: { line: "GPIO17", offset: 1 },
    other: 3,
    drive: (offset, level) => {
      gpio.drive(offset, level);
    },
    level: (offset) => gpio.level(offset),
    dispose: () => {
      gpio.killHolders();
    },
  };
});
