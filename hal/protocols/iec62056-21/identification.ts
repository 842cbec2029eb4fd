/** The line that a D0 or P1 meter begins with. IEC 62056-21, 6.3.2. */

export interface Identification {
  /** Three letters registered with the FLAG association. A small third one means that 20 ms of pause are enough. */
  readonly manufacturer: string;
  /** Tells the speed that the meter proposes, and with it the protocol mode. */
  readonly speed: string;
  /** Of an escape sequence `\W`: further abilities, such as 2 for HDLC. Null where there is none. */
  readonly ability: string | null;
  readonly meter: string;
}

/** Undefined for what is no such line; without its line end. */
export function readIdentification(line: string): Identification | undefined {
  const [, manufacturer, speed, abilities = "", meter = ""] = FORM.exec(line) ?? [];
  if (manufacturer === undefined || speed === undefined) return undefined;
  return { manufacturer, speed, ability: abilities.at(-1) ?? null, meter };
}

/** The standard allows 16 characters of name; P1 meters take more. */
const FORM = /^\/([A-Za-z]{3})([ -~])((?:\\[0-9@-~])*)([ -~]{0,96})$/;

export interface ProtocolMode {
  /** A: all at 300 baud. B: the meter changes the speed by itself. C: it does so when asked to. */
  readonly letter: "A" | "B" | "C";
  /** Of the data, as the meter proposes it. */
  readonly baud: number;
}

/** Mode and speed by the speed character, of a meter that was asked. One that pushes (mode D) sends `3` for 2400. */
export function protocolModeOf({ speed }: Identification): ProtocolMode {
  const inModeB = "ABCDEF".indexOf(speed);
  if (inModeB >= 0) return { letter: "B", baud: FASTER_BAUDS[inModeB] ?? INITIAL_BAUD };
  const inModeC = "0123456".indexOf(speed);
  if (inModeC === 0) return { letter: "C", baud: INITIAL_BAUD };
  if (inModeC > 0) return { letter: "C", baud: FASTER_BAUDS[inModeC - 1] ?? INITIAL_BAUD };
  return { letter: "A", baud: INITIAL_BAUD };
}

export const INITIAL_BAUD = 300;
const FASTER_BAUDS = [600, 1200, 2400, 4800, 9600, 19_200] as const;
