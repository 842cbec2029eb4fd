/**
 * What hangs on the lines of the 40-pin header, alike on all Raspberry Pi boards.
 *
 * The contactor hangs on a line that is pulled down from reset on, and its relay board needs a pull-down of its own:
 * between the release of a line and the next reset nothing promises its level.
 */
import type { BoardLine, SerialPort } from "../board.ts";

export const HEADER_LINES: readonly BoardLine[] = [
  {
    ...{ purpose: "contactor", line: "GPIO17", offset: 17, direction: "output" },
    ...{ activeLow: false, bias: "none", atPowerUp: "pull-down" },
  },
  {
    // A contact that is closed while the contactor is.
    ...{ purpose: "contactor-feedback", line: "GPIO27", offset: 27, direction: "input" },
    ...{ activeLow: true, bias: "pull-up", atPowerUp: "pull-down" },
  },
  {
    ...{ purpose: "status-lamp", line: "GPIO22", offset: 22, direction: "output" },
    ...{ activeLow: false, bias: "none", atPowerUp: "pull-down" },
  },
  {
    ...{ purpose: "attention-lamp", line: "GPIO23", offset: 23, direction: "output" },
    ...{ activeLow: false, bias: "none", atPowerUp: "pull-down" },
  },
  {
    ...{ purpose: "stop-button", line: "GPIO24", offset: 24, direction: "input" },
    ...{ activeLow: true, bias: "pull-up", atPowerUp: "pull-down" },
  },
  {
    // A closed contact to ground is the state of rest: pressed, torn off or unplugged, the line goes high and demands a
    // stop.
    ...{ purpose: "emergency-stop", line: "GPIO25", offset: 25, direction: "input" },
    ...{ activeLow: false, bias: "pull-up", atPowerUp: "pull-down" },
  },
];

/** Adapters at a USB socket, alike on all boards that have one of full size. */
export const USB_RS485: SerialPort = {
  ...{ path: "/dev/serial/by-id/usb-…", carries: "rs485" },
  how: "USB adapter for RS-485, isolated; the name under by-id stays the same when others are plugged in",
};

export const USB_OBD: SerialPort = {
  ...{ path: "/dev/serial/by-id/usb-…", carries: "obd" },
  how: "USB adapter in the diagnostic socket, ELM327 or STN; the one of a vehicle gateway",
};
