/** COSEM date-time, 12 bytes (DLMS UA Blue Book, 4.1.6.1), as meters send it in octet strings. */
export interface CosemDateTime {
  /** As the meter's clock shows it, `2019-12-16T07:59:40`. */
  readonly local: string;
  /** What to add to local time for UTC; null where the meter does not say. */
  readonly toUtcMin: number | null;
  readonly isSummerTime: boolean;
}

/** Undefined when the hex is no date-time, or does not state each part down to the second. */
export function readDateTime(hex: string): CosemDateTime | undefined {
  if (!/^[0-9a-f]{24}$/.test(hex)) return undefined;
  const at = (index: number, length = 1): number => Number.parseInt(hex.slice(2 * index, 2 * (index + length)), 16);
  const year = at(0, 2);
  const parts = [at(2), at(3), at(5), at(6), at(7)];
  const limits = [12, 31, 23, 59, 59];
  const isStated = year !== NOT_STATED_YEAR && parts.every((part, index) => part <= (limits[index] ?? 0));
  if (!isStated || parts[0] === 0 || parts[1] === 0) return undefined;
  const [month = "", day = "", hour = "", minute = "", second = ""] = parts.map((part) => `${part}`.padStart(2, "0"));
  const deviation = at(9, 2);
  return {
    local: `${`${year}`.padStart(4, "0")}-${month}-${day}T${hour}:${minute}:${second}`,
    toUtcMin: deviation === NOT_STATED_DEVIATION ? null : (deviation << 16) >> 16,
    isSummerTime: (at(11) & SUMMER_TIME) !== 0,
  };
}

const NOT_STATED_YEAR = 0xffff;
const NOT_STATED_DEVIATION = 0x8000;
const SUMMER_TIME = 0x80;
