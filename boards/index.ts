/** The boards by name. A new one is a table beside these and a line here. */
import type { Board } from "./board.ts";
import { bench } from "./models/bench.ts";
import { cm4Din } from "./models/cm4-din.ts";
import { rpi3bPlus } from "./models/rpi3b-plus.ts";
import { rpi4b } from "./models/rpi4b.ts";
import { rpi5 } from "./models/rpi5.ts";
import { rpiZero2w } from "./models/rpi-zero2w.ts";

export const BOARDS: readonly Board[] = [rpi3bPlus, rpi4b, rpi5, rpiZero2w, cm4Din, bench];

export function boardNamed(name: string): Board | undefined {
  return BOARDS.find((board) => board.name === name);
}
