/** Walks the lamps through everything that they can say, on the same way as the gateway does. */
import type { BoardLine } from "#boards/board.ts";
import { openGpioBoard } from "#hal/linux/johnny-five/open-gpio-board.ts";
import type { IndicatorState, Lamp } from "#hal/ports/indicator.ts";
import { LampIndicator } from "#hal/protocols/indicator/lamp-indicator.ts";
import { LAMP_PATTERNS, type LampColour, type LampPattern } from "#hal/protocols/indicator/lamp-patterns.ts";
import { failedBy, lineFor, pause, requestOf, type Trial } from "./trial.ts";

/** Long enough to recognize a pattern; slow ones get their whole rhythm. */
const SHOWN_MS = 2_000;

export async function tryLamps(trial: Trial): Promise<void> {
  const status = lineFor(trial, "status-lamp");
  const attention = lineFor(trial, "attention-lamp");
  const [green, red] = [status ?? attention, attention ?? status];
  if (green === undefined || red === undefined) {
    trial.tell({ outcome: "note", part: "lamps", text: "none is wired" });
    return;
  }
  const wired = [...new Set([green, red])];
  const opened = await openGpioBoard(
    trial.chip,
    wired.map((line) => ({ kind: "output", ...requestOf(line) }) as const),
  );
  if (!opened.ok) {
    trial.tell(failedBy("lamps", opened.fault));
    return;
  }
  const lamps = new Map(wired.map((line) => [line, opened.value.lamp(line.offset)]));
  const faults = await play(trial, (colour) => lampOf(lamps, colour === "green" || colour === "blue" ? green : red));
  opened.value.close();
  if (faults === 0) {
    const text = `${wired.length === 1 ? "one lamp" : "both lamps"} switched without a fault; lit as said?`;
    trial.tell({ outcome: "ok", part: "lamps", text });
  }
}

function lampOf(lamps: ReadonlyMap<BoardLine, Lamp>, line: BoardLine): Lamp {
  const lamp = lamps.get(line);
  if (lamp === undefined) throw new Error(`bug: ${line.purpose} was not opened`);
  return lamp;
}

async function play(trial: Trial, lamp: (colour: LampColour) => Lamp): Promise<number> {
  let faults = 0;
  const indicator = new LampIndicator({
    clock: trial.clock,
    lamps: { green: lamp("green"), blue: lamp("blue"), amber: lamp("amber"), red: lamp("red") },
    onFault: (fault) => {
      faults += 1;
      trial.tell(failedBy("lamps", fault));
    },
  });
  for (const [state, pattern] of PATTERNS) {
    if (trial.stop.aborted) break;
    const which = pattern.colour === "green" || pattern.colour === "blue" ? "status lamp" : "attention lamp";
    trial.tell({ outcome: "asked", part: "lamps", text: `look: ${which}, ${pattern.looksLike} (${state})` });
    indicator.show(state);
    await pause(
      trial,
      Math.max(
        SHOWN_MS,
        pattern.rhythmMs.reduce((sum, durationMs) => sum + durationMs, 0),
      ),
    );
  }
  indicator.close();
  return faults;
}

const PATTERNS: readonly (readonly [IndicatorState, LampPattern])[] = (
  [
    "starting",
    "ready",
    "plugged",
    "agreeing",
    "charging",
    "noNetwork",
    "noClock",
    "attention",
    "updating",
    "fault",
  ] as const
).map((state) => [state, LAMP_PATTERNS[state]]);
