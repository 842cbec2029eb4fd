/**
 * What a board offers to a gateway, as data: GPIO lines with their purpose, serial lines, and what its owner must know.
 * The wiring picture, the preset of a configuration and `tallystick board` all come from here.
 */

export interface Board {
  /** As in a configuration: `rpi4b`. */
  readonly name: string;
  readonly title: string;
  /** How far it is served: an image to flash, the Debian package on a system that is there, or a laptop. */
  readonly served: "image" | "package" | "bench";
  readonly memoryMb: number;
  /** What the kernel calls the chip of the header's lines; `memory` is the simulated one. */
  readonly gpioChip: string;
  readonly header: "raspberry-pi-40" | "none";
  readonly lines: readonly BoardLine[];
  readonly serialPorts: readonly SerialPort[];
  readonly notes: readonly BoardNote[];
}

export type LinePurpose =
  | "contactor"
  | "contactor-feedback"
  | "status-lamp"
  | "attention-lamp"
  | "stop-button"
  | "emergency-stop"
  | "plug-detection";

export interface BoardLine {
  readonly purpose: LinePurpose;
  /** Name of the line on the chip. */
  readonly line: string;
  readonly direction: "output" | "input";
  /** Active means what the purpose says: contactor closed, lamp lit, button pressed, stop demanded. */
  readonly activeLow: boolean;
  /** What the gateway asks of an input. */
  readonly bias: "pull-up" | "pull-down" | "none";
  /** What the pin does from power-up until the gateway holds it. */
  readonly atPowerUp: "pull-up" | "pull-down" | "none";
}

export interface SerialPort {
  readonly path: string;
  readonly carries: "rs485" | "uart" | "obd";
  /** What has to be set, plugged or known for it. */
  readonly how: string;
}

/** Certainty as in the references: read in a source, or from memory and to be checked on the board. */
export interface BoardNote {
  readonly text: string;
  readonly certainty: "read" | "recall";
}

/** Pins of the 40-pin header by the name of their line. */
export const HEADER_PINS: Readonly<Record<string, number>> = {
  ...{ GPIO2: 3, GPIO3: 5, GPIO4: 7, GPIO14: 8, GPIO15: 10, GPIO17: 11, GPIO18: 12, GPIO27: 13, GPIO22: 15 },
  ...{ GPIO23: 16, GPIO24: 18, GPIO10: 19, GPIO9: 21, GPIO25: 22, GPIO11: 23, GPIO8: 24, GPIO7: 26, GPIO5: 29 },
  ...{ GPIO6: 31, GPIO12: 32, GPIO13: 33, GPIO19: 35, GPIO16: 36, GPIO26: 37, GPIO20: 38, GPIO21: 40 },
};

/** Pins of the header that carry no line. */
export const SUPPLY_PINS: Readonly<Record<number, "3V3" | "5V" | "GND" | "ID">> = {
  ...{ 1: "3V3", 17: "3V3", 2: "5V", 4: "5V", 27: "ID", 28: "ID" },
  ...{ 6: "GND", 9: "GND", 14: "GND", 20: "GND", 25: "GND", 30: "GND", 34: "GND", 39: "GND" },
};

export const PURPOSES: Readonly<Record<LinePurpose, string>> = {
  contactor: "contactor relay",
  "contactor-feedback": "auxiliary contact of the contactor",
  "status-lamp": "status lamp, green",
  "attention-lamp": "attention lamp, red",
  "stop-button": "stop button",
  "emergency-stop": "emergency stop",
  "plug-detection": "plug detection",
};
