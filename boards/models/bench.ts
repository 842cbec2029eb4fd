/** A laptop: the lines are in memory, and what hangs on them is simulated. */
import type { Board } from "../board.ts";
import { HEADER_LINES } from "./raspberry-pi-header.ts";

export const bench: Board = {
  name: "bench",
  title: "any computer, with simulated hardware",
  served: "bench",
  memoryMb: 0,
  gpioChip: "memory",
  header: "none",
  lines: HEADER_LINES,
  serialPorts: [],
  notes: [{ text: "`tallystick bench` makes the serial lines it needs", certainty: "read" }],
};
