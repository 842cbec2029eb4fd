/** The contracts of the chip and of what johnny-five makes of it, on lines of a real kernel. */
import { setTimeout as wait } from "node:timers/promises";

import { gpioBoardContract } from "../contract/gpio-board.ts";
import { gpioChipContract } from "../contract/gpio-chip.ts";
import { simulatedFixture } from "./open-simulated.ts";

const pass = async (durationMs: number): Promise<void> => {
  await wait(durationMs);
};

gpioChipContract("gpio-sim, by edge events", () => ({ ...simulatedFixture(), pass }));
gpioChipContract("gpio-sim, by looking", () => ({ ...simulatedFixture({ inputs: "polled" }), pass }));
gpioBoardContract("gpio-sim", simulatedFixture);
