/** `1.234,50`, `4,32 €`, `22.11.2026` (DIN 5008). */
import type { Notation } from "./notation.ts";

export const GERMAN_NOTATION: Notation = {
  decimalPoint: ",",
  groupMark: ".",
  currencyPlace: "after",
  date: (day, month, year) => `${padded(day)}.${padded(month)}.${year}`,
};

function padded(value: number): string {
  return value.toString().padStart(2, "0");
}
