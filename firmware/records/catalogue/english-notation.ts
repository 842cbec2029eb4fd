/** `1,234.50`, `€4.32`, `22 Nov 2026`. */
import type { Notation } from "./notation.ts";

export const ENGLISH_NOTATION: Notation = {
  decimalPoint: ".",
  groupMark: ",",
  currencyPlace: "before",
  date: (day, month, year) => `${day} ${MONTHS[month - 1] ?? ""} ${year}`,
};

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
