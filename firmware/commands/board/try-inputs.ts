/** Reads each button and contact: at rest, pressed, and let go again. */
import { PURPOSES, type BoardLine } from "#boards/board.ts";
import { DEBOUNCE_MS, failed, failedBy, Levels, lineFor, requestOf, type Trial } from "./trial.ts";

/** What is to be done to each, and what an input that is active at rest may mean. */
const HANDS = {
  "stop-button": { press: "press it", release: "let it go", atRest: "pressed, stuck, or a contact that opens" },
  "emergency-stop": { press: "press it", release: "turn it back", atRest: "pressed, or its wire is off" },
  "plug-detection": { press: "plug in", release: "pull the plug", atRest: "a plug is in, or a contact that opens" },
} as const satisfies Readonly<Partial<Record<BoardLine["purpose"], unknown>>>;

const ASKED = ["stop-button", "emergency-stop", "plug-detection"] as const;

export async function tryInputs(trial: Trial): Promise<void> {
  for (const purpose of ASKED) {
    const line = lineFor(trial, purpose);
    if (line !== undefined && !trial.stop.aborted) await tryInput(trial, line, HANDS[purpose]);
  }
}

interface Hand {
  readonly press: string;
  readonly release: string;
  readonly atRest: string;
}

async function tryInput(trial: Trial, line: BoardLine, { press, release, atRest }: Hand): Promise<void> {
  const part = PURPOSES[line.purpose];
  const held = holdLevels(trial, line);
  if (held === undefined) return;
  const { levels, letGo } = held;
  const seconds = Math.round(trial.waitMs / 1000);
  const within = `within ${seconds} s`;
  if (levels.level) {
    trial.tell(failed(part, `active at rest: ${atRest}`));
  } else {
    trial.tell({ outcome: "asked", part, text: `${press} ${within}` });
    if (!(await levels.reach(true, trial.waitMs))) trial.tell(failed(part, `nothing was read ${within}`));
    else {
      trial.tell({ outcome: "asked", part, text: release });
      const isBack = await levels.reach(false, trial.waitMs);
      trial.tell(isBack ? { outcome: "ok", part, text: "read, and let go" } : failed(part, "it stays active"));
    }
  }
  letGo();
}

/** Undefined when the chip refuses the line, which has been told. */
export function holdLevels(
  trial: Trial,
  line: BoardLine,
): { readonly levels: Levels; readonly letGo: () => void } | undefined {
  const part = PURPOSES[line.purpose];
  const request = { ...requestOf(line), bias: line.bias, debounceMs: DEBOUNCE_MS };
  const changes: { take: (isActive: boolean) => void } = { take: () => undefined };
  const held = trial.chip.holdInput(request, (isActive) => {
    changes.take(isActive);
  });
  if (!held.ok) {
    trial.tell(failedBy(part, held.fault));
    return undefined;
  }
  const now = held.value.isActive();
  if (!now.ok) {
    held.value.release();
    trial.tell(failedBy(part, now.fault));
    return undefined;
  }
  const levels = new Levels(trial, now.value);
  changes.take = (isActive) => {
    levels.take(isActive);
  };
  return {
    levels,
    letGo: () => {
      held.value.release();
    },
  };
}
