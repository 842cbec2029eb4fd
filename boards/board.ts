/**
 * What a board offers to a gateway, as data: GPIO lines with their purpose, serial lines, and what its owner must know.
 * The wiring picture, the preset of a configuration and `tallystick board` all come from here.
 */

export interface Board {
  /** As in a configuration: `rpi4b`. */
  readonly name: string;
  readonly title: string;
  /** How the kernel's device tree begins to name it, revision left out; absent where it has no such name. */
  readonly modelPrefix?: string;
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

export const LINE_PURPOSES = [
  "contactor",
  "contactor-feedback",
  "status-lamp",
  "attention-lamp",
  "stop-button",
  "emergency-stop",
  "plug-detection",
] as const;

export type LinePurpose = (typeof LINE_PURPOSES)[number];

export interface BoardLine {
  readonly purpose: LinePurpose;
  /** As people call it, such as `GPIO17`. Kernels name some lines otherwise: the chip is asked by `offset`. */
  readonly line: string;
  /** Place of the line on the chip. On a Raspberry Pi's header it is the number behind GPIO. */
  readonly offset: number;
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
  /** Lines of the header that it takes once it is set up. */
  readonly lines?: readonly string[];
}

/** Certainty as in the references: read in a source, or from memory and to be checked on the board. */
export interface BoardNote {
  readonly text: string;
  readonly certainty: "read" | "recall";
}

export const PURPOSES: Readonly<Record<LinePurpose, string>> = {
  contactor: "contactor relay",
  "contactor-feedback": "auxiliary contact of the contactor",
  "status-lamp": "status lamp, green",
  "attention-lamp": "attention lamp, red",
  "stop-button": "stop button",
  "emergency-stop": "emergency stop",
  "plug-detection": "plug detection",
};
