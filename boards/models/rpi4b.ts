/** Raspberry Pi 4 Model B. */
import type { Board } from "../board.ts";
import { HEADER_LINES } from "./raspberry-pi-header.ts";

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
    {
      ...{ path: "/dev/serial/by-id/usb-…", carries: "rs485" },
      how: "USB adapter for RS-485, isolated; the name under by-id stays the same when others are plugged in",
    },
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
    {
      ...{ path: "/dev/serial/by-id/usb-…", carries: "obd" },
      how: "USB adapter in the diagnostic socket, ELM327 or STN; the one of a vehicle gateway",
    },
  ],
  notes: [
    { text: "Debian's kernel and U-Boot start it", certainty: "read" },
    { text: "The four further PL011 lines come by overlays uart2 to uart5", certainty: "recall" },
  ],
};
