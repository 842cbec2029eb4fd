/** A program that closes a contactor and never lets go: the line is given on the command line. */
import { openGpioChip } from "#hal/linux/gpio/open-gpio-chip.ts";
import { SystemClock } from "#hal/linux/system-clock.ts";

const [label = "", line = ""] = process.argv.slice(2);
const chip = await openGpioChip(label, { clock: new SystemClock() });
const held = chip.ok ? chip.value.holdOutput({ line, isActive: true }) : chip;
console.log(held.ok ? "closed" : held.fault.code);
setInterval(() => undefined, 60_000);
