/** Opens the chip on which a board's lines are: the kernel's, or on the bench one in memory. */
import { ok, type Result } from "#base/result.ts";
import { openGpioChip } from "#hal/linux/gpio/open-gpio-chip.ts";
import { MemoryGpio } from "#hal/mock/gpio/memory-gpio.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { GpioChip, GpioFault } from "#hal/ports/gpio-chip.ts";
import type { Board } from "./board.ts";
import { HEADER_LINE_COUNT } from "./header.ts";

export const MEMORY_CHIP = "memory";

/** @returns GPIO_CHIP_MISSING, GPIO_DENIED or GPIO_BINDING_MISSING on a machine that is not this board. */
export async function openBoardChip(board: Board, clock: Clock): Promise<Result<GpioChip, GpioFault>> {
  return board.gpioChip === MEMORY_CHIP ? ok(memoryOf(clock).open()) : await openGpioChip(board.gpioChip, { clock });
}

/** The bench's chip, with lines as on the header; nothing is soldered to it yet. */
export function memoryOf(clock: Clock): MemoryGpio {
  const lines = Array.from({ length: HEADER_LINE_COUNT }, (_, offset) => `GPIO${offset}`);
  return new MemoryGpio({ clock, label: MEMORY_CHIP, lines });
}
