/** The 40-pin header of all Raspberry Pi boards: which line is at which pin, and what a pin does at power-up. */

export interface HeaderLine {
  /** Such as `GPIO17`. */
  readonly line: string;
  readonly offset: number;
  readonly pin: number;
  readonly atPowerUp: "pull-up" | "pull-down";
}

/** Pins by the name of their line. GPIO0 and GPIO1 are for the board that is plugged on top, and are not offered. */
export const HEADER_PINS: Readonly<Record<string, number>> = {
  ...{ GPIO2: 3, GPIO3: 5, GPIO4: 7, GPIO14: 8, GPIO15: 10, GPIO17: 11, GPIO18: 12, GPIO27: 13, GPIO22: 15 },
  ...{ GPIO23: 16, GPIO24: 18, GPIO10: 19, GPIO9: 21, GPIO25: 22, GPIO11: 23, GPIO8: 24, GPIO7: 26, GPIO5: 29 },
  ...{ GPIO6: 31, GPIO12: 32, GPIO13: 33, GPIO19: 35, GPIO16: 36, GPIO26: 37, GPIO20: 38, GPIO21: 40 },
};

/** Pins that carry no line. */
export const SUPPLY_PINS: Readonly<Record<number, "3V3" | "5V" | "GND" | "ID">> = {
  ...{ 1: "3V3", 17: "3V3", 2: "5V", 4: "5V", 27: "ID", 28: "ID" },
  ...{ 6: "GND", 9: "GND", 14: "GND", 20: "GND", 25: "GND", 30: "GND", 34: "GND", 39: "GND" },
};

/** How many lines of the chip belong to the header: GPIO0 to GPIO27. */
export const HEADER_LINE_COUNT = 28;

/** From reset on, lines 0 to 8 are pulled up and 9 to 27 down: BCM2835 ARM Peripherals, table 6-31. */
const LAST_PULLED_UP = 8;

/** In the order of their numbers. */
export const HEADER_LINE_NAMES: readonly string[] = Object.keys(HEADER_PINS).sort(
  (left, right) => offsetOf(left) - offsetOf(right),
);

/** Undefined for a name that is not on the header. */
export function headerLine(line: string): HeaderLine | undefined {
  const pin = Object.hasOwn(HEADER_PINS, line) ? HEADER_PINS[line] : undefined;
  if (pin === undefined) return undefined;
  const offset = offsetOf(line);
  return { line, offset, pin, atPowerUp: offset <= LAST_PULLED_UP ? "pull-up" : "pull-down" };
}

function offsetOf(line: string): number {
  return Number(line.slice("GPIO".length));
}
