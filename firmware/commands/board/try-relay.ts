/** Closes the contactor for a second and reads its auxiliary contact. Nothing may be plugged in while this runs. */
import { PURPOSES } from "#boards/board.ts";
import { failed, failedBy, lineFor, pause, requestOf, type Levels, type Trial } from "./trial.ts";
import { holdLevels } from "./try-inputs.ts";

const CLOSED_MS = 1_000;
/** AC coils take 30 ms, DC coils with a diode up to 200. */
const FOLLOWS_MS = 500;
const PART = PURPOSES.contactor;

export async function tryRelay(trial: Trial): Promise<void> {
  const line = lineFor(trial, "contactor");
  if (line === undefined) {
    trial.tell({ outcome: "note", part: PART, text: "none is wired" });
    return;
  }
  if (isStopDemanded(trial)) return;
  const feedbackLine = lineFor(trial, "contactor-feedback");
  const feedback = feedbackLine === undefined ? undefined : holdLevels(trial, feedbackLine);
  if (feedbackLine !== undefined && feedback === undefined) return;
  const coil = trial.chip.holdOutput({ ...requestOf(line), isActive: false });
  if (coil.ok) {
    await cycle(trial, feedback?.levels, (isClosed) => {
      const done = coil.value.set(isClosed);
      if (!done.ok) trial.tell(failedBy(PART, done.fault));
      return done.ok;
    });
    coil.value.release();
  } else trial.tell(failedBy(PART, coil.fault));
  feedback?.letGo();
}

/** Somebody who demands a stop gets it, from a test as well. */
function isStopDemanded(trial: Trial): boolean {
  const line = lineFor(trial, "emergency-stop");
  if (line === undefined) return false;
  const held = holdLevels(trial, line);
  if (held === undefined) return true;
  const isDemanded = held.levels.level;
  held.letGo();
  if (isDemanded) trial.tell(failed(PART, "not closed: the emergency stop is active"));
  return isDemanded;
}

async function cycle(trial: Trial, feedback: Levels | undefined, set: (isClosed: boolean) => boolean): Promise<void> {
  if (feedback !== undefined && !(await feedback.reach(false, FOLLOWS_MS))) {
    trial.tell(failed(PART, "not closed: its auxiliary contact says that it is closed already; is it welded?"));
    return;
  }
  if (isStopped(trial)) return;
  trial.tell({ outcome: "note", part: PART, text: "closing it for a second" });
  if (!set(true)) return;
  const hasClosed = await feedback?.reach(true, FOLLOWS_MS);
  await pause(trial, CLOSED_MS);
  if (!set(false)) return;
  const hasOpened = await feedback?.reach(false, FOLLOWS_MS);
  if (isStopped(trial)) return;
  if (hasClosed === undefined) {
    trial.tell({ outcome: "note", part: PART, text: "switched; without an auxiliary contact only ears can tell" });
  } else if (!hasClosed) trial.tell(failed(PART, `its auxiliary contact did not close within ${FOLLOWS_MS} ms`));
  else if (hasOpened === false) trial.tell(failed(PART, `it did not open within ${FOLLOWS_MS} ms: take the power off`));
  else trial.tell({ outcome: "ok", part: PART, text: "closed and opened, and its auxiliary contact followed" });
}

/** Asked anew each time: it changes while something is waited for. */
function isStopped({ stop }: Trial): boolean {
  return stop.aborted;
}
