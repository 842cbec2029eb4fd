/**
 * The way to the car, as the table of a vehicle says it: an adapter on a serial line or in the network, or a CAN bus.
 */
import { type Line, lineKeys, lineOf } from "./line-config.ts";
import { absentOr, refuse, text, type Reader } from "./shape.ts";

/** The speed is found by asking the adapter each time the line is opened. */
export const AUTOMATIC_BAUD = "auto";

/** Adapters are sold with higher speeds than meters. */
const ADAPTER_BAUD_MAX = 2_000_000;

const adapterBaud: Reader<number | typeof AUTOMATIC_BAUD> = (value, path) => {
  if (value === undefined || value === AUTOMATIC_BAUD) return AUTOMATIC_BAUD;
  const rate = typeof value === "bigint" ? Number(value) : value;
  if (typeof rate === "number" && ADAPTER_BAUD_RATES.includes(rate)) return rate;
  return refuse(path, value, `"${AUTOMATIC_BAUD}" or one of ${ADAPTER_BAUD_RATES.join(", ")}`);
};

export const ADAPTER_BAUD_RATES: readonly number[] = [
  ...[9_600, 19_200, 38_400, 57_600, 115_200, 230_400, 460_800, 500_000, 921_600, 1_000_000, ADAPTER_BAUD_MAX],
];

export const vehicleLineKeys = {
  ...lineKeys,
  baud: adapterBaud,
  can: absentOr(text("a CAN interface such as can0", /^[a-z][a-z0-9_.-]{0,14}$/)),
};

export type VehicleLine =
  | {
      readonly kind: "serial";
      readonly path: string;
      readonly baudRate: number | typeof AUTOMATIC_BAUD;
      readonly parity: "none" | "even" | "odd";
      readonly stopBits: 1 | 2;
    }
  | Extract<Line, { kind: "tcp" }>
  | { readonly kind: "can"; readonly interfaceName: string };

/** Refuses two kinds of line at once, and none. `at` is the table. */
export function vehicleLineOf(
  keys: { readonly [Key in keyof typeof vehicleLineKeys]: ReturnType<(typeof vehicleLineKeys)[Key]> },
  at: string,
): VehicleLine {
  const { can, baud, serial, host } = keys;
  if (can !== undefined) {
    if (serial !== undefined || host !== undefined) return refuse(at, "can beside serial or host", "one of them");
    return { kind: "can", interfaceName: can };
  }
  if (serial === undefined && host === undefined) {
    const expected = "serial = a device path, host = an address, or can = an interface";
    return refuse(at, "no serial, no host and no can", expected);
  }
  const line = lineOf({ ...keys, baud: typeof baud === "number" ? baud : 0 }, at);
  return line.kind === "tcp" ? line : { ...line, baudRate: baud };
}
