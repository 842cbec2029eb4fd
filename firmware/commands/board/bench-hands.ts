/**
 * Hands and a contactor for the chip in memory: whoever is asked to press something does so, a moment later, and the
 * auxiliary contact follows the coil.
 */
import { PURPOSES, type BoardLine } from "#boards/board.ts";
import { MEMORY_CHIP, memoryOf } from "#boards/open-board-chip.ts";
import type { MemoryGpio } from "#hal/mock/gpio/memory-gpio.ts";
import type { Level } from "#hal/mock/gpio/memory-line.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { GpioChip } from "#hal/ports/gpio-chip.ts";
import type { Finding } from "./trial.ts";

export interface BenchHands {
  readonly chip: GpioChip;
  /** Does what a finding asks for. */
  follow(finding: Finding): void;
  /** What was really seen on the lines of the lamps. */
  witness(): readonly Finding[];
}

const REACTION_MS = 100;
const CONTACTOR_MS = 30;
/** Ten states are walked through, and each one goes on and off. */
const LAMP_CHANGES_MIN = 10;

export function benchHands(lines: readonly BoardLine[], clock: Clock): BenchHands {
  const memory = memoryOf(clock);
  for (const line of lines) if (line.direction === "input") memory.drive(line.offset, levelOf(line, false));
  wireContactor(memory, lines);
  return {
    chip: memory.open(),
    follow: ({ outcome, part }) => {
      const line = lines.find((each) => PURPOSES[each.purpose] === part);
      if (outcome !== "asked" || line?.direction !== "input") return;
      const isActive = memory.level(line.offset) === levelOf(line, true);
      clock.wakeAt(clock.monotonicMs() + REACTION_MS, () => {
        memory.drive(line.offset, levelOf(line, !isActive));
      });
    },
    witness: () => lines.filter(({ purpose }) => purpose.endsWith("-lamp")).map((line) => witness(memory, line)),
  };
}

function wireContactor(memory: MemoryGpio, lines: readonly BoardLine[]): void {
  const coil = lines.find(({ purpose }) => purpose === "contactor");
  const contact = lines.find(({ purpose }) => purpose === "contactor-feedback");
  if (coil === undefined || contact === undefined) return;
  const isInverted = coil.activeLow !== contact.activeLow;
  memory.wire(coil.offset, contact.offset, { delayMs: CONTACTOR_MS, ...(isInverted ? { isInverted } : {}) });
}

function levelOf({ activeLow }: BoardLine, isActive: boolean): Level {
  return isActive === activeLow ? 0 : 1;
}

function witness(memory: MemoryGpio, line: BoardLine): Finding {
  const changes = memory.history(line.offset).length;
  const part = PURPOSES[line.purpose];
  const text = `${changes} changes on line ${line.offset} of chip ${MEMORY_CHIP}`;
  return changes >= LAMP_CHANGES_MIN ? { outcome: "ok", part, text } : { outcome: "failed", part, text, exitCode: 70 };
}
