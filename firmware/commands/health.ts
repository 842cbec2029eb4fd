/** `health`: whether a running gateway can do its work, for supervisors, updates and people. */
import { ControlError } from "#adapters/control/control-error.ts";
import type { ControlAnswer } from "#adapters/control/control-message.ts";
import { SystemClock } from "#hal/linux/system-clock.ts";
import { notAmong, type CommandArguments } from "./command.ts";
import { CommandError } from "./command-error.ts";
import type { CommandIo } from "./command-io.ts";
import { ask } from "./control.ts";
import { EXIT } from "./exit-code.ts";
import {
  HEALTH_PARTS,
  judgeHealth,
  overallHealth,
  type HealthPart,
  type HealthState,
  type PartHealth,
} from "./judge-health.ts";

const WAIT_SECONDS_MAX = 3600;
const ASK_EVERY_MS = 2000;

export async function runHealth(given: CommandArguments, io: CommandIo): Promise<number> {
  const wanted = wantedParts(given);
  const clock = new SystemClock();
  const untilMs = clock.monotonicMs() + (given.wholeNumber("wait", 0, WAIT_SECONDS_MAX) ?? 0) * 1000;
  let found = await lookAt(given, io, wanted);
  while (found.state === "waiting" && clock.monotonicMs() + ASK_EVERY_MS <= untilMs) {
    await new Promise<void>((resolve) => clock.wakeAt(clock.monotonicMs() + ASK_EVERY_MS, resolve));
    found = await lookAt(given, io, wanted);
  }
  return tell(found, given, io);
}

interface Health {
  readonly state: HealthState;
  readonly says: string;
  readonly parts: readonly PartHealth[];
}

/** Undefined stands for all parts that the role has. */
function wantedParts(given: CommandArguments): ReadonlySet<HealthPart> | undefined {
  const words = given.text("parts")?.split(",");
  if (words === undefined) return undefined;
  return new Set(
    words.map((word) => {
      const part = HEALTH_PARTS.find((each) => each === word);
      if (part !== undefined) return part;
      throw new CommandError(EXIT.usage, `--parts: ${notAmong(word, HEALTH_PARTS)}`);
    }),
  );
}

/** A gateway that does not answer may be starting, or be started again by its supervisor. */
async function lookAt(
  given: CommandArguments,
  io: CommandIo,
  wanted: ReadonlySet<HealthPart> | undefined,
): Promise<Health> {
  let answer: ControlAnswer;
  try {
    answer = await ask(given, io, { command: "health" });
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
    return { state: "waiting", says: error.message, parts: [] };
  }
  if (!answer.ok) {
    const state = answer.code === "CONTROL_BUSY" ? "waiting" : "faulty";
    return { state, says: `the gateway refuses to say: ${answer.message}`, parts: [] };
  }
  const parts = judgeHealth(answer);
  if (parts === undefined) return { state: "faulty", says: "what answers there is no gateway of this kind", parts: [] };
  const state = overallHealth(parts.filter(({ part }) => wanted?.has(part) ?? true));
  return { state, says: SAYS[state], parts };
}

const SAYS: Readonly<Record<HealthState, string>> = {
  healthy: "the gateway is in order",
  waiting: "the gateway is not ready",
  faulty: "the gateway is not in order",
};

const EXIT_OF: Readonly<Record<HealthState, number>> = {
  healthy: EXIT.ok,
  waiting: EXIT.temporary,
  faulty: EXIT.verificationFailed,
};

function tell({ state, says, parts }: Health, given: CommandArguments, io: CommandIo): number {
  if (given.flag("json")) {
    const healthy = parts.filter((each) => each.state === "healthy").map(({ part }) => part);
    io.out(JSON.stringify({ state, says, healthy, parts }));
  } else {
    io.out(says);
    for (const each of parts) io.out(`  ${each.part.padEnd(8)} ${each.state.padEnd(8)} ${each.says}`);
  }
  return EXIT_OF[state];
}
