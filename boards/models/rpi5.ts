/** Raspberry Pi 5. */
import type { Board } from "../board.ts";
import { HEADER_LINES } from "./raspberry-pi-header.ts";

export const rpi5: Board = {
  name: "rpi5",
  title: "Raspberry Pi 5",
  modelPrefix: "Raspberry Pi 5 Model B",
  served: "package",
  memoryMb: 2048,
  // The header hangs on the RP1, a chip of its own.
  gpioChip: "pinctrl-rp1",
  header: "raspberry-pi-40",
  lines: HEADER_LINES,
  serialPorts: [
    {
      ...{ path: "/dev/serial/by-id/usb-…", carries: "rs485" },
      how: "USB adapter for RS-485, isolated; the name under by-id stays the same when others are plugged in",
    },
    {
      ...{ path: "/dev/ttyAMA0", carries: "uart" },
      how: "pins 8 and 10; config.txt: dtparam=uart0=on; /dev/ttyAMA10 is the small plug between the HDMI sockets",
      lines: ["GPIO14", "GPIO15"],
    },
    {
      ...{ path: "/dev/serial/by-id/usb-…", carries: "obd" },
      how: "USB adapter in the diagnostic socket, ELM327 or STN; the one of a vehicle gateway",
    },
  ],
  notes: [
    {
      text: "Debian's kernel 6.12 has no driver for its RP1: only the package on Raspberry Pi OS serves it",
      certainty: "read",
    },
    {
      text: "The number of the header's chip changed between kernels; it is looked up by its label",
      certainty: "read",
    },
    { text: "The RP1's pins start with the same pulls as the older chips", certainty: "recall" },
  ],
};
