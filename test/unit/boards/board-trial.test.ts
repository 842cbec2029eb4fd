/** `board test` against what is soldered wrong: each fault of the wiring is found, and the contactor is spared. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { BoardLine } from "#boards/board.ts";
import { rpi4b } from "#boards/models/rpi4b.ts";
import { memoryOf } from "#boards/open-board-chip.ts";
import type { Finding, Trial } from "#firmware/commands/board/trial.ts";
import { tryInputs } from "#firmware/commands/board/try-inputs.ts";
import { tryRelay } from "#firmware/commands/board/try-relay.ts";
import type { MemoryGpio } from "#hal/mock/gpio/memory-gpio.ts";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";

const CONTACTOR = 17;
const FEEDBACK = 27;
const STOP = 24;
const EMERGENCY = 25;

interface Tried {
  readonly findings: readonly Finding[];
  readonly memory: MemoryGpio;
}

interface Circumstances {
  readonly wiring?: (memory: MemoryGpio) => void;
  readonly stop?: AbortSignal;
  readonly lines?: readonly BoardLine[];
}

async function run(step: (trial: Trial) => Promise<void>, circumstances: Circumstances = {}): Promise<Tried> {
  const clock = new SimulatedClock();
  const memory = memoryOf(clock);
  memory.drive(EMERGENCY, 0);
  memory.drive(FEEDBACK, 1);
  circumstances.wiring?.(memory);
  const findings: Finding[] = [];
  const { lines = rpi4b.lines, stop = new AbortController().signal } = circumstances;
  const tell = (finding: Finding): void => void findings.push(finding);
  const chip = memory.open();
  await clock.runUntilSettled(step({ chip, lines, clock, tell, waitMs: 5_000, stop }));
  chip.close();
  return { findings, memory };
}

function textOf({ findings }: Tried, outcome: Finding["outcome"]): string {
  return findings
    .filter((finding) => finding.outcome === outcome)
    .map(({ part, text }) => `${part}: ${text}`)
    .join("\n");
}

function wired(memory: MemoryGpio): ReturnType<MemoryGpio["wire"]> {
  return memory.wire(CONTACTOR, FEEDBACK, { delayMs: 30, isInverted: true });
}

const test = suite("board test on faulty wiring");

test("a contactor that follows is fine, and is open afterwards", async () => {
  const tried = await run(tryRelay, { wiring: (memory) => void wired(memory) });
  assert.is(textOf(tried, "failed"), "");
  assert.match(textOf(tried, "ok"), /closed and opened/);
  assert.equal(
    tried.memory.history(CONTACTOR).map(({ level }) => level),
    [1, 0],
  );
});

test("a welded contactor is found before anything is switched", async () => {
  const tried = await run(tryRelay, {
    wiring: (memory) => {
      wired(memory).stickAt(1);
    },
  });
  assert.match(textOf(tried, "failed"), /is it welded/);
  assert.is(tried.memory.history(CONTACTOR).length, 0);
});

test("a contactor that does not close is found", async () => {
  assert.match(textOf(await run(tryRelay), "failed"), /did not close within 500 ms/);
});

test("while an emergency stop is demanded, or its wire is off, the contactor is not closed", async () => {
  const tried = await run(tryRelay, {
    wiring: (memory) => {
      memory.drive(EMERGENCY, undefined);
    },
  });
  assert.match(textOf(tried, "failed"), /the emergency stop is active/);
  assert.is(tried.memory.history(CONTACTOR).length, 0);
});

test("a contactor that a running gateway holds is left alone", async () => {
  const tried = await run(tryRelay, {
    wiring: (memory) => void memory.open("tallystick").holdOutput({ line: CONTACTOR, isActive: false }),
  });
  const [failure] = tried.findings.filter(({ outcome }) => outcome === "failed");
  assert.ok(failure?.outcome === "failed" && failure.exitCode === 75);
  assert.is(tried.memory.history(CONTACTOR).length, 0);
});

test("a stopped test closes no contactor", async () => {
  const tried = await run(tryRelay, { wiring: (memory) => void wired(memory), stop: AbortSignal.abort() });
  assert.is(tried.memory.history(CONTACTOR).length, 0);
});

test("without an auxiliary contact the contactor clicks, and nothing is claimed", async () => {
  const lines = rpi4b.lines.filter(({ purpose }) => purpose !== "contactor-feedback");
  const tried = await run(tryRelay, { lines });
  assert.is(textOf(tried, "ok"), "");
  assert.match(textOf(tried, "note"), /only ears can tell/);
  assert.is(tried.memory.level(CONTACTOR), 0);
});

test("a button that nobody presses, and a stop that is active at rest", async () => {
  const tried = await run(tryInputs, {
    wiring: (memory) => {
      memory.drive(EMERGENCY, 1);
    },
  });
  assert.match(textOf(tried, "failed"), /^stop button: nothing was read within 5 s$/m);
  assert.match(textOf(tried, "failed"), /^emergency stop: active at rest: pressed, or its wire is off$/m);
});

test("a button that sticks is found", async () => {
  const clock = new SimulatedClock();
  const memory = memoryOf(clock);
  const findings: Finding[] = [];
  const lines = rpi4b.lines.filter(({ purpose }) => purpose === "stop-button");
  const tell = (finding: Finding): void => {
    findings.push(finding);
    if (finding.outcome === "asked") memory.drive(STOP, 0);
  };
  const chip = memory.open();
  const stop = new AbortController().signal;
  await clock.runUntilSettled(tryInputs({ chip, lines, clock, tell, waitMs: 5_000, stop }));
  assert.match(textOf({ findings, memory }, "failed"), /it stays active/);
});

test.run();
