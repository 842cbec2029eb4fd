/** Tells data from the adapter's own words. Texts as in the ELM327 data sheet, "Error Messages and Alerts". */

/** What went wrong, by what is to be done about it. */
export type AdapterTrouble =
  /** The adapter lost its settings: a reset, a dip of its supply, or a fatal error of its own. Set it up again. */
  | "rebooted"
  /** The reply is damaged. Ask again. */
  | "damaged"
  /** A byte of ours interrupted it. Ask again. */
  | "interrupted"
  /** The adapter does not know this command. Never ask for it again. */
  | "unknown-command"
  /** Nobody on the bus answered in time. */
  | "no-data"
  /** The bus itself: no acknowledgement, wrong speed, no bus. Stop transmitting for a while. */
  | "bus";

export type AdapterReply =
  | { readonly kind: "lines"; readonly lines: readonly string[] }
  | { readonly kind: "trouble"; readonly trouble: AdapterTrouble; readonly text: string };

/** `command` as it was sent, without its CR: where the echo is on, it stands in front of the reply. */
export function readReply(text: string, command: string): AdapterReply {
  const shown = text.toUpperCase();
  const trouble = TROUBLES.find(([pattern]) => pattern.test(shown));
  if (trouble !== undefined) return { kind: "trouble", trouble: trouble[1], text: oneLine(text) };
  const lines = shown
    .replace(PROGRESS, "")
    .split(/[\r\n]+/)
    .map((line) => line.replace(/[ \t]/g, ""))
    .filter((line) => line.length > 0);
  const [first] = lines;
  return { kind: "lines", lines: first === command.toUpperCase() ? lines.slice(1) : lines };
}

export function isBanner(text: string): boolean {
  return BANNER.test(text.toUpperCase());
}

/** The adapter's name and version out of the text around it, or undefined. */
export function bannerOf(text: string): string | undefined {
  return /ELM32[79][^\r\n>]*/i.exec(text)?.[0].trim();
}

const BANNER = /ELM32[79]/;

/** In this order: a reply that holds a reset banner is worthless whatever else it says. */
const TROUBLES: readonly (readonly [RegExp, AdapterTrouble])[] = [
  [BANNER, "rebooted"],
  [/LV RESET|ACT ALERT|LP ALERT|LOW POWER/, "rebooted"],
  // ERR94 is documented as fatal with loss of the settings; the other numbers are not documented at all.
  [/ERR ?\d\d|FB ERROR/, "rebooted"],
  [/STOPPED/, "interrupted"],
  [/BUFFER FULL/, "damaged"],
  [/RX ERROR|DATA ERROR/, "damaged"],
  [/UNABLE TO CONNECT|BUS INIT: ?\.*ERROR|BUS ERROR|BUS BUSY|CAN ERROR/, "bus"],
  [/NO DATA/, "no-data"],
  [/^\s*\?\s*$/m, "unknown-command"],
];

/** What a protocol search prints in front of the data, on the same line or the one before. */
const PROGRESS = /SEARCHING\.*|BUS INIT: ?\.*OK/g;

function oneLine(text: string): string {
  return text
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line.length > 0)
    .join(" | ")
    .slice(0, 120);
}
