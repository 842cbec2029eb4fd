/** What a cell of a spreadsheet means under its column: columns are the card's keys, and cells have no types. */

/** @param key such as `meter.unit` */
export function typedCell(key: string, cell: string): unknown {
  const last = key.slice(key.lastIndexOf(".") + 1);
  // What is not of the form stays text, and is told to be no number.
  if (NUMBERS.has(last)) return /^-?\d{1,15}(\.\d{1,9})?$/.test(cell) ? Number(cell) : cell;
  if (TRUTHS.has(last)) return TRUTH_WORDS[cell.toLowerCase()] ?? cell;
  if (!LISTS.has(last)) return cell;
  return cell.split(/[\s,]+/).filter((word) => word !== "");
}

const NUMBERS: ReadonlySet<string> = new Set([
  ...["evse", "power_max_w", "phases", "current_max_a", "session_max_hours", "session_max_kwh"],
  ...["offline_max_kwh", "offline_max_charges"],
  ...["unit", "baud", "data_bits", "stop_bits", "tcp_port", "pause_ms", "period_ms", "error_max_percent"],
  ...["circuit_a", "voltage", "grace_hours", "energy_max_kwh", "port"],
]);

const TRUTHS: ReadonlySet<string> = new Set(["guard", "echo", "admit_uncertified"]);
const TRUTH_WORDS: Readonly<Record<string, boolean>> = { true: true, yes: true, false: false, no: false };

const LISTS: ReadonlySet<string> = new Set(["dns", "ntp", "contracts"]);
