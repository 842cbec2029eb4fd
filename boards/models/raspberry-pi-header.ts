/**
 * Lines of the 40-pin header, alike on all Raspberry Pi boards.
 *
 * From reset until somebody holds it, GPIO 0 to 8 of the BCM2835 family are pulled up, 9 to 27 down (BCM2835 ARM
 * Peripherals, table 6-31): the contactor hangs on one that is pulled down, and its relay board needs a pull-down of its
 * own, because between the release of a line and the next reset nothing promises its level.
 */
import type { BoardLine } from "../board.ts";

export const HEADER_LINES: readonly BoardLine[] = [
  {
    ...{ purpose: "contactor", line: "GPIO17", direction: "output" },
    ...{ activeLow: false, bias: "none", atPowerUp: "pull-down" },
  },
  {
    // A contact that is closed while the contactor is.
    ...{ purpose: "contactor-feedback", line: "GPIO27", direction: "input" },
    ...{ activeLow: true, bias: "pull-up", atPowerUp: "pull-down" },
  },
  {
    ...{ purpose: "status-lamp", line: "GPIO22", direction: "output" },
    ...{ activeLow: false, bias: "none", atPowerUp: "pull-down" },
  },
  {
    ...{ purpose: "attention-lamp", line: "GPIO23", direction: "output" },
    ...{ activeLow: false, bias: "none", atPowerUp: "pull-down" },
  },
  {
    ...{ purpose: "stop-button", line: "GPIO24", direction: "input" },
    ...{ activeLow: true, bias: "pull-up", atPowerUp: "pull-down" },
  },
  {
    // A closed contact to ground is the state of rest: pressed, torn off or unplugged, the line goes high and demands a
    // stop.
    ...{ purpose: "emergency-stop", line: "GPIO25", direction: "input" },
    ...{ activeLow: false, bias: "pull-up", atPowerUp: "pull-down" },
  },
];
