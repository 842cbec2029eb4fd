/** The line of a device, as its table in the configuration says it. */
import { absentOr, anyText, oneOf, refuse, text, wholeNumber, withDefault, yesOrNo, type Reader } from "./shape.ts";

const BAUD_RATES = [300, 600, 1200, 2400, 4800, 9600, 19_200, 38_400, 57_600, 115_200];

export const baudRate: Reader<number> = (value, path) => {
  const rate = wholeNumber(300, 115_200)(value, path);
  return BAUD_RATES.includes(rate) ? rate : refuse(path, value, `one of ${BAUD_RATES.join(", ")}`);
};

/** Either a serial line or a TCP address: the rest is settings of the one that is used. */
export const lineKeys = {
  serial: absentOr(anyText),
  baud: withDefault(baudRate, 9600),
  parity: withDefault(oneOf("none", "even", "odd"), "none"),
  stop_bits: withDefault(wholeNumber(1, 2), 1),
  echo: withDefault(yesOrNo, false),
  host: absentOr(text("a host name or address", /^[A-Za-z0-9.:_-]{1,253}$/)),
  tcp_port: absentOr(wholeNumber(1, 65_535)),
};

export type Line =
  | {
      readonly kind: "serial";
      readonly path: string;
      readonly baudRate: number;
      readonly parity: "none" | "even" | "odd";
      readonly stopBits: 1 | 2;
      readonly echo: boolean;
    }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number };

/** Where it is: devices with the same place share a line, whatever else is said of it. */
export function linePlace(line: Line): string {
  return line.kind === "serial" ? line.path : `${line.host}:${line.port}`;
}

/** Refuses both kinds of line at once, and none. `at` is the table. */
export function lineOf(
  keys: { readonly [Key in keyof typeof lineKeys]: ReturnType<(typeof lineKeys)[Key]> },
  at: string,
): Line {
  const { serial, host } = keys;
  if (serial !== undefined && host !== undefined) return refuse(at, "serial and host", "one of the two");
  if (serial !== undefined) {
    const stopBits = keys.stop_bits === 2 ? 2 : 1;
    return { kind: "serial", path: serial, baudRate: keys.baud, parity: keys.parity, stopBits, echo: keys.echo };
  }
  if (host === undefined) return refuse(at, "no serial and no host", "serial = a device path, or host = an address");
  return { kind: "tcp", host, port: keys.tcp_port ?? refuse(`${at}.tcp_port`, undefined, "a port from 1 to 65535") };
}
