/** Raspberry Pi Zero 2 W. */
import type { Board } from "../board.ts";
import { HEADER_LINES } from "./raspberry-pi-header.ts";

export const rpiZero2w: Board = {
  name: "rpi-zero2w",
  title: "Raspberry Pi Zero 2 W",
  modelPrefix: "Raspberry Pi Zero 2 W",
  served: "image",
  memoryMb: 512,
  gpioChip: "pinctrl-bcm2835",
  header: "raspberry-pi-40",
  lines: HEADER_LINES,
  serialPorts: [
    {
      ...{ path: "/dev/serial/by-id/usb-…", carries: "rs485" },
      how: "USB adapter for RS-485 on the inner of the two sockets, with an OTG cable",
    },
    {
      ...{ path: "/dev/rfcomm0", carries: "obd" },
      how: "Bluetooth adapter in the diagnostic socket, bound with rfcomm; the one of a vehicle gateway",
    },
    {
      ...{ path: "/dev/ttyAMA0", carries: "uart" },
      how: "pins 8 and 10; config.txt: enable_uart=1 and dtoverlay=disable-bt, which ends Bluetooth",
      lines: ["GPIO14", "GPIO15"],
    },
  ],
  notes: [
    { text: "512 MB: the least that a gateway is built for", certainty: "read" },
    { text: "The header may come without pins: have them soldered before it goes into a cabinet", certainty: "recall" },
  ],
};
