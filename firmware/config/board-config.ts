/** `[board]`: on which board the gateway runs, and which lines are wired otherwise than its table says. */
import { absentOr, table, text, type Reader } from "./shape.ts";

/** By the words of the board tables. */
export type BoardPurpose = (typeof BOARD_KEYS)[number][1];

export interface BoardConfig {
  readonly name: string;
  /** Another line than the board's own, such as `GPIO5`, or `off`. Whether there is such a line, the board knows. */
  readonly overrides: Readonly<Partial<Record<BoardPurpose, string>>>;
}

/** Each key of the file, and the purpose of a line that it stands for. */
export const BOARD_KEYS = [
  ["contactor", "contactor"],
  ["contactor_feedback", "contactor-feedback"],
  ["status_lamp", "status-lamp"],
  ["attention_lamp", "attention-lamp"],
  ["stop_button", "stop-button"],
  ["emergency_stop", "emergency-stop"],
  ["plug_detection", "plug-detection"],
] as const;

const line = absentOr(text('the name of a line such as "GPIO5", or "off"', /^[A-Za-z0-9_.-]{1,32}$/));

const boardTable = table({
  name: text("the name of a board, as `tallystick board list` shows them", /^[a-z0-9-]{1,32}$/),
  contactor: line,
  contactor_feedback: line,
  status_lamp: line,
  attention_lamp: line,
  stop_button: line,
  emergency_stop: line,
  plug_detection: line,
});

/** Undefined without the table: then no line is touched. */
export const boardConfig: Reader<BoardConfig | undefined> = (value, path) => {
  if (value === undefined) return undefined;
  const keys = boardTable(value, path);
  const overrides: Partial<Record<BoardPurpose, string>> = {};
  for (const [key, purpose] of BOARD_KEYS) {
    const wanted = keys[key];
    if (wanted !== undefined) overrides[purpose] = wanted;
  }
  return Object.freeze({ name: keys.name, overrides: Object.freeze(overrides) });
};
