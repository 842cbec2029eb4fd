/** Raspberry Pi 3 Model B+. */
import type { Board } from "../board.ts";
import { HEADER_LINES, USB_OBD, USB_RS485 } from "./raspberry-pi-header.ts";

export const rpi3bPlus: Board = {
  name: "rpi3b-plus",
  title: "Raspberry Pi 3 Model B+",
  modelPrefix: "Raspberry Pi 3 Model B Plus",
  served: "image",
  memoryMb: 1024,
  gpioChip: "pinctrl-bcm2835",
  header: "raspberry-pi-40",
  lines: HEADER_LINES,
  serialPorts: [
    USB_RS485,
    {
      ...{ path: "/dev/ttyAMA0", carries: "uart" },
      how: "pins 8 and 10; config.txt: enable_uart=1 and dtoverlay=disable-bt, else its speed follows the core",
      lines: ["GPIO14", "GPIO15"],
    },
    USB_OBD,
  ],
  notes: [
    { text: "Debian's kernel and U-Boot start it; its image was booted in QEMU as raspi3b", certainty: "read" },
    {
      text: "USB and Ethernet share one bus: a full line of RS-485 is far below what that carries",
      certainty: "recall",
    },
  ],
};
