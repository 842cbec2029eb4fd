/**
 * `board test`: is everything that is soldered to the board what the table says? Lamps walk through their patterns,
 * buttons are asked for, serial lines are looked at; the contactor is closed only when it is said twice.
 *
 * A gateway that runs on the same board holds the lines: it has to be stopped first.
 */
import { stat } from "node:fs/promises";
import { openBoardChip, MEMORY_CHIP } from "#boards/open-board-chip.ts";
import { ScaledClock } from "#hal/linux/scaled-clock.ts";
import { SystemClock } from "#hal/linux/system-clock.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { GpioChip, GpioFault } from "#hal/ports/gpio-chip.ts";
import type { CommandArguments } from "../command.ts";
import { CommandError } from "../command-error.ts";
import type { CommandIo } from "../command-io.ts";
import { EXIT } from "../exit-code.ts";

import { benchHands, type BenchHands } from "./bench-hands.ts";
import { chosenBoard, type ChosenBoard } from "./chosen-board.ts";
import { groupName, lookAtPorts } from "./look-at-ports.ts";
import { failed, failedBy, type Finding, type Trial } from "./trial.ts";
import { tryInputs } from "./try-inputs.ts";
import { tryLamps } from "./try-lamps.ts";
import { tryRelay } from "./try-relay.ts";

const WAIT_SECONDS = 20;
/** Nobody watches the lamps of the chip in memory: they are walked through faster. All else takes its time. */
const BENCH_SPEED = 25;

export async function testBoard(name: string | undefined, given: CommandArguments, io: CommandIo): Promise<number> {
  const withRelay = relayWanted(given);
  const waitSeconds = given.wholeNumber("wait", 1, 600) ?? WAIT_SECONDS;
  const chosen = await chosenBoard(name, given, io);
  const report = new Report(given.flag("json"), io);
  const isBench = chosen.board.gpioChip === MEMORY_CHIP;
  const clock = new SystemClock();
  for (const finding of await lookAtPorts(chosen.board.serialPorts, chosen.serialPaths)) report.take(finding);

  const hands = isBench ? benchHands(chosen.lines, clock) : undefined;
  const chip = hands?.chip ?? (await openChip(chosen, clock, report));
  if (chip === undefined) return report.end(chosen);
  const stop = new AbortController();
  io.onStop(() => {
    stop.abort();
  });
  const tell = (finding: Finding): void => {
    report.take(finding);
    hands?.follow(finding);
  };
  const trial: Trial = { chip, lines: chosen.lines, clock, tell, waitMs: waitSeconds * 1000, stop: stop.signal };
  try {
    await tryLamps(isBench ? { ...trial, clock: fasterThan(clock) } : trial);
    await runTrial(trial, withRelay, hands);
  } finally {
    chip.close();
  }
  if (stop.signal.aborted) report.take(failed("test", "stopped before its end", EXIT.temporary));
  return report.end(chosen);
}

async function runTrial(trial: Trial, withRelay: boolean, hands: BenchHands | undefined): Promise<void> {
  for (const finding of hands?.witness() ?? []) trial.tell(finding);
  await tryInputs(trial);
  if (withRelay) await tryRelay(trial);
  else trial.tell({ outcome: "note", part: "contactor relay", text: "not switched; --relay does" });
}

function relayWanted(given: CommandArguments): boolean {
  if (!given.flag("relay")) {
    if (given.flag("yes")) throw new CommandError(EXIT.usage, "--yes is for --relay, and that is not there");
    return false;
  }
  if (given.flag("yes")) return true;
  throw new CommandError(
    EXIT.usage,
    "--relay closes the contactor for a second, without any contract and meter: what is plugged in gets power. " +
      "Pull every plug, then say --relay --yes",
  );
}

function fasterThan(real: Clock): Clock {
  return new ScaledClock({ realEpochMs: real.wallMs(), worldEpochMs: real.wallMs(), speed: BENCH_SPEED }, real);
}

async function openChip({ board }: ChosenBoard, clock: Clock, report: Report): Promise<GpioChip | undefined> {
  const opened = await openBoardChip(board, clock);
  if (opened.ok) {
    report.take({ outcome: "ok", part: "GPIO", text: `chip ${board.gpioChip} is there, and this user may open it` });
    return opened.value;
  }
  report.take(failedBy("GPIO", opened.fault));
  const group = await groupOf(opened.fault);
  if (group !== undefined) report.take({ outcome: "note", part: "GPIO", text: `its group is ${group}` });
  return undefined;
}

async function groupOf(fault: GpioFault): Promise<string | undefined> {
  if (fault.code !== "GPIO_DENIED") return undefined;
  const about = await stat(fault.path).catch(() => undefined);
  return about === undefined ? undefined : await groupName(about.gid);
}

/** Says each finding at once, and what they come to at the end. */
class Report {
  readonly #isJson: boolean;
  readonly #io: CommandIo;
  #failures: Extract<Finding, { readonly outcome: "failed" }>[] = [];

  constructor(isJson: boolean, io: CommandIo) {
    this.#isJson = isJson;
    this.#io = io;
  }

  take(finding: Finding): void {
    if (finding.outcome === "failed") this.#failures.push(finding);
    const { outcome, part, text } = finding;
    this.#io.out(this.#isJson ? JSON.stringify({ outcome, part, text }) : `${WORDS[outcome]}  ${part}: ${text}`);
  }

  end({ board }: ChosenBoard): number {
    const [first] = this.#failures;
    const count = this.#failures.length;
    const said = count === 0 ? "all that was tried works" : `${count} of what was tried does not work`;
    this.#io.err(`board ${board.name}: ${said}`);
    return first?.exitCode ?? EXIT.ok;
  }
}

const WORDS: Readonly<Record<Finding["outcome"], string>> = {
  ok: "ok    ",
  failed: "FAILED",
  asked: "  ->  ",
  note: "note  ",
};
