/** Compute Module 4 on a carrier for the DIN rail with its own RS-485 drivers. */
import type { Board } from "../board.ts";
import { HEADER_LINES } from "./raspberry-pi-header.ts";

export const cm4Din: Board = {
  name: "cm4-din",
  title: "Compute Module 4 on a DIN-rail carrier with RS-485",
  modelPrefix: "Raspberry Pi Compute Module 4",
  served: "image",
  memoryMb: 1024,
  gpioChip: "pinctrl-bcm2711",
  header: "raspberry-pi-40",
  lines: HEADER_LINES,
  serialPorts: [
    {
      ...{ path: "/dev/ttyAMA3", carries: "rs485" },
      how: "terminals A, B and GND of the carrier; UART, overlay and who turns the direction: see its manual",
    },
    {
      ...{ path: "/dev/ttyAMA5", carries: "rs485" },
      how: "second pair of terminals, where the carrier has one",
    },
  ],
  notes: [
    { text: "Supplied with 12 or 24 V from the rail, with eMMC in place of a card", certainty: "recall" },
    {
      text: "Carriers differ in the lines that they keep for themselves: hold their list against the pins named here",
      certainty: "recall",
    },
  ],
};
