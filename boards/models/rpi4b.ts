/** Raspberry Pi 4 Model B. */
import type { Board } from "../board.ts";
import { HEADER_LINES, USB_OBD, USB_RS485 } from "./raspberry-pi-header.ts";

export const rpi4b: Board = {
  name: "rpi4b",
  title: "Raspberry Pi 4 Model B",
  modelPrefix: "Raspberry Pi 4 Model B",
  served: "image",
  memoryMb: 1024,
  gpioChip: "pinctrl-bcm2711",
  header: "raspberry-pi-40",
  lines: HEADER_LINES,
  serialPorts: [
    USB_RS485,
    {
      ...{ path: "/dev/ttyAMA0", carries: "uart" },
      how: "pins 8 and 10; config.txt: enable_uart=1 and dtoverlay=disable-bt, else Bluetooth has it",
      lines: ["GPIO14", "GPIO15"],
    },
    {
      ...{ path: "/dev/ttyAMA3", carries: "uart" },
      how: "pins 7 and 29 (GPIO4, GPIO5); config.txt: dtoverlay=uart3; the number follows the order of the overlays",
      lines: ["GPIO4", "GPIO5"],
    },
    USB_OBD,
  ],
  notes: [
    { text: "Debian's kernel and U-Boot start it", certainty: "read" },
    { text: "The four further PL011 lines come by overlays uart2 to uart5", certainty: "recall" },
  ],
};
