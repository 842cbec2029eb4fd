/** Raspberry Pi 5. */
import type { Board } from "../board.ts";
import { HEADER_LINES, USB_OBD, USB_RS485 } from "./raspberry-pi-header.ts";

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
    USB_RS485,
    {
      ...{ path: "/dev/ttyAMA0", carries: "uart" },
      how: "pins 8 and 10; config.txt: dtparam=uart0=on; /dev/ttyAMA10 is the small plug between the HDMI sockets",
      lines: ["GPIO14", "GPIO15"],
    },
    USB_OBD,
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
