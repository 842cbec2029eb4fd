/** How long a gateway keeps the blocks of others' charges: days of block time, or everything for ever. */
import { fail, ok, type Result } from "#base/result.ts";
import { refuse, type Reader } from "./shape.ts";

/** Protocol 2.15. */
export const KEEP_DAYS_DEFAULT = 90;
/**
 * What a car's terms say of its own loss is computed from blocks of the last 67 days (the longest charge, grace and
 * healing window): whoever has fewer could not agree to them.
 */
export const KEEP_DAYS_MIN = 70;
const KEEP_DAYS_MAX = 36_500;

const EXPECTED = `"all" (or 0), or whole days from ${KEEP_DAYS_MIN} to ${KEEP_DAYS_MAX}`;

/** Days, or "all". */
export type KeepDays = number | "all";

export const keepDays: Reader<KeepDays> = (value, path) => {
  const read = readKeepDays(typeof value === "bigint" ? Number(value) : value);
  return read.ok ? read.value : refuse(path, value, EXPECTED);
};

/** Of a configuration or a command line; the fault says what is allowed. */
export function readKeepDays(value: unknown): Result<KeepDays, string> {
  const found = typeof value === "string" && /^\d{1,9}$/.test(value) ? Number(value) : value;
  if (found === "all" || found === 0) return ok("all");
  const isDays = typeof found === "number" && Number.isInteger(found);
  return isDays && found >= KEEP_DAYS_MIN && found <= KEEP_DAYS_MAX ? ok(found) : fail(EXPECTED);
}
